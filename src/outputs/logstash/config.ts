import { z } from 'zod';
import { filterShape } from '../../config/schema.ts';
import { duration, list } from '../../config/units.ts';

const HOST = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]]+)):(\d{1,5})$/;

export const logstashOutputSchema = z.strictObject({
  type: z.literal('logstash'),
  ...filterShape,
  protocol: z.literal('tcp', { error: 'this version speaks tcp only' }).default('tcp'),
  hosts: list
    .transform((entries, context) =>
      entries.flatMap((entry, i) => {
        const [, v6, name, port] = HOST.exec(entry) ?? [];
        const host = v6 ?? name;
        if (host !== undefined && Number(port) > 0 && Number(port) < 65536)
          return [{ host, port: Number(port) }];
        const message = `"${entry}" is no address; write host:port, an IPv6 address in brackets`;
        context.addIssue({ code: 'custom', path: [i], message });
        return [];
      }),
    )
    .meta({
      description: 'Logstash hosts, best first: the first that answers is used',
      examples: [['logstash-a:5170']],
    }),
  tls: z
    .union([
      z.literal(true),
      z.strictObject({
        ca: z.string().optional(),
        cert: z.string().optional(),
        key: z.string().optional(),
        server_name: z.string().optional(),
      }),
    ])
    .optional()
    .transform((value) => (value === true ? {} : value))
    .meta({ description: 'TLS: true, or PEM files' }),
  confirm_after: duration
    .default(5000)
    .meta({ description: 'Events count as delivered when the connection has stayed up for so long' }),
});

export type LogstashConfig = z.infer<typeof logstashOutputSchema>;
