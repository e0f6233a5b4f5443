import type { Dialect } from '../../core/dialect.ts';
import { JsonSession } from './session.ts';

/** Any sender of JSON objects, one a line, whose keys the configuration names (`fields`). */
export const dialect: Dialect = {
  name: 'json',
  provider: 'json',
  original: () => '',
  open: (stream, emit) => new JsonSession(stream, emit),
};
