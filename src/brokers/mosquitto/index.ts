import type { Dialect } from '../../core/dialect.ts';
import { MosquittoSession } from './session.ts';
import { nodeOf, ownsTopic } from './sys.ts';

/** Eclipse Mosquitto 1.6, 2.0 and 2.1. */
export const dialect: Dialect = {
  name: 'mosquitto',
  provider: 'mosquitto-log',
  owns: ownsTopic,
  pulse: { nodeOf },
  open: (stream, emit, state) => new MosquittoSession(stream, emit, state),
};
