import { type EventKind, Mark, type Slot } from '../core/event.ts';
import type { EventBuffer } from './event-buffer.ts';
import { isPlain, isWide, quote, stringify } from './json.ts';
import { BASE_SLOTS, type Envelope, Template } from './template.ts';

const BASE = BASE_SLOTS.length;
/** The slots before it (`event.id`, `event.created`, `@timestamp`) are made here and need no look. */
const MESSAGE = BASE_SLOTS.indexOf('message');
const OFFSET = BASE_SLOTS.indexOf('log.offset');
const LENGTH = BASE_SLOTS.indexOf('mqtt.log.length');
/** All base slots but the optional `log.offset` and `mqtt.log.length`. */
const ALWAYS = (1 << OFFSET) - 1;

/** The record that an event came from, and the event's place in its source. */
export interface Origin {
  /** 36 hex digits that name the record. */
  readonly record: string;
  /** `log.offset`; undefined outside files. */
  readonly offset: number | undefined;
  /** Bytes of the record before the probe cut it; undefined when it is whole. */
  readonly length: number | undefined;
  /** `event.created`, ISO 8601. */
  readonly created: string;
}

/**
 * The one place where events become bytes: one JSON object and a newline each. Every kind is compiled once per source,
 * so that an event costs its values and a few joined strings.
 */
export class Encoder {
  private readonly templates = new Map<EventKind, Template>();
  private readonly provider: string;
  private readonly namespace: string;
  private envelope: Envelope;
  private readonly base: Slot[] = BASE_SLOTS.map(() => undefined);
  private lastTime = Number.NaN;
  private lastStamp = '';

  /** @param provider `event.provider` of kinds that do not name their own */
  constructor(envelope: Envelope, provider: string, namespace: string) {
    this.envelope = { ...envelope, 'data_stream.namespace': namespace };
    this.provider = provider;
    this.namespace = namespace;
  }

  /** Changes a constant of all events to come. */
  set(field: string, value: string | undefined): void {
    const { [field]: _, ...rest } = this.envelope;
    this.envelope = value === undefined ? rest : { ...rest, [field]: value };
    this.templates.clear();
  }

  /** What the kind's constants are in this source: data stream and dataset. */
  template(kind: EventKind): Template {
    let template = this.templates.get(kind);
    if (template === undefined) {
      template = new Template(kind, this.envelope, this.provider, this.namespace);
      this.templates.set(kind, template);
    }
    return template;
  }

  /**
   * Appends one event to a buffer.
   * @param index which event of its record this is, from 0
   * @param sequence `event.sequence`
   * @throws RangeError when the kind has no such time as `time`
   */
  encode(
    out: EventBuffer,
    origin: Origin,
    index: number,
    sequence: number,
    kind: EventKind,
    time: number,
    message: string,
    values: readonly Slot[],
    marks: number = Mark.none,
  ): void {
    const template = this.template(kind);
    let present = ALWAYS;
    if (origin.offset !== undefined) present |= 1 << OFFSET;
    if (origin.length !== undefined) present |= 1 << LENGTH;
    for (let i = 0; i < values.length; i++) if (values[i] !== undefined) present |= 1 << (BASE + i);
    const { segments, order, quoted, ascii } = template.shape(present >>> 0, marks);
    const base = this.base;
    base[0] = origin.record + (index === 0 ? '0000' : index.toString(16).padStart(4, '0'));
    base[1] = sequence;
    base[2] = origin.created;
    base[3] = this.stamp(time);
    base[MESSAGE] = message;
    base[OFFSET] = origin.offset;
    base[LENGTH] = origin.length;
    let wide = !ascii;
    let line = '';
    for (let k = 0; k < order.length; k++) {
      line += segments[k];
      const slot = order[k] ?? 0;
      const value = slot < BASE ? base[slot] : values[slot - BASE];
      if (typeof value === 'string') {
        let text = value;
        if (slot >= MESSAGE && !isPlain(value)) {
          text = quote(value);
          wide ||= isWide(text);
        }
        line += quoted[k] === true ? text : `"${text}"`;
      } else if (typeof value === 'object') {
        const json = stringify(value);
        wide ||= isWide(json);
        line += json;
      } else {
        line += value;
      }
    }
    out.append(line + segments[order.length], !wide, template.stream);
  }

  private stamp(time: number): string {
    if (time !== this.lastTime) {
      this.lastStamp = new Date(time).toISOString();
      this.lastTime = time;
    }
    return this.lastStamp;
  }
}
