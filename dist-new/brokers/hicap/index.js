import { admit } from './admit.js';
import { withoutPayload } from './record.js';
import { HicapSession } from './session.js';
/** The capture interface of a fork of Mosquitto 1.5 (Flex4Apps/mosquitto, branch `src`): JSON lines over TCP. */
export const dialect = {
    name: 'hicap',
    provider: 'hicap',
    original: withoutPayload,
    admit,
    open: (stream, emit) => new HicapSession(stream, emit),
};
