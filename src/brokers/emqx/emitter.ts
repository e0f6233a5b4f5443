import type { StreamInfo } from '../../core/dialect.ts';
import type { Emit, EventKind, JsonObject, JsonValue, Slot } from '../../core/event.ts';
import { topicDepth, topicRoot } from '../../core/mqtt/topic.ts';
import { type Entry, type Fields, valueIn } from './entries/entry.ts';
import { otherFields } from './entries/other-fields.ts';
import { isCrash } from './entries/prose.ts';
import { LOG_PAYLOADS, withoutPayloads } from './secrets/payload-keys.ts';
import { hideSecrets } from './secrets/secrets.ts';
import { eventCode } from './values/event-code.ts';
import { NO_REASON, type Reason, readReason, statusWord } from './values/reason.ts';

const NONE: ReadonlySet<string> = new Set();

/** What a rule gives besides the values of its kind. */
export interface Said {
  readonly client?: string | undefined;
  readonly user?: string | undefined;
  readonly reason?: Reason;
  /** Fields of the entry that are among the values already. */
  readonly told?: ReadonlySet<string>;
  /** Further fields for `mqtt.log.fields`. */
  readonly more?: JsonObject | undefined;
  readonly message?: string;
}

/** Hands the events of all records on. */
export class Emitter {
  private readonly sink: Emit;
  private readonly rootLevels: number;
  /** What is kept of payloads. */
  readonly capture: StreamInfo['payload'];

  constructor(sink: Emit, { topicRoot: levels, payload }: Pick<StreamInfo, 'topicRoot' | 'payload'>) {
    this.sink = sink;
    this.rootLevels = levels;
    this.capture = payload;
  }

  /**
   * Emits the event of a log entry.
   * @param values of the kind's slots behind the common ones
   */
  entry(kind: EventKind, entry: Entry, values: readonly Slot[], said: Said = {}): void {
    const reason = said.reason ?? reasonOf(entry);
    const fields = otherFields(entry, said.told ?? NONE, entry.topic === undefined || tellsTopic(kind));
    const { ip, port, address } = entry.peer;
    this.sink(
      kind,
      entry.time,
      said.message ?? entry.message,
      [
        codeOf(entry),
        entry.level,
        entry.tag,
        entry.logger,
        said.client ?? entry.client,
        said.user ?? entry.user,
        ip,
        port,
        address,
        reason.word,
        reason.text === undefined ? undefined : hideSecrets(reason.text),
        said.more === undefined ? fields : { ...fields, ...said.more },
        ...values,
      ],
      entry.marks,
    );
  }

  /** Values of `mqtt.topic`, `mqtt.topic_root`, `mqtt.topic_depth`. */
  topic(topic: string | undefined): [Slot, Slot, Slot] {
    if (topic === undefined) return [undefined, undefined, undefined];
    return [topic, topicRoot(topic, this.rootLevels), topicDepth(topic)];
  }

  /** Emits an event as it is. */
  event(kind: EventKind, time: number, message: string, values: readonly Slot[], marks: number): void {
    this.sink(kind, time, message, values, marks);
  }
}

/** Why, as the fields of an entry tell, the most telling first; without payloads. */
export function reasonOf(entry: Entry): Reason {
  const { reason, cause, error, shutdown, exited, status_code: status } = entry.fields;
  const given = valueIn(entry, reason ?? cause ?? error ?? shutdown ?? exited ?? raised(entry.fields));
  const read = given === undefined ? NO_REASON : readReason(withoutPayloads(given, LOG_PAYLOADS));
  return status === undefined || read.word !== undefined ? read : { ...read, word: statusWord(status) };
}

/** What was raised, which some entries tell as `exception`, others as `context` beside its class. */
function raised({ exception, context }: Fields): JsonValue | undefined {
  return exception === 'error' || exception === 'exit' || exception === 'throw' ? context : exception;
}

/** The kind has slots for a topic or a filter. */
function tellsTopic({ slots }: EventKind): boolean {
  return slots.includes('mqtt.topic') || slots.includes('mqtt.subscription.filter');
}

const codes = new Map<string, string>();
const MAX_CODES = 4096;

/** `event.code` of an entry: of its `msg`; of prose `emqx.log` or `emqx.crash`. */
function codeOf({ name, text }: Entry): string {
  if (name === undefined) return isCrash(text) ? 'emqx.crash' : 'emqx.log';
  const known = codes.get(name);
  if (known !== undefined) return known;
  const code = eventCode(name, 'log');
  if (codes.size < MAX_CODES) codes.set(name, code);
  return code;
}
