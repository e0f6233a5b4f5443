import type { Dialect } from '../../core/dialect.ts';
import { admit } from './admit.ts';
import { withoutPayload } from './record.ts';
import { HicapSession } from './session.ts';

/** The capture interface of a fork of Mosquitto 1.5 (Flex4Apps/mosquitto, branch `src`): JSON lines over TCP. */
export const dialect: Dialect = {
  name: 'hicap',
  provider: 'hicap',
  original: withoutPayload,
  admit,
  open: (stream, emit) => new HicapSession(stream, emit),
};
