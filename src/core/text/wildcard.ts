/** `*` stands for any run of characters. Linear in the length of both. */
export function matchesWildcard(pattern: string, value: string): boolean {
  const [head = '', ...rest] = pattern.split('*');
  if (!value.startsWith(head)) return false;
  const tail = rest.pop();
  if (tail === undefined) return value === head;
  let at = head.length;
  for (const part of rest) {
    const found = value.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return value.length - tail.length >= at && value.endsWith(tail);
}
