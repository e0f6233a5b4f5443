import { z } from 'zod';
import { payload } from '../../config/payload.ts';
import { inputShape } from '../../config/schema.ts';
import { checkPair, tlsShape } from '../../config/tls.ts';
import { list, size, span } from '../../config/units.ts';
import { covers, filterProblem, overlaps } from '../../core/mqtt/topic.ts';
import { type TlsEndpoint, tlsEndpoints } from '../../net/tls-endpoint.ts';
import { compileFilter } from './session/filters.ts';

const LOG_TOPICS = '$SYS/broker/log/#';
/** More than the longest topic needs; and no packet is larger (MQTT 3.1.1 §2.2.3). */
const MIN_PACKET = 128 * 1024;
const MAX_PACKET = 268_435_455;

const subscription = z.strictObject({
  filter: z.string().meta({
    description: 'Topic filter; {name} stands for + and gives labels.name',
    examples: ['plant/{site}/#'],
  }),
  qos: z
    .union([z.literal(0), z.literal(1)], {
      error: 'write 0 or 1: QoS 2 loses messages when the probe is killed',
    })
    .default(1)
    .meta({ description: 'Quality of service that is asked for' }),
});

const topics = z
  .union([list, z.array(z.union([z.string(), subscription]))], {
    error: 'write topic filters, or {filter, qos}',
  })
  .transform((entries) =>
    entries.map((entry) => (typeof entry === 'string' ? { filter: entry, qos: 1 as const } : entry)),
  )
  .superRefine((entries, context) => {
    const filters = entries.map(({ filter }) => compileFilter(filter).filter);
    for (const [i, filter] of filters.entries()) {
      const problem = filterProblem(filter);
      if (problem !== undefined) context.addIssue({ code: 'custom', path: [i], message: problem });
      for (const other of filters.slice(0, i)) {
        const logs = filter === LOG_TOPICS || other === LOG_TOPICS;
        if (!overlaps(filter, other) || (logs && (covers(filter, other) || covers(other, filter)))) continue;
        const message = `overlaps "${other}": messages would come twice; leave one of them out`;
        context.addIssue({ code: 'custom', path: [i], message });
      }
    }
  });

export const mqttInputSchema = z
  .strictObject({
    type: z.literal('mqtt'),
    ...inputShape,
    broker: z
      .string()
      .default('mosquitto')
      .meta({ description: 'How the broker speaks', examples: ['mosquitto', 'emqx'] }),
    url: z
      .string()
      .regex(
        /^(mqtts?|wss?):\/\/[^/@?#]+(\/[^@]*)?$/,
        'write mqtt://, mqtts://, ws:// or wss://, a host and a port; user and password have keys of their own',
      )
      .meta({ description: 'The broker', examples: ['mqtts://broker:8883'] }),
    protocol: z
      .union([z.literal('3.1.1'), z.literal('5'), z.literal(5)], { error: 'write 5 or "3.1.1"' })
      .default('5')
      .transform((value) => (value === '3.1.1' ? 4 : 5))
      .meta({ description: '5 (no local, retain as published) or 3.1.1 (bridge bit set)' }),
    topics: topics.meta({
      title: 'text, or list of texts and mappings',
      description: 'What to mirror',
      examples: [['#', '$SYS/#']],
    }),
    events: list.optional().meta({
      description: 'Topics to which rules of EMQX republish its events; $events/# needs no entry',
      examples: [['brokertap/events/#']],
    }),
    payload,
    client_id: z.string().min(1).optional().meta({
      description:
        'Default: brokertap-<host>-<input>, with the name that the host had when the state was new',
    }),
    user: z.string().optional().meta({ description: 'User at the broker' }),
    password_file: z.string().optional().meta({ description: 'File that holds the password' }),
    tls: z
      .strictObject(tlsShape)
      .superRefine(checkPair)
      .optional()
      .meta({ description: 'TLS of mqtts and wss; files are read again when they are replaced' }),
    session_expiry: span
      .default(7 * 86_400_000)
      .meta({ description: 'How long the broker keeps messages for an absent probe' }),
    own_traffic: z
      .enum(['drop', 'keep'])
      .default('drop')
      .meta({ description: "Log lines about the probe's own connection" }),
    max_packet: size
      .default(8 * 1024 * 1024)
      .refine((bytes) => bytes >= MIN_PACKET && bytes <= MAX_PACKET, 'write a size from 128KiB to 256MB')
      .meta({
        description: 'Larger messages: MQTT 5, the broker leaves them out; 3.1.1, their head is taken',
      }),
  })
  .superRefine(({ events = [], broker, topics: entries }, context) => {
    for (const [i, filter] of events.entries()) {
      const isMirrored = entries.some((entry) => overlaps(compileFilter(entry.filter).filter, filter));
      const problem =
        filterProblem(filter) ??
        (broker === 'emqx' ? undefined : 'these are events of EMQX; write "broker: emqx", or leave it out') ??
        (isMirrored ? undefined : 'nothing of it is mirrored; add it to "topics"');
      if (problem !== undefined) context.addIssue({ code: 'custom', path: ['events', i], message: problem });
    }
  });

export type MqttInputConfig = z.infer<typeof mqttInputSchema>;

/** As in `InputType`. */
export function mqttEndpoints({ url, tls }: MqttInputConfig): TlsEndpoint[] {
  return tlsEndpoints([url], tls);
}
