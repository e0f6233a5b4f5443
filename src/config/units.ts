import { z } from 'zod';

const DURATION_MS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const SIZE_BYTES: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
};

/** Timers of Node.js hold no more: they would end at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A span of time that nobody waits for, written `50ms`, `5s`, `2m`, `1h` or `7d`; in milliseconds. */
export const span = z
  .string({ error: 'write a duration such as "5s" or "2m"' })
  .meta({ title: 'duration', description: 'A duration: a number and ms, s, m, h or d', examples: ['5s'] })
  .transform((text, context) =>
    scaled(text, /^(\d+(?:\.\d+)?) ?(ms|s|m|h|d)$/, DURATION_MS, 'a duration such as "5s" or "2m"', context),
  );

/** A time to wait, written as a span. */
export const duration = span.refine((ms) => ms <= MAX_TIMER_MS, 'write at most "24d"');

/** An amount of bytes, written `1KiB`, `16MiB`, `10GiB`, `5MB` or a plain number; in bytes. */
export const size = z
  .union([z.string(), z.number().int().nonnegative()], { error: 'write a size such as "16MiB"' })
  .meta({
    title: 'size',
    description: 'A size: a number and KiB, MiB, GiB, kB, MB or GB; without unit: bytes',
    examples: ['16MiB'],
  })
  .transform((value, context) =>
    scaled(
      String(value),
      /^(\d+(?:\.\d+)?) ?(B|kB|KB|MB|GB|KiB|MiB|GiB|)$/,
      SIZE_BYTES,
      'a size such as "16MiB"',
      context,
    ),
  );

/** A size of at least so many bytes. @param written the least one, as it stands in a configuration */
export const sizeFrom = (least: number, written: string) =>
  size.refine((bytes) => bytes >= least, {
    error: ({ input }) =>
      `this is ${input} bytes: write at least "${written}", with the unit, such as "100MB"`,
  });

/**
 * One or more strings; one string with commas is a list too, so that an environment variable can hold it.
 * @param wanted what to write
 */
export const listOf = (wanted: string) =>
  z
    .union([z.string(), z.array(z.string()).min(1)], { error: `write ${wanted}` })
    .transform((value) => (typeof value === 'string' ? value.split(',').map((part) => part.trim()) : value))
    .refine((values) => values.every((value) => value !== ''), 'empty value in the list')
    .meta({ title: 'text, or list of texts' });

/** A list of whatever there may be one of. */
export const list = listOf('one value or a list');

/** A whole number that may be written as a string, as environment variables are; an empty one is none. */
export const count = (min: number, max: number) => {
  const error = `write a whole number from ${min} to ${max}`;
  const number = z.int().min(min, error).max(max, error);
  return z
    .union([number, z.string().regex(/^\d+$/).transform(Number).pipe(number)], { error })
    .meta({ title: `number from ${min} to ${max}` });
};

/** `true` or `false`, as a string too. */
export const flag = z
  .union([z.boolean(), z.enum(['true', 'false'])], { error: 'write true or false' })
  .transform((value) => value === true || value === 'true')
  .meta({ title: 'true or false' });

/** A value of a schema as people write it: `50ms` for a duration of 50, `16MiB` for a size; undefined: it cannot be written. */
export function written(schema: z.core.$ZodType, value: unknown): unknown {
  const texts = [DURATION_MS, SIZE_BYTES].flatMap((units) =>
    Object.entries(units)
      .map(([unit, factor]) => ({ number: Number(value) / factor, unit }))
      .filter(({ number, unit }) => unit !== '' && Number.isInteger(number) && number > 0)
      .toSorted((a, b) => a.number - b.number)
      .map(({ number, unit }) => `${number}${unit}`),
  );
  return [...texts, value].find((text) => {
    const { success, data } = z.core.safeParse(schema, text);
    return success && data === value;
  });
}

function scaled(
  text: string,
  form: RegExp,
  units: Readonly<Record<string, number>>,
  wanted: string,
  context: z.RefinementCtx,
): number {
  const [, number, unit = ''] = form.exec(text.trim()) ?? [];
  const factor = units[unit];
  if (number === undefined || factor === undefined) {
    context.addIssue({ code: 'custom', message: `"${text}" is not ${wanted}` });
    return z.NEVER;
  }
  return Math.round(Number(number) * factor);
}
