import { z } from 'zod';
import { framingShape, inputShape } from '../../config/schema.ts';
import { timezone } from '../../config/timezone.ts';
import { listOf, size } from '../../config/units.ts';

export const fileInputSchema = z.strictObject({
  type: z.literal('file'),
  ...inputShape,
  broker: z.string().meta({ description: 'How the broker speaks', examples: ['mosquitto', 'emqx'] }),
  paths: listOf('a path, or a list of paths').meta({
    description: 'Log files; * and ** are wildcards',
    examples: [['/mosquitto/log/*.log']],
  }),
  start: z
    .enum(['beginning', 'end'])
    .default('beginning')
    .meta({ description: 'Where to start in files that are there at the very first start' }),
  timezone: timezone.optional(),
  ...framingShape,
  limit: size.default(1024 * 1024).meta({ description: 'Bytes that are kept of one line' }),
  stamp: z
    .string()
    .optional()
    .meta({ description: 'strftime form of the stamp; default: detected', examples: ['%d/%b/%Y %H:%M:%S'] }),
  spool: z.boolean().default(false).meta({
    description: 'Copy the lines into the spool as they come: for logs that are deleted early',
  }),
  original: z.boolean().default(false).meta({ description: 'Keep the line as it is in event.original' }),
});

export type FileInputConfig = z.infer<typeof fileInputSchema>;
