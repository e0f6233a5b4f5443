/** `1 line`, `2 lines`. @param many where it is not the word with an s */
export function amount(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
