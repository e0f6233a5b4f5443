import type { Dialect } from '../../core/dialect.ts';
import { admit } from './admit.ts';
import { roleOf } from './entries/stamp.ts';
import { originalOf } from './original.ts';
import { EmqxSession } from './session.ts';
import { nodeOf, nodesIn } from './sys/numbers.ts';
import { ownsTopic } from './sys/topics.ts';

/** EMQX 3.x to 6.2 and emqttd: logs, traces, audit log, events of the rule engine and of web hooks, `$SYS`. */
export const dialect: Dialect = {
  name: 'emqx',
  provider: 'emqx-log',
  role: roleOf,
  owns: ownsTopic,
  pulse: { nodeOf, nodesIn },
  original: originalOf,
  admit,
  open: (stream, emit, state) => new EmqxSession(stream, emit, state),
};
