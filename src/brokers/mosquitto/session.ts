import type { MqttMessage, Session, StreamInfo } from '../../core/dialect.ts';
import {
  type Emit,
  type EventKind,
  type JsonObject,
  type LogLevel,
  Mark,
  type Slot,
} from '../../core/event.ts';
import { defineKind } from '../../ecs/kind.ts';
import { DeliveryTracker } from './deliveries.ts';
import { type Context, type LineReader, NO_CONTEXT } from './line.ts';
import { LiveSessions } from './live-sessions.ts';
import { rulesFor } from './rules.ts';
import { StampReader } from './stamp.ts';
import { readGrant, readGrantAlone } from './subscription.ts';

const LOG_LINE = defineKind({ code: 'mosquitto.log', action: 'broker-log' });
const LOG_ERROR = defineKind({ code: 'mosquitto.log', action: 'broker-log', level: 'error' });
const LOG_WARNING = defineKind({ code: 'mosquitto.log', action: 'broker-log', level: 'warning' });

/** From 2.0 on a line with its stamp has at most 999 bytes; the broker cuts it without a word. */
const MAX_LINE_BYTES = 999;
const LOG_TOPIC = '$SYS/broker/log/';
/** Level by the last part of the topic (Mosquitto's `log_dest topic`). */
const LEVELS: Readonly<Record<string, LogLevel>> = {
  E: 'error',
  W: 'warning',
  N: 'notice',
  I: 'info',
  D: 'debug',
  WS: 'debug',
  'M/subscribe': 'notice',
  'M/unsubscribe': 'notice',
};

/** Reads the log of one Mosquitto. */
export class MosquittoSession implements Session, LineReader {
  time = 0;
  number = 0;
  context: Context = NO_CONTEXT;
  seesGrants = false;
  version: string | undefined;
  readonly live: LiveSessions;
  readonly deliveries: DeliveryTracker | undefined;
  readonly ownClients: ReadonlySet<string>;
  readonly topicRoot: number;
  private readonly stamps: StampReader;
  private readonly sink: Emit;
  private readonly levelled = new Map<EventKind, Map<LogLevel, EventKind>>();
  private text = '';
  private marks: number = Mark.none;
  private level: LogLevel | undefined;

  constructor(stream: StreamInfo, emit: Emit, state: JsonObject | undefined) {
    this.ownClients = stream.ownClients;
    this.topicRoot = stream.topicRoot;
    this.sink = emit;
    const text = (key: string): string | undefined =>
      typeof state?.[key] === 'string' ? state[key] : undefined;
    this.stamps = new StampReader(stream.stamp, stream.timezone, text('stamp'));
    this.live = new LiveSessions(state?.sessions);
    this.live.restoreOpened(state?.opened);
    this.deliveries =
      stream.deliveries && new DeliveryTracker(stream.ownClients, this.live, stream.deliveries);
    this.version = text('version');
    this.seesGrants = state?.seesGrants === true;
    this.context = contextOf(state?.context);
  }

  line(text: string, seen: number, marks: number): void {
    const stamp = this.stamps.read(text, seen);
    this.time = stamp.time;
    this.number++;
    this.marks = marks;
    if (text.length > MAX_LINE_BYTES / 3 && Buffer.byteLength(text) >= MAX_LINE_BYTES)
      this.marks |= Mark.truncated;
    this.text = text.substring(stamp.at);
    this.read();
  }

  message({ topic, payload, seen }: MqttMessage): void {
    if (!topic.startsWith(LOG_TOPIC)) return;
    this.level = LEVELS[topic.slice(LOG_TOPIC.length)];
    const text = payload.toString('utf8');
    const broken = text.includes('\ufffd') && !Buffer.from(text).equals(payload);
    this.line(text, seen, broken ? Mark.invalidUtf8 : Mark.none);
    this.level = undefined;
  }

  emit(kind: EventKind, values: readonly Slot[], marks: number = Mark.none): void {
    this.sink(
      this.level === undefined ? kind : this.withLevel(kind, this.level),
      this.time,
      this.text,
      values,
      marks | this.marks,
    );
  }

  state(): JsonObject {
    const { version, context } = this;
    const stamp = this.stamps.learnt;
    return {
      ...this.live.state(),
      ...(stamp !== undefined && { stamp }),
      ...(version !== undefined && { version }),
      seesGrants: this.seesGrants,
      context: JSON.parse(JSON.stringify(context)),
    };
  }

  private read(): void {
    const { text } = this;
    if (this.context.type !== 'none' && readGrant(text, this)) return;
    // What was cut may have been the grant: nothing can be said of the filter in hand.
    if (this.marks & Mark.truncated && this.context.type === 'subscribe')
      this.context = { ...this.context, filter: undefined };
    for (const rule of rulesFor(text)) {
      if (text.startsWith(rule.prefix) && rule.read(text, this)) return;
    }
    if (readGrantAlone(text, this)) return;
    this.emit(text.startsWith('Error') ? LOG_ERROR : text.startsWith('Warning') ? LOG_WARNING : LOG_LINE, []);
  }

  private withLevel(kind: EventKind, level: LogLevel): EventKind {
    if (kind.level === level) return kind;
    const kinds = this.levelled.get(kind) ?? new Map<LogLevel, EventKind>();
    this.levelled.set(kind, kinds);
    const made = kinds.get(level) ?? { ...kind, level };
    kinds.set(level, made);
    return made;
  }
}

/** What `state` saved; anything else is no context. */
function contextOf(saved: unknown): Context {
  return typeof saved === 'object' && saved !== null && 'type' in saved ? (saved as Context) : NO_CONTEXT;
}
