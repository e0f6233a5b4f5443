import type { Dialect } from '../../core/dialect.ts';
import { admit } from './payload.ts';
import { JsonSession } from './session.ts';

/** Any sender of JSON objects, one a line, whose keys the configuration names (`fields`). */
export const dialect: Dialect = {
  name: 'json',
  provider: 'json',
  original: () => '',
  admit,
  open: (stream, emit) => new JsonSession(stream, emit),
};
