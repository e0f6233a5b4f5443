import { z } from 'zod';
import { exposureProblem, listenAddress, listenerShape } from '../../config/listening.js';
import { payload } from '../../config/payload.js';
import { inputShape } from '../../config/schema.js';
import { size } from '../../config/units.js';
import { fields } from './fields.js';
/** Connections hold what has no line end yet in memory. */
const MAX_LIMIT = 32 * 2 ** 20;
export const tcpInputSchema = z
    .strictObject({
    type: z.literal('tcp'),
    ...inputShape,
    broker: z.string().meta({ description: 'How the senders speak', examples: ['hicap', 'json'] }),
    listen: listenAddress.prefault('127.0.0.1:12345'),
    auth: z
        .literal('none', {
        error: 'write none; who may connect is said by "allow", or by "tls: {cert, key, ca}"',
    })
        .optional()
        .meta({ description: 'none: everybody may connect' }),
    ...listenerShape,
    limit: size
        .default(2 ** 20)
        .refine((bytes) => bytes >= 1024 && bytes <= MAX_LIMIT, 'write a size from 1KiB to 32MiB')
        .meta({
        description: 'Bytes that are kept of one line; one that is 16 times longer closes its connection',
    }),
    when_full: z.enum(['block', 'drop_oldest'], { error: 'write block or drop_oldest' }).optional().meta({
        description: 'Stop reading, or drop the oldest lines; default: drop_oldest for hicap, whose broker stands still meanwhile, else spool.when_full',
    }),
    fields: fields.optional(),
    payload,
})
    .superRefine((input, context) => {
    if (input.broker === 'json' && input.fields === undefined) {
        const text = 'is missing: the keys of the records, as {event.action: kind, mqtt.topic: topic}';
        context.addIssue({ code: 'custom', path: ['fields'], message: text });
    }
    if (input.broker !== 'json' && input.fields !== undefined) {
        const text = `${input.broker} has fields of its own; write "broker: json", or leave it out`;
        context.addIssue({ code: 'custom', path: ['fields'], message: text });
    }
    const message = exposureProblem(input, '"allow: [ADDRESS]", "tls: {cert, key, ca}"');
    if (message !== undefined)
        context.addIssue({ code: 'custom', path: ['listen'], message });
});
/**
 * What happens to lines without room; undefined: what the spool does. The broker of HICAP does nothing while its collector
 * does not read.
 */
export function whenFullOf({ when_full: chosen, broker }) {
    return chosen ?? (broker === 'hicap' ? 'drop_oldest' : undefined);
}
