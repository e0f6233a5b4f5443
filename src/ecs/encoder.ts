import { type EventKind, Mark, type Slot } from '../core/event.ts';
import { BASE_SLOTS } from './base-slots.ts';
import { decimal } from './digits.ts';
import type { EventBuffer } from './event-buffer.ts';
import { isPlain, isWide, quote, stringify } from './json.ts';
import type { Moment } from './shape.ts';
import { type Envelope, HAS_LENGTH, HAS_OFFSET, HAS_ORIGINAL, KEY_SLOTS, Template } from './template.ts';

const BASE = BASE_SLOTS.length;
const MESSAGE = BASE_SLOTS.indexOf('message');
const OFFSET = BASE_SLOTS.indexOf('log.offset');
const ORIGINAL = BASE_SLOTS.indexOf('event.original');

const NO_FRAME: Envelope = {};
/** What stands behind a second: `042Z`. */
const MILLISECONDS = Array.from({ length: 1000 }, (_, ms) => `${String(ms).padStart(3, '0')}Z`);

/** The record that an event came from, and the event's place in its source. */
interface Origin {
  /** 36 hex digits that name the record. */
  readonly record: string;
  /** `log.offset`; undefined outside files. */
  readonly offset: number | undefined;
  /** Bytes of the record before the probe cut it; undefined when it is whole. */
  readonly length: number | undefined;
  /** `event.original`; undefined: not kept. */
  readonly original: string | undefined;
  /** `event.created`, ISO 8601. */
  readonly created: string;
}

/**
 * The one place where events become bytes: one JSON object and a newline each. Every kind is compiled once per source,
 * so that an event costs its values and a few joined strings.
 */
export class Encoder {
  private templates = new Map<EventKind, Template>();
  /** Templates of the headers seen. */
  private framed = new WeakMap<Envelope, Map<EventKind, Template>>();
  private frame: Envelope = NO_FRAME;
  private readonly provider: string;
  private readonly namespace: string;
  private envelope: Envelope;
  private lastTime = Number.NaN;
  private second = Number.NaN;
  private toSecond = '';
  private moment: Moment = { created: '', stamp: '' };

  /** @param provider `event.provider` of kinds that do not name their own */
  constructor(envelope: Envelope, provider: string, namespace: string) {
    this.envelope = { ...envelope, 'data_stream.namespace': namespace };
    this.provider = provider;
    this.namespace = namespace;
    this.framed.set(NO_FRAME, this.templates);
  }

  /** Changes a constant of all events to come. */
  set(field: string, value: string | undefined): void {
    const { [field]: _, ...rest } = this.envelope;
    this.envelope = value === undefined ? rest : { ...rest, [field]: value };
    this.framed = new WeakMap();
    this.templates = new Map();
    this.framed.set(this.frame, this.templates);
  }

  /**
   * Changes the fields that all events to come have besides those of the envelope, until the next call.
   * @param frame one object for one set of values: what is compiled for it is kept with it
   */
  within(frame: Envelope = NO_FRAME): void {
    this.frame = frame;
    let templates = this.framed.get(frame);
    if (templates === undefined) {
      templates = new Map();
      this.framed.set(frame, templates);
    }
    this.templates = templates;
  }

  /** What the kind's constants are in this source: data stream and dataset. */
  template(kind: EventKind): Template {
    let template = this.templates.get(kind);
    if (template === undefined) {
      template = new Template(kind, { ...this.envelope, ...this.frame }, this.provider, this.namespace);
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
    const { bits } = template;
    let key = marks;
    if (origin.offset !== undefined) key |= HAS_OFFSET;
    if (origin.length !== undefined) key |= HAS_LENGTH;
    if (origin.original !== undefined) key |= HAS_ORIGINAL;
    let more = 0;
    for (let i = 0; i < values.length; i++) {
      const value = values[i];
      if (value === undefined) continue;
      const bit = bits[value === true ? 2 * i + 1 : 2 * i] ?? 0;
      if (i < KEY_SLOTS) key |= bit;
      else more |= bit;
    }
    const shape = template.shape(key, more);
    const { order, quoted } = shape;
    const segments = shape.segments(this.at(time, origin.created));
    const id = origin.record + (index === 0 ? '0000' : index.toString(16).padStart(4, '0'));
    const isMessagePlain = isPlain(message);
    const arePlain = isMessagePlain && kind.verbatim === true;
    let wide = !shape.ascii;
    // Every event begins with its id and number.
    let line = segments[0] + id + segments[1] + decimal(sequence);
    for (let k = 2; k < order.length; k++) {
      line += segments[k];
      const slot = order[k] ?? 0;
      const value = slot >= BASE ? values[slot - BASE] : baseValue(slot, message, origin);
      if (typeof value === 'number') {
        line += decimal(value);
      } else if (typeof value === 'string') {
        let text = value;
        if (slot === MESSAGE ? !isMessagePlain : !(arePlain && slot >= BASE) && !isPlain(value)) {
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

  /** @throws RangeError when there is no such time */
  private at(time: number, created: string): Moment {
    if (time !== this.lastTime || created !== this.moment.created) {
      this.moment = { created, stamp: this.stamp(time) };
      this.lastTime = time;
    }
    return this.moment;
  }

  /** ISO 8601; the text of a second is kept for the times within it. @throws RangeError when there is no such time */
  private stamp(time: number): string {
    const second = Math.floor(time / 1000);
    if (second !== this.second) {
      this.toSecond = new Date(second * 1000).toISOString().slice(0, -4);
      this.second = second;
    }
    return this.toSecond + MILLISECONDS[Math.floor(time - second * 1000)];
  }
}

function baseValue(slot: number, message: string, origin: Origin): string | number | undefined {
  if (slot === MESSAGE) return message;
  if (slot === ORIGINAL) return origin.original;
  return slot === OFFSET ? origin.offset : origin.length;
}
