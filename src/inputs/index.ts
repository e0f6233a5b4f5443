import type { ZodObject } from 'zod';
import type { JsonObject } from '../core/event.ts';
import type { Input, InputHost } from '../core/input.ts';
import type { IsOwn } from '../net/listening.ts';
import type { TlsEndpoint } from '../net/tls-endpoint.ts';
import { emqxApiEndpoints, emqxApiInputSchema } from './emqx-api/config.ts';
import { fileInputSchema } from './file/config.ts';
import { httpInputSchema } from './http/config.ts';
import { mqttEndpoints, mqttInputSchema } from './mqtt/config.ts';
import { subscriberOf } from './mqtt/subscriber.ts';
import { stdinInputSchema } from './stdin/config.ts';
import type { Subscriber } from './subscriber.ts';
import { tcpInputSchema, whenFullOf } from './tcp/config.ts';

/** A type of input: its settings, and how to get its code. The code is loaded only when the configuration names it. */
export interface InputType {
  readonly config: ZodObject;
  /** What it brings of a broker: its log, which lies in files or is sent; what is published; answers to polls. */
  readonly brings: 'log-files' | 'log' | 'messages' | 'answers';
  /** The servers that it speaks TLS with: the probe watches when their certificates end. Absent: none. */
  readonly endpoints?: (config: never) => readonly TlsEndpoint[];
  /**
   * The client of the broker that it is. Absent: it is none.
   * @param input its name in the configuration
   * @param facts what its last run has kept
   */
  readonly subscriber?: (config: never, input: string, facts: JsonObject | undefined) => Subscriber;
  /** What its journal does without room; undefined: what the spool does. Absent: `when_full` tells it. */
  readonly whenFull?: (config: never) => 'block' | 'drop_oldest' | undefined;
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
  file: { config: fileInputSchema, brings: 'log-files', load: () => import('./file/index.ts') },
  stdin: { config: stdinInputSchema, brings: 'log', load: () => import('./stdin/index.ts') },
  mqtt: {
    config: mqttInputSchema,
    brings: 'messages',
    endpoints: mqttEndpoints,
    subscriber: subscriberOf,
    load: () => import('./mqtt/index.ts'),
  },
  'emqx-api': {
    config: emqxApiInputSchema,
    brings: 'answers',
    endpoints: emqxApiEndpoints,
    load: () => import('./emqx-api/index.ts'),
  },
  http: { config: httpInputSchema, brings: 'log', load: () => import('./http/index.ts') },
  tcp: { config: tcpInputSchema, brings: 'log', whenFull: whenFullOf, load: () => import('./tcp/index.ts') },
} satisfies Record<string, InputType>;
