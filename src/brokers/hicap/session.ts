import { isIP } from 'node:net';
import type { MqttMessage, Session, StreamInfo } from '../../core/dialect.ts';
import { UnparsedRecord } from '../../core/errors.ts';
import { type Emit, type JsonObject, type JsonValue, Mark, type Slot } from '../../core/event.ts';
import { bounded } from '../../core/json/bounded.ts';
import { parseShare, topicDepth, topicRoot } from '../../core/mqtt/topic.ts';
import { payloadValues } from '../../ecs/payload.ts';
import { payloadOf } from './admit.ts';
import { KIND } from './kinds.ts';
import { type HicapRecord, readRecord, withoutPayload } from './record.ts';

const MESSAGE_TOPIC_CHARS = 200;
const MAX_PORT = 65_535;
/** CONNACK return codes (MQTT 3.1.1 §3.2.2.3) as `event.reason` has them. */
const REASONS: readonly (string | undefined)[] = [
  undefined,
  'unsupported_protocol_version',
  'client_identifier_not_valid',
  'server_unavailable',
  'bad_user_name_or_password',
  'not_authorized',
];
const BAD_CREDENTIALS = 4;
const NOT_AUTHORIZED = 5;

/** Reads what one broker captures. Every record stands for itself: nothing is carried from one to the next. */
export class HicapSession implements Session {
  private readonly stream: StreamInfo;
  private readonly emit: Emit;
  private stamp = '';
  private stampMs = Number.NaN;

  constructor(stream: StreamInfo, emit: Emit) {
    this.stream = stream;
    this.emit = emit;
  }

  line(text: string, seen: number, marks: number): void {
    const record = readRecord(text, (marks & Mark.truncated) !== 0);
    if (record === undefined)
      throw new UnparsedRecord('this is no whole record of the capture interface', withoutPayload(text));
    const { fields } = record;
    const time = this.timeOf(fields.tsUTC) ?? seen;
    switch (fields.action) {
      case 'PUBLISH':
        this.publish(record, time);
        return;
      case 'SUBSCRIBE':
        this.subscribe(fields, time);
        return;
      case 'CONNECT':
        this.connect(fields, time);
        return;
      case 'DISCONNECT':
        this.emit(KIND.disconnected, time, `DISCONNECT${peerWords(fields)}`, clientValues(fields));
        return;
      case 'STARTUP':
        this.emit(KIND.started, time, `STARTUP${listenerWords(fields)}`, [others(fields)]);
        return;
      case 'SHUTDOWN':
        this.emit(KIND.stopped, time, `SHUTDOWN${listenerWords(fields)}`, [others(fields)]);
        return;
      default:
        this.emit(KIND.other, time, short(String(fields.action)), [others(fields)]);
    }
  }

  /** The broker publishes nothing about itself that an ordinary one does not. @throws UnparsedRecord */
  message({ topic }: MqttMessage): void {
    throw new UnparsedRecord(`the capture interface has no topic ${short(topic)}`, '');
  }

  state(): JsonObject {
    return {};
  }

  private publish(record: HicapRecord, time: number): void {
    const { fields } = record;
    const topic = textOf(fields.topic);
    const { size, captured } = payloadOf(record, this.stream.payload);
    const words = size === undefined ? '' : ` (${size} bytes)`;
    this.emit(KIND.publish, time, `PUBLISH ${short(topic ?? '')}${words}`, [
      ...clientValues(fields),
      ...certificateValues(fields),
      topic,
      topic === undefined ? undefined : topicRoot(topic, this.stream.topicRoot),
      topic === undefined ? undefined : topicDepth(topic),
      size,
      ...payloadValues(captured),
    ]);
  }

  private subscribe(fields: JsonObject, time: number): void {
    const topic = textOf(fields.topic);
    const share = topic === undefined ? undefined : parseShare(topic);
    this.emit(KIND.subscribe, time, `SUBSCRIBE${peerWords(fields)}: ${short(topic ?? '')}`, [
      ...clientValues(fields),
      ...certificateValues(fields),
      share?.filter,
      share?.group,
    ]);
  }

  private connect(fields: JsonObject, time: number): void {
    const peer = peerWords(fields);
    if (fields.success !== false) {
      this.emit(KIND.connected, time, `CONNECT${peer}`, clientValues(fields));
      return;
    }
    const { errCode } = fields;
    const code = typeof errCode === 'number' && errCode >= 0 && errCode <= 255 ? errCode : undefined;
    const reason = REASONS[code ?? 0] ?? 'other_error';
    const isLogin = code === BAD_CREDENTIALS || code === NOT_AUTHORIZED;
    const kind = isLogin ? KIND.loginRefused : KIND.connectionRefused;
    this.emit(kind, time, `CONNECT${peer} refused: ${reason}`, [...clientValues(fields), code, reason]);
  }

  /** `2026-11-21T19:23:59Z (GMT)`; many records in a row have the same. */
  private timeOf(stamp: JsonValue | undefined): number | undefined {
    if (typeof stamp !== 'string') return undefined;
    if (stamp !== this.stamp) {
      const end = stamp.indexOf(' ');
      this.stamp = stamp;
      this.stampMs = Date.parse(end === -1 ? stamp : stamp.slice(0, end));
    }
    return Number.isNaN(this.stampMs) ? undefined : this.stampMs;
  }
}

/** Values of the slots of every record about a client. */
function clientValues({ clientID, clientIP, port }: JsonObject): [Slot, Slot, Slot, Slot] {
  const address = textOf(clientIP);
  const bare = address?.startsWith('::ffff:') === true ? address.slice('::ffff:'.length) : address;
  const ip = bare !== undefined && isIP(bare) !== 0 ? bare : undefined;
  const isPort = typeof port === 'number' && Number.isInteger(port) && port > 0 && port <= MAX_PORT;
  return [textOf(clientID), ip, ip === undefined ? address : undefined, isPort ? port : undefined];
}

/** Serial numbers stand without colons in `tls.client.x509.serial_number` (ECS 9.4, x509). */
function certificateValues({ sslSN, sslCN }: JsonObject): [Slot, Slot] {
  const name = textOf(sslCN);
  return [textOf(sslSN)?.replaceAll(':', ''), name === undefined ? undefined : [name]];
}

function peerWords({ clientID, clientIP }: JsonObject): string {
  const client = textOf(clientID);
  const address = textOf(clientIP);
  return `${client === undefined ? '' : ` ${short(client)}`}${address === undefined ? '' : ` from ${short(address)}`}`;
}

/** `, listens on 127.0.0.1:1884, *:1883`; a listener that is bound to no address has an empty one. */
function listenerWords({ listeners }: JsonObject): string {
  if (!Array.isArray(listeners)) return '';
  const places = listeners.slice(0, 20).map((one: JsonValue) => {
    const { bind, port } = (typeof one === 'object' && one !== null ? one : {}) as JsonObject;
    return `${short(textOf(bind) ?? '*')}:${String(port)}`;
  });
  return places.length === 0 ? '' : `, listens on ${places.join(', ')}`;
}

/** `mqtt.log.fields`: what no field of its own tells, without payloads. */
function others({ action: _, payload: __, tsUTC: ___, tsLocal: ____, ...rest }: JsonObject): Slot {
  return Object.keys(rest).length === 0 ? undefined : (bounded(rest) as JsonObject);
}

function textOf(value: JsonValue | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function short(text: string): string {
  return text.length > MESSAGE_TOPIC_CHARS ? `${text.slice(0, MESSAGE_TOPIC_CHARS)}…` : text;
}
