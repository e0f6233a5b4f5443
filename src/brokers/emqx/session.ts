import type { MqttMessage, Session, StreamInfo } from '../../core/dialect.ts';
import { UnparsedRecord } from '../../core/errors.ts';
import { type Emit, type JsonObject, type JsonValue, Mark } from '../../core/event.ts';
import { emitAudit } from './audit/audit.ts';
import { isAuditRecord } from './audit/forms.ts';
import { Emitter } from './emitter.ts';
import { withoutColours } from './entries/colours.ts';
import { promptEnd, runningVersion } from './entries/console.ts';
import { type Entry, epochMs } from './entries/entry.ts';
import { readJsonEntry } from './entries/json-entry.ts';
import { isDigit, StampReader } from './entries/stamp.ts';
import { prefixedJson, readText } from './entries/text.ts';
import { CLIENT_STATE, emitClientState } from './events/client-state.ts';
import { inferredEvent } from './events/inferred.ts';
import type { Report } from './events/report.ts';
import { emitRuleEvent, ruleCode } from './events/rule-event.ts';
import { emitWebHook, isWebHookAction } from './events/web-hook.ts';
import { emitProse } from './log/prose/prose.ts';
import { emitFrame, emitStructured } from './log/structured.ts';
import { hideUnreadable } from './secrets/unreadable.ts';
import { EmqxNumbers, isNumber } from './sys/numbers.ts';
import { emitMessage, ownsTopic } from './sys/topics.ts';
import { isJson, isObject, parseJson, word } from './values/json.ts';

