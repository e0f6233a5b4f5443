import { z } from 'zod';
import { inputShape } from '../../config/schema.ts';
import { checkPair, tlsShape } from '../../config/tls.ts';
import { count, duration, flag, list } from '../../config/units.ts';
import { type ApiAccess, apiUrl, DEFAULT_ATTEMPTS, DEFAULT_TIMEOUT_MS } from '../../emqx-api/access.ts';
import { type TlsEndpoint, tlsEndpoints } from '../../net/tls-endpoint.ts';

/** More series are no choice any more. */
const MAX_SERIES = 200;
/** A pass asks every node of the cluster for all its clients. */
const MIN_INTERVAL_MS = 1000;

export const emqxApiInputSchema = z
  .strictObject({
    type: z.literal('emqx-api'),
    ...inputShape,
    broker: z
      .literal('emqx', { error: 'write "emqx", or leave it out' })
      .default('emqx')
      .meta({ description: 'How the broker speaks' }),
    api_url: apiUrl.meta({
      description: 'Address of the REST API, up to "/api/"',
      examples: ['http://emqx:18083/api/'],
    }),
    key: z.string().min(1).optional().meta({ description: 'API key; of 4.x the id of an application' }),
    secret_file: z.string().optional().meta({ description: 'File that holds the secret of the key' }),
    user: z.string().min(1).optional().meta({ description: 'User of the dashboard, instead of a key' }),
    password_file: z.string().optional().meta({ description: 'File that holds the password' }),
    interval: duration
      .default(30_000)
      .refine((ms) => ms >= MIN_INTERVAL_MS, 'write at least "1s"')
      .meta({
        description: 'Pause between two polls; below 10s they cost the broker more than they are worth',
      }),
    timeout: duration
      .default(DEFAULT_TIMEOUT_MS)
      .refine((ms) => ms >= 10, 'write at least "10ms"')
      .meta({ description: 'Longest silence of the server' }),
    attempts: count(1, 10)
      .default(DEFAULT_ATTEMPTS)
      .meta({ description: 'How often a request is made at most' }),
    tls: z
      .strictObject({
        ...tlsShape,
        verify: flag.default(true).meta({ description: 'false: any certificate is taken' }),
      })
      .superRefine(checkPair)
      .optional()
      .meta({ description: 'TLS; files are read again when they are replaced' }),
    clients: z
      .record(z.string(), z.string().min(1))
      .optional()
      .meta({ description: 'Names for people, by client id', examples: [{ 'sensor-a17': 'Boiler room' }] }),
    clients_file: z.string().optional().meta({ description: 'YAML file with the same' }),
    prometheus: list
      .refine((ids) => ids.length <= MAX_SERIES, `at most ${MAX_SERIES} clients`)
      .default([])
      .meta({ description: 'Clients, by id or name, that become series of /metrics' }),
    audit: flag.default(false).meta({ description: 'Also poll the audit log (Enterprise)' }),
  })
  .superRefine((input, context) => {
    const problem = (key: string, message: string): void =>
      context.addIssue({ code: 'custom', path: [key], message });
    const { key, secret_file, user, password_file, clients, clients_file } = input;
    if (key !== undefined && user !== undefined) problem('user', 'give a key, or a user, not both');
    if (key === undefined && user === undefined)
      problem('key', 'is missing; make one in Dashboard > System Settings > API Keys (a viewer is enough)');
    if (key !== undefined && secret_file === undefined)
      problem('secret_file', 'is missing; write the path of a file that holds the secret of the key');
    if (user !== undefined && password_file === undefined)
      problem('password_file', 'is missing; write the path of a file that holds the password');
    if (clients !== undefined && clients_file !== undefined)
      problem('clients_file', 'give clients, or clients_file, not both');
  });

export type EmqxApiInputConfig = z.infer<typeof emqxApiInputSchema>;

/** How to reach the API. */
export function accessOf(config: EmqxApiInputConfig): ApiAccess {
  return {
    url: config.api_url,
    key: config.key,
    secretFile: config.secret_file,
    user: config.user,
    passwordFile: config.password_file,
    timeoutMs: config.timeout,
    attempts: config.attempts,
    tls: config.tls,
  };
}

/** As in `InputType`. */
export function emqxApiEndpoints({ api_url, tls }: EmqxApiInputConfig): TlsEndpoint[] {
  return tlsEndpoints([api_url], tls);
}
