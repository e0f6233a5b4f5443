import type { ZodObject } from 'zod';
import type { Input, InputHost } from '../core/input.ts';
import type { IsOwn } from '../net/listening.ts';
import type { TlsEndpoint } from '../net/tls-endpoint.ts';
import { emqxApiEndpoints, emqxApiInputSchema } from './emqx-api/config.ts';
import { fileInputSchema } from './file/config.ts';
import { httpInputSchema } from './http/config.ts';
import { mqttEndpoints, mqttInputSchema } from './mqtt/config.ts';
import { stdinInputSchema } from './stdin/config.ts';
import { tcpInputSchema } from './tcp/config.ts';

/** A type of input: its settings, and how to get its code. The code is loaded only when the configuration names it. */
export interface InputType {
  readonly config: ZodObject;
  /** The servers that it speaks TLS with: the probe watches when their certificates end. Absent: none. */
  readonly endpoints?: (config: never) => readonly TlsEndpoint[];
  readonly load: () => Promise<{
    create: (config: never, host: InputHost) => Input;
    /**
     * Why an input would not work now; undefined when it would. Changes nothing. Absent: nothing can stand in its way.
     * @param name of the input in the configuration
     * @throws BlockedError when it could not be tried
     */
    check?: (config: never, name: string, isOwn: IsOwn) => Promise<string | undefined>;
  }>;
}

/** Every type of input, by the word users write for `type:`. */
export const inputs = {
  file: { config: fileInputSchema, load: () => import('./file/index.ts') },
  stdin: { config: stdinInputSchema, load: () => import('./stdin/index.ts') },
  mqtt: { config: mqttInputSchema, endpoints: mqttEndpoints, load: () => import('./mqtt/index.ts') },
  'emqx-api': {
    config: emqxApiInputSchema,
    endpoints: emqxApiEndpoints,
    load: () => import('./emqx-api/index.ts'),
  },
  http: { config: httpInputSchema, load: () => import('./http/index.ts') },
  tcp: { config: tcpInputSchema, load: () => import('./tcp/index.ts') },
} satisfies Record<string, InputType>;
