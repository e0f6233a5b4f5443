import { z } from 'zod';
import { filterShape } from '../../config/filters.ts';
import { checkPair, tlsShape } from '../../config/tls.ts';
import { count, duration, listOf, sizeFrom } from '../../config/units.ts';
import type { TlsEndpoint } from '../../net/tls-endpoint.ts';

const HOST = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]@/\s]+)):(\d{1,5})$/;

/** Keys that only some protocols have, and what to do about one that stands with another. */
const ONLY: readonly (readonly [key: string, protocols: readonly string[], fix: string])[] = [
  ['confirm_after', ['tcp'], 'Logstash acknowledges events there: leave it out'],
  ['window', ['lumberjack', 'http'], 'leave it out, or write protocol: lumberjack or http'],
  ['compression', ['lumberjack', 'http'], 'leave it out, or write protocol: lumberjack or http'],
  ['user', ['http'], 'use a client certificate (tls.cert and tls.key), or protocol: http'],
  ['password_file', ['http'], 'use a client certificate (tls.cert and tls.key), or protocol: http'],
  ['token_file', ['http'], 'use a client certificate (tls.cert and tls.key), or protocol: http'],
];

/** Keys that go together: with the first the second is needed. */
const TOGETHER: readonly (readonly [key: string, needed: string])[] = [
  ['user', 'password_file'],
  ['password_file', 'user'],
];

export const logstashOutputSchema = z
  .strictObject({
    type: z.literal('logstash'),
    ...filterShape,
    protocol: z
      .enum(['tcp', 'lumberjack', 'http'], { error: 'write tcp, lumberjack or http' })
      .default('tcp')
      .meta({
        description:
          'The input at Logstash: tcp (acknowledges nothing), lumberjack (the beats input), http. The last two lose nothing',
      }),
    hosts: listOf('host:port, such as "logstash:5044", or a list of them')
      .transform((entries, context) =>
        entries.flatMap((entry, i) => {
          const [, v6, name, port] = HOST.exec(entry) ?? [];
          const host = v6 ?? name;
          if (host !== undefined && Number(port) > 0 && Number(port) < 65536)
            return [{ host, port: Number(port) }];
          // What stands before an @ may be a password: it is not told.
          const message = /^\w+:\/\/|@/.test(entry)
            ? `write host:port without scheme, user and path; TLS is switched on with tls: true`
            : `"${entry}" is no address; write host:port, an IPv6 address in brackets`;
          context.addIssue({ code: 'custom', path: [i], message });
          return [];
        }),
      )
      .meta({
        description: 'Logstash hosts, best first: the first that answers is used',
        examples: [['logstash-a:5170']],
      }),
    tls: z
      .union([z.literal(true), z.strictObject(tlsShape).superRefine(checkPair)], {
        error: 'write true, or {ca: FILE}, {ca: FILE, cert: FILE, key: FILE}; without TLS leave it out',
      })
      .optional()
      .transform((value) => (value === true ? {} : value))
      .meta({ description: 'TLS: true, or PEM files; they are read again when they are replaced' }),
    confirm_after: duration.optional().meta({
      description: 'tcp: events count as delivered when the connection has stayed up for so long (5s)',
    }),
    window: z
      .strictObject({
        events: count(1, 1_000_000).optional().meta({ description: 'Events (16384)' }),
        bytes: sizeFrom(1024, '1KiB').optional().meta({ description: 'Their size (8MiB)' }),
      })
      .optional()
      .meta({ description: 'lumberjack, http: most that is under way without an acknowledgement' }),
    compression: count(0, 9)
      .optional()
      .meta({ description: 'lumberjack, http: level of zlib or gzip, 1 (fast) to 9; 0, the default: none' }),
    user: z.string().min(1).optional().meta({ description: 'http: user of basic authentication' }),
    password_file: z.string().optional().meta({ description: 'http: file that holds the password' }),
    token_file: z
      .string()
      .optional()
      .meta({ description: 'http: file that holds a bearer token, for a proxy before Logstash' }),
  })
  .superRefine((config, context) => {
    const given: Readonly<Record<string, unknown>> = config;
    const report = (key: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [key], message });
    for (const [key, protocols, fix] of ONLY) {
      if (given[key] !== undefined && !protocols.includes(config.protocol))
        report(key, `protocol ${config.protocol} has no ${key}: ${fix}`);
    }
    for (const [key, needed] of TOGETHER) {
      if (given[key] !== undefined && given[needed] === undefined)
        report(key, `goes together with ${needed}: write both`);
    }
    if (config.token_file !== undefined && config.user !== undefined)
      report('token_file', 'write either token_file, or user and password_file');
  });

export type LogstashConfig = z.infer<typeof logstashOutputSchema>;

/** As in `OutputType`. */
export function logstashEndpoints({ hosts, tls }: LogstashConfig): TlsEndpoint[] {
  return tls === undefined ? [] : hosts.map((host) => ({ ...host, tls }));
}
