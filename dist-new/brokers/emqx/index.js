import { admit } from './admit.js';
import { originalOf } from './original.js';
import { EmqxSession } from './session.js';
import { roleOf } from './stamp.js';
import { ownsTopic } from './sys.js';
import { nodeOf, nodesIn } from './sys-numbers.js';
/** EMQX 3.x to 6.2 and emqttd: logs, traces, audit log, events of the rule engine and of web hooks, `$SYS`. */
export const dialect = {
    name: 'emqx',
    provider: 'emqx-log',
    role: roleOf,
    owns: ownsTopic,
    pulse: { nodeOf, nodesIn },
    original: originalOf,
    admit,
    open: (stream, emit, state) => new EmqxSession(stream, emit, state),
};
