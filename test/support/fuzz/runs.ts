import type { Parameters as RunParameters } from 'fast-check';

/** More runs than `npm test` has the time for: FUZZ=100 for a hundred times as many, FUZZ_SEED for others. */
export function runs<T>(count: number): RunParameters<T> {
  const { FUZZ = '1', FUZZ_SEED = '2' } = process.env;
  return { numRuns: Math.ceil(count * Number(FUZZ)), seed: Number(FUZZ_SEED) };
}
