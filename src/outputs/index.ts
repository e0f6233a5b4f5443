import type { ZodObject } from 'zod';
import type { Output } from '../core/output.ts';
import type { TlsEndpoint } from '../net/tls-endpoint.ts';
import { elasticsearchEndpoints, elasticsearchOutputSchema } from './elasticsearch/config.ts';
import { fileOutputSchema } from './file/config.ts';
import { logstashEndpoints, logstashOutputSchema } from './logstash/config.ts';
import { stdoutOutputSchema } from './stdout/config.ts';

/** A type of output: its settings, and how to get its code. The code is loaded only when the configuration names it. */
export interface OutputType {
  readonly config: ZodObject;
  /** The servers that it speaks TLS with: the probe watches when their certificates end. Absent: none. */
  readonly endpoints?: (config: never) => readonly TlsEndpoint[];
  readonly load: () => Promise<{
    create: (config: never) => Output;
    /** Why it would not work now; undefined when it would. Absent: `Output.check` and `inspect` change nothing, and tell it. */
    check?: (config: never) => Promise<string | undefined>;
  }>;
}

/** Every type of output, by the word users write for `type:`. */
export const outputs = {
  elasticsearch: {
    config: elasticsearchOutputSchema,
    endpoints: elasticsearchEndpoints,
    load: () => import('./elasticsearch/index.ts'),
  },
  logstash: {
    config: logstashOutputSchema,
    endpoints: logstashEndpoints,
    load: () => import('./logstash/index.ts'),
  },
  file: { config: fileOutputSchema, load: () => import('./file/index.ts') },
  stdout: { config: stdoutOutputSchema, load: () => import('./stdout/index.ts') },
} satisfies Record<string, OutputType>;
