import { z } from 'zod';
import { filterShape } from '../../config/filters.ts';
import { count, sizeFrom } from '../../config/units.ts';

export const fileOutputSchema = z.strictObject({
  type: z.literal('file'),
  ...filterShape,
  path: z
    .string()
    .min(1)
    .meta({ description: 'The file', examples: ['/var/log/brokertap/events.ndjson'] }),
  rotate: z
    .strictObject({
      size: sizeFrom(1024, '1KiB')
        .default(100 * 1024 * 1024)
        .meta({ description: 'Rotates before the file grows beyond it' }),
      keep: count(0, 1000).default(5).meta({ description: 'Older files that are kept' }),
    })
    .optional()
    .transform((value) => (value === undefined ? undefined : { sizeBytes: value.size, keep: value.keep }))
    .meta({ description: 'Goes on in a new file when this one is full; default: never' }),
});

export type FileOutputConfig = z.infer<typeof fileOutputSchema>;
