import type { Dialect } from '../../core/dialect.ts';
import { MosquittoSession } from './session.ts';
import { nodeOf, ownsTopic } from './sys.ts';
import { withoutPasswords } from './text/plugin-secrets.ts';

/**
 * Eclipse Mosquitto 1.3 to 2.1. The way of a log line:
 *
 * 1. `session.ts`: a line of a file, or a message of `$SYS/broker/log/#`. Numbers of `$SYS/broker/#` go to `sys.ts`.
 * 2. `stamp/`: the line's time.
 * 3. `log-reader.ts`: what the line can be after those before it. `context/` is what they have told: what they left open, who
 *    is connected, which versions of the broker can have written the log. `injection/` finds lines that may be client text.
 * 4. `known-lines.ts`: rules and formats by the beginning of the line. `lines/` has the rules with code of their own, `formats/`
 *    the tables of all other lines, `matching/` finds the ways to read a line as a format and chooses between them.
 * 5. The rule or format emits the event, and leaves in `context/` what the next lines need.
 *
 * `text/` reads addresses, numbers and what a cut line shows, and hides what plugins write of logins.
 *
 * Names in a line are unquoted text of clients: what can be read in two ways is told as ambiguous, never guessed.
 */
export const dialect: Dialect = {
  name: 'mosquitto',
  provider: 'mosquitto-log',
  original: withoutPasswords,
  owns: ownsTopic,
  pulse: { nodeOf },
  open: (stream, emit, state) => new MosquittoSession(stream, emit, state),
};
