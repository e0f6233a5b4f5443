import { z } from 'zod';
import { filterShape } from '../../config/filters.ts';
import { checkPair, pemShape } from '../../config/tls.ts';
import { count, duration, flag, listOf, size } from '../../config/units.ts';
import { type TlsEndpoint, tlsEndpoints } from '../../net/tls-endpoint.ts';
import { nodeOfCloudId } from './cloud-id.ts';

const MiB = 1024 * 1024;

const httpUrl = z.string().superRefine((text, context) => {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  // What stands before an @ may be a password: it is not told.
  if (!text.includes('@') && (url === undefined || !/^https?:$/.test(url.protocol))) {
    context.addIssue({ code: 'custom', message: `"${text}" is no address; write https://host:9200` });
  } else if (text.includes('@')) {
    context.addIssue({
      code: 'custom',
      message: 'no user and password here; write "user" and "password_file"',
    });
  }
});

const batch = z.strictObject({
  events: count(1, 100_000).default(5000).meta({ description: 'Most events in one request' }),
  bytes: size
    .refine((bytes) => bytes >= 1024 && bytes <= 256 * MiB, 'write a size from 1KiB to 256MiB')
    .default(2 * MiB)
    .meta({ description: 'Most bytes in one request, before compression' }),
  delay: duration.default(200).meta({ description: 'How long a request waits for more events' }),
});

export const elasticsearchOutputSchema = z
  .strictObject({
    type: z.literal('elasticsearch'),
    ...filterShape,
    nodes: listOf('an address, such as "https://elasticsearch:9200", or a list of them')
      .pipe(z.array(httpUrl))
      .optional()
      .meta({
        description: 'Addresses of the cluster; all are used',
        examples: [['https://elasticsearch:9200']],
      }),
    cloud_id: z
      .string()
      .refine((id) => nodeOfCloudId(id) !== undefined, {
        error: 'is no Cloud ID: copy it from the page of the deployment, NAME:BASE64',
      })
      .optional()
      .meta({ description: 'Cloud ID, instead of nodes' }),
    api_key_file: z
      .string()
      .optional()
      .meta({ description: 'File with an API key: its encoded form, or id:key' }),
    user: z.string().optional().meta({ description: 'User, instead of an API key' }),
    password_file: z.string().optional().meta({ description: 'File with the password' }),
    flavor: z
      .enum(['auto', 'elasticsearch', 'opensearch', 'serverless'])
      .default('auto')
      .meta({ description: 'What kind of server it is; auto: ask it' }),
    batch: batch.prefault({}).meta({ description: 'A request is sent when one of them is reached' }),
    concurrency: count(1, 16).default(2).meta({ description: 'Requests at the same time' }),
    gzip: flag.default(false).meta({ description: 'Compress requests: a tenth of the traffic for CPU time' }),
    tls: z
      .strictObject({
        ...pemShape,
        fingerprint: z
          .string()
          .regex(/^(?:[0-9a-fA-F]{2}:?){32}$/, 'write 64 hexadecimal digits: the SHA-256 of the certificate')
          .optional()
          .meta({ description: 'SHA-256 of the authority’s certificate, instead of ca' }),
      })
      .superRefine(checkPair)
      .refine(({ ca, fingerprint }) => ca === undefined || fingerprint === undefined, {
        path: ['fingerprint'],
        error: 'write either "ca" or "fingerprint"',
      })
      .optional()
      .meta({ description: 'TLS; files are read again when they are replaced' }),
    proxy: httpUrl
      .optional()
      .meta({ description: 'HTTP proxy; default: HTTPS_PROXY, apart from what NO_PROXY names' }),
  })
  .superRefine((value, context) => {
    const fail = (key: string, message: string): void => {
      context.addIssue({ code: 'custom', path: [key], message });
    };
    if ((value.nodes === undefined) === (value.cloud_id === undefined)) {
      fail('nodes', 'write either "nodes" or "cloud_id"');
    }
    if (value.api_key_file !== undefined && value.user !== undefined) {
      fail('user', 'write either "api_key_file" or "user" and "password_file"');
    }
    if ((value.user === undefined) !== (value.password_file === undefined)) {
      fail('password_file', '"user" and "password_file" go together');
    }
  });

export type ElasticsearchConfig = z.infer<typeof elasticsearchOutputSchema>;

/** As in `OutputType`. */
export function elasticsearchEndpoints({ nodes = [], tls }: ElasticsearchConfig): TlsEndpoint[] {
  return tlsEndpoints(nodes, tls);
}
