import { z } from 'zod';
import { framingShape, inputShape } from '../../config/schema.js';
import { timezone } from '../../config/timezone.js';
import { list, size } from '../../config/units.js';
export const fileInputSchema = z.strictObject({
    type: z.literal('file'),
    ...inputShape,
    broker: z.string().meta({ description: 'How the broker speaks', examples: ['mosquitto', 'emqx'] }),
    paths: list.meta({
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
