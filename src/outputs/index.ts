import type { ZodObject } from 'zod';
import type { Output } from '../core/output.ts';
import { elasticsearchOutputSchema } from './elasticsearch/config.ts';
import { fileOutputSchema } from './file/config.ts';
import { logstashOutputSchema } from './logstash/config.ts';
import { stdoutOutputSchema } from './stdout/config.ts';

/** A type of output: its settings, and how to get its code. The code is loaded only when the configuration names it. */
interface OutputType {
  readonly config: ZodObject;
  readonly load: () => Promise<{ create: (config: never) => Output }>;
}

/** Every type of output, by the word users write for `type:`. */
export const outputs = {
  elasticsearch: { config: elasticsearchOutputSchema, load: () => import('./elasticsearch/index.ts') },
  logstash: { config: logstashOutputSchema, load: () => import('./logstash/index.ts') },
  file: { config: fileOutputSchema, load: () => import('./file/index.ts') },
  stdout: { config: stdoutOutputSchema, load: () => import('./stdout/index.ts') },
} satisfies Record<string, OutputType>;