/** Text of the audit log of an early 5.3: `[info] eval_erl {"cmd":…}`, `[info] 200 put /users/:username admin {"operate_id":…}`. */
const AUDIT_TEXT = /^\[([a-z]{4,9})\] (?:\w{1,64} |\d{3} [a-z]{3,7} \S{1,256} \S{1,256} )?(\{".*\})$/s;
const BAR = 0x7c;

/**
 * Reads what one EMQX or emqttd writes. Each record is read by itself; only the broker's version and the numbers of `$SYS`
 * are remembered.
 */
export class EmqxSession implements Session {
  version: string | undefined;
  private readonly out: Emitter;
  private readonly sink: Emit;
  private readonly stamps: StampReader;
  /** Numbers of the `$SYS` topics; undefined: none has come. */
  private numbers: EmqxNumbers | undefined;

  constructor(stream: StreamInfo, emit: Emit, state: JsonObject | undefined) {
    this.out = new Emitter(emit, stream);
    this.sink = emit;
    this.numbers = state?.numbers === undefined ? undefined : new EmqxNumbers(state.numbers);
    this.stamps = new StampReader(stream.timezone);
    this.version = word(state?.version);
  }

  line(text: string, seen: number, marks: number): void {
    try {
      this.read(text, seen, marks);
    } catch (error) {
      if (error instanceof UnparsedRecord) throw error;
      // The message of a runtime error may repeat a piece of the text.
      throw new UnparsedRecord('the parser failed on this record', hideUnreadable(text), { cause: error });
    }
  }

  message(message: MqttMessage): void {
    if (!isNumber(message.topic)) {
      emitMessage(message, this.out);
      return;
    }
    this.numbers ??= new EmqxNumbers();
    this.version = this.numbers.message(message, this.sink) ?? this.version;
  }

  finish(): void {
    this.numbers?.finish(this.sink);
  }

  state(): JsonObject {
    const { version, numbers } = this;
    return { ...(version !== undefined && { version }), ...(numbers && { numbers: numbers.state() }) };
  }

  private read(text: string, seen: number, marks: number): void {
    const first = text.charCodeAt(0);
    if (first === 0x7b && isJson(text)) {
      this.json(text, seen, marks);
      return;
    }
    if (first === 0x22) {
      const inner = quoted(text);
      if (inner !== undefined) {
        this.read(inner.trimEnd(), seen, marks);
        return;
      }
    }
    let stamp = this.stamps.read(text, 0, seen);
    const prompt = stamp === undefined || text.charCodeAt(stamp.end) === BAR ? promptEnd(text) : 0;
    if (prompt > 0 && prompt < text.length) {
      this.read(text.slice(prompt), seen, marks);
      return;
    }
    // The stamp of a container runtime stands before the broker's.
    if (stamp !== undefined && isDigit(text.charCodeAt(stamp.end)))
      stamp = this.stamps.read(text, stamp.end, seen) ?? stamp;
    const at = stamp?.end ?? 0;
    const plain = withoutColours(text, at);
    if (plain !== text) {
      this.read(plain, seen, marks);
      return;
    }
    const time = stamp?.time ?? this.stamps.readTitle(text, seen) ?? seen;
    if (at > 0 && text.startsWith('{"', at)) {
      this.json(text.slice(at), time, marks);
      return;
    }
    if (text.endsWith('}') && this.auditText(text, at, time, marks)) return;
    const isCut = text.includes('...: ...');
    const prefixed = prefixedJson(text, at);
    if (prefixed !== undefined) {
      const record = parseJson(text.slice(prefixed.at));
      if (!isObject(record)) throw new UnparsedRecord('this is no whole JSON object', hideUnreadable(text));
      this.entry(readJsonEntry({ level: prefixed.level, ...record }, time, marks));
      return;
    }
    this.entry(readText(text, at, time, isCut ? marks | Mark.truncated : marks));
  }

  private auditText(text: string, at: number, time: number, marks: number): boolean {
    const found = AUDIT_TEXT.exec(text.slice(at));
    if (found === null) return false;
    const record = parseJson(found[2] ?? '');
    if (!isObject(record) || !isAuditRecord(record)) return false;
    emitAudit(record, time, marks, this.out, found[1]);
    return true;
  }

  private json(text: string, seen: number, marks: number): void {
    const record = parseJson(text);
    if (!isObject(record)) throw new UnparsedRecord('this is no whole JSON object', hideUnreadable(text));
    if (isAuditRecord(record)) {
      emitAudit(record, seen, marks, this.out);
      return;
    }
    if ('msg' in record || 'level' in record) {
      this.entry(readJsonEntry(record, seen, marks));
      return;
    }
    const { event, action, topic, payload } = record;
    const at = (value: JsonValue | undefined): Report => ({
      from: 'event',
      code: '',
      time: epochMs(value) ?? seen,
      body: record,
      node: undefined,
      marks,
    });
    if (event === CLIENT_STATE) {
      emitClientState(record, epochMs(record.timestamp) ?? seen, marks, this.out);
      return;
    }
    if (typeof event === 'string' && event !== '') {
      emitRuleEvent(event, { ...at(momentOf(record)), code: ruleCode(event) }, this.out);
      return;
    }
    if (typeof action === 'string' && isWebHookAction(action)) {
      emitWebHook(action, { ...at(momentOf(record)), code: ruleCode(action) }, this.out);
      return;
    }
    if (typeof topic === 'string' && typeof payload === 'string' && ownsTopic(topic)) {
      const bytes = Buffer.from(payload);
      this.message({ topic, payload: bytes, qos: 0, retain: false, dup: false, seen });
      return;
    }
    const inferred = inferredEvent(record);
    if (inferred === undefined)
      throw new UnparsedRecord('this JSON object is no record of EMQX', hideUnreadable(text));
    const named = { ...at(momentOf(record)), body: { ...record, event: inferred } };
    emitRuleEvent(inferred, { ...named, code: ruleCode(inferred), marks: marks | Mark.derived }, this.out);
  }

  private entry(entry: Entry): void {
    if (entry.name === undefined && isFrame(entry)) {
      emitFrame(entry, this.out);
      return;
    }
    if (entry.name === undefined) {
      if (entry.isText && entry.level === undefined)
        this.version = runningVersion(entry.text) ?? this.version;
      emitProse(entry, this.out);
      return;
    }
    if (entry.name === 'emqx_is_running' && (entry.marks & Mark.ambiguous) === 0)
      this.version = word(entry.fields.release) ?? this.version;
    emitStructured(entry, this.out);
  }
}

/** Records of a frame that could not be read or written. */
function isFrame({ fields }: Entry): boolean {
  return Object.hasOwn(fields, 'input_bytes') || Object.hasOwn(fields, 'input_packet');
}

/** When it happened. A rule's SQL may have left out `timestamp`. */
function momentOf(record: JsonObject): JsonValue | undefined {
  const { timestamp, ts, disconnected_at: left, connected_at: came, publish_received_at: got } = record;
  return [timestamp, ts, left, came, got].find((value) => typeof value === 'number');
}

/** The record that a log shipper has put into a JSON string. */
function quoted(text: string): string | undefined {
  const inner = parseJson(text);
  return typeof inner === 'string' && !inner.startsWith('"') ? inner : undefined;
}
