import { z } from 'zod';
import { list, size } from './units.ts';

/** What is kept of the payloads that an input sees; nothing unless it is asked for. */
export const payload = z
  .strictObject({
    capture: z
      .enum(['none', 'hash', 'text', 'base64'])
      .default('none')
      .meta({ description: 'What is kept of a payload' }),
    limit: size.default(1024).meta({ description: 'Bytes that are kept' }),
    decode: z.literal('json').optional().meta({ description: 'Also decode it into mqtt.payload.json' }),
    redact: list.default([]).meta({
      description: 'Keys, or paths joined by dots, whose values are replaced',
      examples: [['password']],
    }),
  })
  .prefault({})
  .meta({ description: 'What is kept of payloads' });
