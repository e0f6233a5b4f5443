import { Mark } from '../../../core/event.ts';
import { UNKNOWN_SESSION } from '../context/live-session.ts';
import { versionNumber } from '../context/version-range.ts';
import type { LineReader, Rule } from '../line.ts';
import { parseAddress } from '../text/address.ts';
import { digits } from '../text/digits.ts';
import { packetKind } from './packet-kind.ts';

const CONNACK = 'Sending CONNACK to ';
const CONNACK_LENGTH = 'Sending CONNACK to %s (%d, %d)'.length;
const CONNACK_OK = packetKind('connack', 'sent', 'success');
const CONNACK_REFUSED = packetKind('connack', 'sent', 'failure');

/** Before this version a CONNACK that refuses credentials names the address, not the client. */
const ID_KEPT = versionNumber('2.0.13');

/** Codes for a version of MQTT that the broker does not speak: it refuses it before it reads the client id. */
const UNSUPPORTED_VERSION: readonly number[] = [1, 132];

/** Return and reason codes of failed authentication (MQTT 3.1.1 §3.2.2.3, MQTT 5 §3.2.2.2). */
const AUTHENTICATION: readonly number[] = [4, 5, 134, 135];

/** `Sending CONNACK to X (SESSION, CODE)`: X is the client id, or the address where none is known. */
export const connack: Rule = {
  prefix: CONNACK,
  describes: [
    {
      text: `${CONNACK}{client or address} ({session}, {code})`,
      versions: '1.5-',
      kinds: [CONNACK_OK, CONNACK_REFUSED],
    },
  ],
  read(text, line) {
    if (line.cutAt(CONNACK_LENGTH)) {
      line.emit(CONNACK_OK, [], Mark.truncated);
      return true;
    }
    const at = text.lastIndexOf(' (');
    const comma = text.lastIndexOf(', ');
    if (at <= CONNACK.length || comma < at || !text.endsWith(')')) return false;
    const present = digits(text, at + 2, comma);
    const code = digits(text, comma + 2, text.length - 1);
    if (present === -1 || present > 1 || code === -1) return false;
    const name = text.substring(CONNACK.length, at);
    if (code === 0) {
      accept(name, line);
      line.deliveries?.connected(line.number, name, present === 1);
      line.emit(CONNACK_OK, [name, present === 1, code]);
    } else {
      refuse(name, present === 1, code, line);
    }
    return true;
  },
};

/** The client is connected for certain, under this id. */
function accept(name: string, line: LineReader): void {
  const { context } = line;
  const known = line.live.get(name);
  if (context.type === 'connected' && context.shown !== undefined) {
    const { shown, session } = context;
    if (!name.startsWith(shown) && !shown.startsWith(name)) return;
    line.live.forgetCut(shown);
    line.live.connected(name, session);
  } else if (context.type === 'connected') {
    const candidate = context.candidates.find(({ client }) => client === name);
    if (candidate !== undefined && context.candidates.length > 1)
      line.live.connected(name, { ...context.session, user: candidate.user });
  } else if (known === undefined || known.isAnswered === true) {
    // No line has told of this connection: what is known of the client was that of an older one.
    line.live.connected(name, { ...UNKNOWN_SESSION, since: line.time });
  }
  line.live.answered(name);
}

/**
 * A client id can look like an address. It is one only while a connection from there waits for its CONNECT and none from
 * elsewhere does, or where the line before names it, or the code tells.
 */
function refuse(name: string, present: boolean, code: number, line: LineReader): void {
  const { ip } = parseAddress(name);
  if (ip === undefined) {
    line.next = { type: 'refused', client: name, from: undefined };
    line.emit(CONNACK_REFUSED, [name, present, code]);
    return;
  }
  const { context, pending, versions } = line;
  const isNamed = context.type === 'address' && context.ip === ip;
  const isWaiting = pending.has(ip);
  const isClient = line.live.has(name);
  const isOldRefusal = versions.isBefore(ID_KEPT) && AUTHENTICATION.includes(code);
  const isAddress =
    UNSUPPORTED_VERSION.includes(code) ||
    (!isClient && (isNamed || isOldRefusal || (isWaiting && pending.isOnly(ip))));
  if (isAddress) {
    line.next = { type: 'refused', client: undefined, from: pending.ended(ip) };
    line.emit(CONNACK_REFUSED, [undefined, present, code, ip]);
  } else {
    const isSure = isClient && !isWaiting;
    line.next = { type: 'refused', client: name, from: undefined };
    line.emit(
      CONNACK_REFUSED,
      [isWaiting ? undefined : name, present, code],
      isSure ? Mark.none : Mark.ambiguous,
    );
  }
}
