import { type EventKind, Mark } from '../../../core/event.ts';
import { defineKind } from '../../../ecs/kind.ts';
import { VERSION_1_6 } from '../context/version-range.ts';
import type { Described, LineReader, Rule } from '../line.ts';
import { digits } from '../text/digits.ts';

/** First reason code that means failure (MQTT 5 §2.4). */
const FAILURE = 0x80;

interface Kinds {
  readonly success: EventKind;
  readonly failure: EventKind;
}

function kinds(type: string, direction: 'received' | 'sent'): Kinds {
  const made = (outcome: 'success' | 'failure'): EventKind =>
    defineKind({
      code: `mosquitto.${type.toLowerCase()}_${direction}`,
      action: 'message-acknowledged',
      level: 'debug',
      outcome,
      constants: {
        'mqtt.packet.type': type.toLowerCase(),
        'mqtt.packet.direction': direction,
        'network.protocol': 'mqtt',
        'network.direction': direction === 'received' ? 'ingress' : 'egress',
      },
      slots: ['mqtt.client.id', 'mqtt.message_id', 'mqtt.reason_code'],
      verbatim: true,
    });
  return { success: made('success'), failure: made('failure') };
}

/** How the broker writes the tail; `code` undefined: this packet is written without reason code. */
interface Tail {
  readonly open: string;
  readonly code: string | undefined;
}

const SENT: Tail = { open: ' (m', code: ', rc' };
const SENT_BARE: Tail = { open: ' (m', code: undefined };
const RECEIVED: Tail = { open: ' (Mid: ', code: ', RC:' };
/** What 1.5 writes for all of them, and later versions for some. */
const BARE: Tail = { open: ' (Mid: ', code: undefined };

/** Tells the delivery tracker of the packet. */
type Follow = (line: LineReader, client: string, id: number) => void;
const released: Follow = (line, client, id) => line.deliveries?.released(line.number, client, id);
const acknowledged: Follow = (line, client, id) => line.deliveries?.acknowledged(line.number, client, id);

/**
 * Two spellings: `Sending PUBACK to ID (m17, rc0)` and `Received PUBACK from ID (Mid: 17, RC:0)`. PUBREL in both directions,
 * and PUBREC and PUBCOMP in one, have no code. The form of the tail is fixed: the client id ends before it for certain.
 */
export const acknowledgeRules: readonly Rule[] = [
  rule('Sending PUBACK to ', 'PUBACK', 'sent', SENT),
  rule('Received PUBACK from ', 'PUBACK', 'received', RECEIVED, acknowledged),
  rule('Sending PUBREC to ', 'PUBREC', 'sent', SENT),
  rule('Received PUBREC from ', 'PUBREC', 'received', BARE),
  rule('Sending PUBREL to ', 'PUBREL', 'sent', SENT_BARE),
  rule('Received PUBREL from ', 'PUBREL', 'received', BARE, released),
  rule('Sending PUBCOMP to ', 'PUBCOMP', 'sent', SENT_BARE),
  rule('Received PUBCOMP from ', 'PUBCOMP', 'received', RECEIVED, acknowledged),
];

function rule(
  prefix: string,
  type: string,
  direction: 'received' | 'sent',
  tail: Tail,
  follow?: Follow,
): Rule {
  const { success, failure } = kinds(type, direction);
  const length = prefix.length + tail.open.length + (tail.code === undefined ? 5 : 7 + tail.code.length);
  const read = (text: string, line: LineReader, { open, code }: Tail): boolean => {
    const end = text.length - 1;
    const at = text.lastIndexOf(open);
    if (at <= prefix.length || text.charCodeAt(end) !== 0x29) return false;
    const comma = code === undefined ? end : text.indexOf(code, at);
    if (comma === -1) return false;
    const id = digits(text, at + open.length, comma);
    const reason = code === undefined ? undefined : digits(text, comma + code.length, end);
    if (id === -1 || reason === -1) return false;
    const client = text.substring(prefix.length, at);
    follow?.(line, client, id);
    line.emit(reason !== undefined && reason >= FAILURE ? failure : success, [
      client,
      id === 0 ? undefined : id,
      reason,
    ]);
    return true;
  };
  return {
    prefix,
    describes: describe(prefix, tail, [success, failure]),
    read(text, line) {
      if (line.cutAt(length)) return readCut(success, line);
      if (read(text, line, tail)) return true;
      return tail !== BARE && !line.versions.isSince(VERSION_1_6) && read(text, line, BARE);
    },
  };
}

/** The client's id fills the line: neither it nor the tail is known. */
function readCut(kind: EventKind, line: LineReader): boolean {
  line.emit(kind, [], Mark.truncated);
  return true;
}

function describe(prefix: string, { open, code }: Tail, made: readonly EventKind[]): readonly Described[] {
  const text = `${prefix}{client}${open}{id}${code === undefined ? '' : `${code}{code}`})`;
  if (open === BARE.open && code === undefined) return [{ text, versions: '1.5-', kinds: made }];
  const old = { text: `${prefix}{client} (Mid: {id})`, versions: '1.5-1.5.11', kinds: made };
  return [{ text, versions: '1.6-', kinds: made }, old];
}
