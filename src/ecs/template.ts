import { type EventKind, type JsonValue, Mark } from '../core/event.ts';
import { ACTIONS, streamType } from './actions.ts';
import { BASE_SLOTS } from './base-slots.ts';
import { fieldType } from './catalogue.ts';
import { insert, type Leaf, render, type Tree } from './event-tree.ts';
import { Shape } from './shape.ts';

/** Fields that stand in every event of one source with the same value, by catalogue name. */
export type Envelope = Readonly<Record<string, JsonValue>>;

/** Bits of a shape's key, beside those of `Mark` (the lowest five) and those that `Template.bits` gives. */
export const HAS_OFFSET = 1 << 5;
export const HAS_LENGTH = 1 << 6;
export const HAS_ORIGINAL = 1 << 7;
const FIRST_BIT = 8;

const OFFSET = BASE_SLOTS.indexOf('log.offset');
const LENGTH = BASE_SLOTS.indexOf('mqtt.log.length');
const ORIGINAL = BASE_SLOTS.indexOf('event.original');

const MARKS = (1 << 5) - 1;
/** Keys that are larger are slow to look up. */
const KEY_BITS = 30;
/** Slots of a kind whose presence is part of `key`; that of further ones is part of `more`. */
export const KEY_SLOTS = KEY_BITS - FIRST_BIT;
const MAX_SLOTS = KEY_SLOTS + KEY_BITS;
/** Types of the catalogue whose values are JSON strings. */
const TEXT_TYPES: ReadonlySet<string | undefined> = new Set(['keyword', 'match_only_text', 'date', 'ip']);

/** A kind of event compiled for one source: gives the shape for each combination of present values. */
export class Template {
  /** Name of the data stream, `logs-mqtt.message-default`. */
  readonly stream: string;
  readonly dataset: string;
  /**
   * For each slot of the kind, what a present value adds to the key: bits[2 * n] a value, bits[2 * n + 1] `true`. Where
   * the two differ, `true` and `false` become part of the shape.
   */
  readonly bits: readonly number[];
  private readonly kind: EventKind;
  private readonly envelope: Envelope;
  private readonly provider: string;
  private readonly shapes = new Map<number, Shape>();
  /** Shapes with further slots, by `more`. */
  private readonly further = new Map<number, Map<number, Shape>>();

  /** @throws RangeError when the kind has too many slots */
  constructor(kind: EventKind, envelope: Envelope, provider: string, namespace: string) {
    this.kind = kind;
    this.envelope = envelope;
    this.provider = provider;
    this.dataset = ACTIONS[kind.action].dataset;
    this.stream = `${streamType(this.dataset)}-${this.dataset}-${namespace}`;
    if (kind.slots.length > MAX_SLOTS) throw new RangeError(`kind ${kind.code} has too many slots`);
    const bits: number[] = [];
    let truth = FIRST_BIT + Math.min(kind.slots.length, KEY_SLOTS);
    for (const [n, name] of kind.slots.entries()) {
      if (n >= KEY_SLOTS) {
        const present = 1 << (n - KEY_SLOTS);
        bits.push(present, present);
        continue;
      }
      const present = 1 << (FIRST_BIT + n);
      const folds = fieldType(name) === 'boolean' && truth < KEY_BITS;
      bits.push(present, folds ? present | (1 << truth++) : present);
    }
    this.bits = bits;
  }

  /**
   * @param key bits of `Mark`, `HAS_OFFSET`, `HAS_LENGTH`, `HAS_ORIGINAL` and those of the present values
   * @param more bits of the present values from slot `KEY_SLOTS` on
   */
  shape(key: number, more: number): Shape {
    let shapes = this.shapes;
    if (more !== 0) {
      shapes = this.further.get(more) ?? new Map();
      this.further.set(more, shapes);
    }
    let shape = shapes.get(key);
    if (shape === undefined) {
      shape = this.compile(key, more);
      shapes.set(key, shape);
    }
    return shape;
  }

  private compile(key: number, more: number): Shape {
    const tree: Tree = new Map();
    const filled = new Set<string>();
    const names = [...BASE_SLOTS, ...this.kind.slots];
    for (const [slot, name] of names.entries()) {
      const leaf = this.leaf(key, more, slot);
      if (leaf === undefined) continue;
      insert(tree, name, leaf);
      filled.add(name);
    }
    for (const [name, value] of Object.entries(this.constants(key & MARKS))) {
      if (filled.has(name)) continue;
      insert(tree, name, { constant: JSON.stringify(value) });
    }
    const parts: string[] = [];
    const slots: number[] = [];
    const isText = (slot: number): boolean => TEXT_TYPES.has(fieldType(names[slot] ?? ''));
    const last = render(tree, '', parts, slots, isText);
    parts.push(`${last}\n`);
    return new Shape(parts, slots, isText);
  }

  /** What stands in the place of a slot; undefined: nothing. */
  private leaf(key: number, more: number, slot: number): Leaf | undefined {
    if (slot === OFFSET) return (key & HAS_OFFSET) === 0 ? undefined : { slot };
    if (slot === LENGTH) return (key & HAS_LENGTH) === 0 ? undefined : { slot };
    if (slot === ORIGINAL) return (key & HAS_ORIGINAL) === 0 ? undefined : { slot };
    if (slot < BASE_SLOTS.length) return { slot };
    const n = 2 * (slot - BASE_SLOTS.length);
    const present = this.bits[n] ?? 0;
    const truth = this.bits[n + 1] ?? 0;
    const inMore = slot - BASE_SLOTS.length >= KEY_SLOTS;
    if (((inMore ? more : key) & present) === 0) return undefined;
    return truth === present ? { slot } : { constant: String((key & truth) === truth) };
  }

  private constants(marks: number): Record<string, JsonValue> {
    const { kind } = this;
    const facts = ACTIONS[kind.action];
    const outcome = kind.outcome ?? facts.outcome;
    const tags = Array.isArray(this.envelope.tags) ? [...this.envelope.tags] : [];
    if (marks & Mark.invalidUtf8) tags.push('invalid_utf8');
    if (marks & Mark.ambiguousTime) tags.push('ambiguous_time');
    return {
      'event.kind': facts.kind,
      'event.category': facts.category,
      'event.type': facts.type,
      'event.action': kind.action,
      ...(outcome && { 'event.outcome': outcome }),
      'event.module': 'mqtt',
      'event.dataset': facts.dataset,
      'event.provider': kind.provider ?? this.provider,
      'event.code': kind.code,
      ...(kind.level && { 'log.level': kind.level }),
      'data_stream.type': streamType(facts.dataset),
      'data_stream.dataset': facts.dataset,
      ...this.envelope,
      ...kind.constants,
      ...(tags.length > 0 && { tags }),
      ...(marks & Mark.truncated && { 'mqtt.truncated': true }),
      ...(marks & Mark.ambiguous && { 'mqtt.ambiguous': true }),
      ...(marks & Mark.derived && { 'mqtt.derived': true }),
    };
  }
}
