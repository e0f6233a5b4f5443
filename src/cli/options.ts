import { UsageError } from '../core/errors.ts';

/** Collects the values of an option that may be given several times. */
export function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

/**
 * A whole number above 0.
 * @param option its name, for the message
 * @throws UsageError when the value is none
 */
export function countOf(option: string, value: string): number {
  const count = Number(value);
  if (/^\d+$/.test(value) && count > 0 && Number.isSafeInteger(count)) return count;
  throw new UsageError(`${option} ${value}: write a whole number above 0, such as 10`);
}
