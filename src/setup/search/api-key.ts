import { BlockedError } from '../../core/errors.ts';
import { at } from '../answer.ts';
import type { Request, Server } from '../asset.ts';
import { accepted } from './server.ts';

/** The request for a key that may do what the probe does, and no more. @param namespace undefined: all */
export function apiKeyRequest(namespace: string | undefined): Request {
  const streams = namespace ?? '*';
  const index = [
    {
      names: [`logs-mqtt.*-${streams}`, `metrics-mqtt.*-${streams}`],
      privileges: ['auto_configure', 'create_doc'],
    },
  ];
  return {
    method: 'POST',
    path: '/_security/api_key',
    body: {
      name: namespace === undefined ? 'brokertap' : `brokertap-${namespace}`,
      role_descriptors: { brokertap: { cluster: ['monitor'], index } },
      metadata: { managed_by: 'brokertap' },
    },
  };
}

/** Makes it. @returns its encoded form, as `api_key_file` takes it */
export async function createApiKey(
  namespace: string | undefined,
  server: Server,
  signal: AbortSignal,
): Promise<string> {
  const request = apiKeyRequest(namespace);
  const reply = await server.send(request, signal);
  accepted(
    reply,
    'POST /_security/api_key',
    'the server needs security switched on (xpack.security.enabled)',
  );
  const encoded = at(reply.body, 'encoded');
  if (typeof encoded === 'string') return encoded;
  throw new BlockedError(`${server.place} has made an API key and does not show it: look in Kibana`);
}
