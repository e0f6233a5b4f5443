import type { Dialect } from '../../core/dialect.ts';
import { admit } from './admit.ts';
import { roleOf } from './entries/role.ts';
import { originalOf } from './original.ts';
import { EmqxSession } from './session.ts';
import { nodeOf, nodesIn } from './sys/numbers.ts';
import { ownsTopic } from './sys/topics.ts';

/**
 * EMQX 3.x to 6.2 and emqttd. The way of a record:
 *
 * 1. `session.ts`: what kind of record it is. Each tells by itself of which kind and version it is.
 * 2. Log and trace: `entries/` reads text, JSON and prose into an `Entry`, `log/` makes its event. `printed/` takes apart what
 *    EMQX prints within them: `key: value` pairs, control packets, Erlang terms.
 * 3. Events of the rule engine, of web hooks and of polls of the REST API: `events/`.
 * 4. Messages of `$SYS` and `$events`: `sys/`; what they tell of clients and alarms goes through `events/` too.
 * 5. Audit log: `audit/`.
 * 6. `emitter.ts`: events to the pipeline.
 *
 * `secrets/` keeps payloads and secrets out of everything that is told. `values/` reads single values.
 */
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
