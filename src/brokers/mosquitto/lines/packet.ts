import { type EventKind, Mark, type Outcome } from '../../../core/event.ts';
import { defineKind } from '../../../ecs/kind.ts';
import { versionNumber } from '../context/version-range.ts';
import { digits, type LineReader, type Rule } from '../line.ts';
import { parseAddress } from '../text/address.ts';

function packet(type: string, direction: 'received' | 'sent', outcome?: Outcome): EventKind {
  return defineKind({
    code: `mosquitto.${type}_${direction}`,
    action: direction === 'received' ? 'packet-received' : 'packet-sent',
    level: 'debug',
    ...(outcome && { outcome }),
    constants: { 'mqtt.packet.type': type, 'mqtt.packet.direction': direction, 'network.protocol': 'mqtt' },
    slots: ['mqtt.client.id', 'mqtt.session.present', 'mqtt.reason_code', 'source.ip', 'mqtt.auth.method'],
    verbatim: true,
  });
}

/** Lines that end with the client id. */
function plain(prefix: string, kind: EventKind): Rule {
  const length = prefix.length + 2;
  return {
    prefix,
    describes: [{ text: `${prefix}{client}`, versions: '1.5-', kinds: [kind] }],
    read(text, line) {
      if (line.cutAt(length)) line.emit(kind, [], Mark.truncated);
      else line.emit(kind, [text.substring(prefix.length)]);
      return true;
    },
  };
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

/** More ways to read a line are not looked at. */
const MAX_CODES = 32;
const CONNACK = 'Sending CONNACK to ';
const CONNACK_LENGTH = 'Sending CONNACK to %s (%d, %d)'.length;
const CONNACK_OK = packet('connack', 'sent', 'success');
const CONNACK_REFUSED = packet('connack', 'sent', 'failure');
/** Up to this version a failed authentication loses the client id. */
const ID_KEPT = versionNumber('2.0.13');
/** Return and reason codes of failed authentication (MQTT 3.1.1 §3.2.2.3, MQTT 5 §3.2.2.2). */
const AUTHENTICATION: readonly number[] = [4, 5, 134, 135];

/** `Sending CONNACK to X (SESSION, CODE)`: X is the client id, or the address where none is known. */
const connack: Rule = {
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
  if (context.type === 'connected' && context.shown !== undefined) {
    const { shown, session } = context;
    if (!name.startsWith(shown) && !shown.startsWith(name)) return;
    line.live.forgetCut(shown);
    line.live.connected(name, session);
  } else if (context.type === 'connected') {
    const candidate = context.candidates.find(({ client }) => client === name);
    if (candidate !== undefined && context.candidates.length > 1)
      line.live.connected(name, { ...context.session, user: candidate.user });
  } else if (!line.live.has(name)) {
    line.live.connected(name, {
      since: line.time,
      ip: undefined,
      port: undefined,
      user: undefined,
      protocol: undefined,
      unannounced: false,
    });
  }
}

/**
 * A client id can look like an address. It is one only while a connection from there waits for its CONNECT and none from
 * elsewhere does, or the line before names it.
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
  const isAddress = !isClient && (isNamed || isOldRefusal || (isWaiting && pending.isOnly(ip)));
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

/** Control packets without a kind of event of their own. */
export const packetRules: readonly Rule[] = [
  plain('Received PINGREQ from ', packet('pingreq', 'received')),
  plain('Sending PINGRESP to ', packet('pingresp', 'sent')),
  plain('Sending PINGREQ to ', packet('pingreq', 'sent')),
  plain('Received PINGRESP from ', packet('pingresp', 'received')),
  plain('Received DISCONNECT from ', packet('disconnect', 'received')),
  withCode('Sending DISCONNECT to ', packet('disconnect', 'sent')),
  withCode('Received AUTH from ', packet('auth', 'received')),
  withCode('Sending AUTH to ', packet('auth', 'sent')),
  plain('Received SUBACK from ', packet('suback', 'received')),
  plain('Received UNSUBACK from ', packet('unsuback', 'received')),
  connack,
];
