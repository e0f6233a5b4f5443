import { MosquittoSession } from './session.js';
import { nodeOf, ownsTopic } from './sys.js';
/** Eclipse Mosquitto 1.6, 2.0 and 2.1. */
export const dialect = {
    name: 'mosquitto',
    provider: 'mosquitto-log',
    owns: ownsTopic,
    pulse: { nodeOf },
    open: (stream, emit, state) => new MosquittoSession(stream, emit, state),
};
