import { z } from 'zod';
import { framingShape, inputShape } from '../../config/schema.js';
import { timezone } from '../../config/timezone.js';
import { size } from '../../config/units.js';
export const stdinInputSchema = z.strictObject({
    type: z.literal('stdin'),
    ...inputShape,
    broker: z.string().meta({ description: 'How the broker speaks', examples: ['mosquitto', 'emqx'] }),
    timezone: timezone.optional(),
    ...framingShape,
    limit: size.default(1024 * 1024).meta({ description: 'Bytes that are kept of one line' }),
    stamp: z.string().optional().meta({ description: 'strftime form of the stamp; default: detected' }),
});
