import { type EventKind, Mark } from '../../../core/event.ts';
import type { LineReader, Rule } from '../line.ts';
import { digits } from '../text/digits.ts';
import { MISSING } from '../text/missing.ts';
import { connack } from './connack.ts';
import { packetKind } from './packet-kind.ts';

/** Lines that end with the client id. */
function plain(prefix: string, kind: EventKind): Rule {
  const length = prefix.length + 2;
  return {
    prefix,
    describes: [{ text: `${prefix}{client}`, versions: '1.5-', kinds: [kind] }],
    read(text, line) {
      if (line.cutAt(length)) line.emit(kind, [], Mark.truncated);
      else line.emit(kind, [clientNamed(text.substring(prefix.length), line)]);
      return true;
    },
  };
}

/** The client of this id; undefined: the connection has none. */
function clientNamed(name: string, line: LineReader): string | undefined {
  return name === MISSING && !line.live.has(name) ? undefined : name;
}

/** Lines that end with `(rc0)` or `(rc24, METHOD)`; the method is the client's text. */
function withCode(prefix: string, kind: EventKind): Rule {
  return {
    prefix,
    describes: [{ text: `${prefix}{client} (rc{code}[, {method}])`, versions: '1.6-', kinds: [kind] }],
    read(text, line) {
      if (!text.endsWith(')')) return false;
      let chosen: readonly (string | number | undefined)[] | undefined;
      let count = 0;
      let live = 0;
      for (let at = text.indexOf(' (rc', prefix.length); at !== -1; at = text.indexOf(' (rc', at + 1)) {
        let end = at + 4;
        while (text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end++;
        const code = digits(text, at + 4, end);
        const hasMethod = text.startsWith(', ', end);
        if (code === -1 || !(hasMethod || end === text.length - 1)) continue;
        const client = text.substring(prefix.length, at);
        const method = hasMethod ? text.slice(end + 2, -1) : undefined;
        const isLive = line.live.has(client);
        if (isLive) live++;
        if (count++ === 0 || isLive) chosen = [client, undefined, code, undefined, method];
        if (count > MAX_CODES) break;
      }
      if (chosen === undefined) return false;
      const isSure = count === 1 || (live === 1 && count <= MAX_CODES);
      line.emit(kind, isSure ? chosen : [], isSure ? Mark.none : Mark.ambiguous);
      return true;
    },
  };
}

/** At most so many readings of one line are compared. */
const MAX_CODES = 32;

/** Control packets that have no action of their own. */
export const packetRules: readonly Rule[] = [
  plain('Received PINGREQ from ', packetKind('pingreq', 'received')),
  plain('Sending PINGRESP to ', packetKind('pingresp', 'sent')),
  plain('Sending PINGREQ to ', packetKind('pingreq', 'sent')),
  plain('Received PINGRESP from ', packetKind('pingresp', 'received')),
  plain('Received DISCONNECT from ', packetKind('disconnect', 'received')),
  withCode('Sending DISCONNECT to ', packetKind('disconnect', 'sent')),
  withCode('Received AUTH from ', packetKind('auth', 'received')),
  withCode('Sending AUTH to ', packetKind('auth', 'sent')),
  plain('Received SUBACK from ', packetKind('suback', 'received')),
  plain('Received UNSUBACK from ', packetKind('unsuback', 'received')),
  connack,
];
