import type { EventKind, JsonValue } from '../core/event.ts';
import { Mark } from '../core/event.ts';
import { ACTIONS, streamType } from './actions.ts';
import { fieldType } from './catalogue.ts';
import { quote } from './json.ts';

/** Fields that stand in every event of one source with the same value, by catalogue name. */
export type Envelope = Readonly<Record<string, JsonValue>>;

/** Slots that every event has, before those of its kind. `event.id` comes first: its column is fixed. */
export const BASE_SLOTS = [
  'event.id',
  'event.sequence',
  'event.created',
  '@timestamp',
  'message',
  'log.offset',
  'mqtt.log.length',
] as const;

/** The constant text around the values of one combination of present slots. */
export interface Shape {
  /** One more than `order`: text before, between and behind the values. */
  readonly segments: readonly string[];
  /** Which value follows each segment: an index into `BASE_SLOTS`, or `BASE_SLOTS.length` + index of the kind's slot. */
  readonly order: readonly number[];
  /** For each value: the segments around it have its quotation marks. */
  readonly quoted: readonly boolean[];
  /** All segments are ASCII. */
  readonly ascii: boolean;
}

type Leaf = { readonly constant: string } | { readonly slot: number };
interface Tree extends Map<string, Tree | Leaf> {}

const MARK_BITS = 4;
/** Types of the catalogue whose values are JSON strings. */
const TEXT_TYPES: ReadonlySet<string | undefined> = new Set(['keyword', 'match_only_text', 'date', 'ip']);

/** A kind of event compiled for one source: gives the shape for each combination of present values. */
export class Template {
  /** Name of the data stream, `logs-mqtt.message-default`. */
  readonly stream: string;
  readonly dataset: string;
  private readonly kind: EventKind;
  private readonly envelope: Envelope;
  private readonly provider: string;
  private readonly shapes = new Map<number, Shape>();

  constructor(kind: EventKind, envelope: Envelope, provider: string, namespace: string) {
    this.kind = kind;
    this.envelope = envelope;
    this.provider = provider;
    this.dataset = ACTIONS[kind.action].dataset;
    this.stream = `${streamType(this.dataset)}-${this.dataset}-${namespace}`;
  }

  /**
   * @param present bit n: value n of `Shape.order` is present
   * @param marks bits of `Mark`
   */
  shape(present: number, marks: number): Shape {
    const key = present * (1 << MARK_BITS) + marks;
    let shape = this.shapes.get(key);
    if (shape === undefined) {
      shape = this.compile(present, marks);
      this.shapes.set(key, shape);
    }
    return shape;
  }

  private compile(present: number, marks: number): Shape {
    const tree: Tree = new Map();
    const filled = new Set<string>();
    for (const [slot, name] of [...BASE_SLOTS, ...this.kind.slots].entries()) {
      if (((present / 2 ** slot) & 1) === 0) continue;
      insert(tree, name, { slot });
      filled.add(name);
    }
    for (const [name, value] of Object.entries(this.constants(marks))) {
      if (filled.has(name)) continue;
      insert(tree, name, { constant: JSON.stringify(value) });
    }
    const segments: string[] = [];
    const order: number[] = [];
    const names = [...BASE_SLOTS, ...this.kind.slots];
    const isText = (slot: number): boolean => TEXT_TYPES.has(fieldType(names[slot] ?? ''));
    const last = render(tree, '', segments, order, isText);
    segments.push(`${last}\n`);
    return { segments, order, quoted: order.map(isText), ascii: segments.every(isAscii) };
  }

  private constants(marks: number): Record<string, JsonValue> {
    const { kind } = this;
    const facts = ACTIONS[kind.action];
    const outcome = kind.outcome ?? facts.outcome;
    const tags = Array.isArray(this.envelope.tags) ? this.envelope.tags : [];
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
      ...(marks & Mark.invalidUtf8 && { tags: [...tags, 'invalid_utf8'] }),
      ...(marks & Mark.truncated && { 'mqtt.truncated': true }),
      ...(marks & Mark.ambiguous && { 'mqtt.ambiguous': true }),
      ...(marks & Mark.derived && { 'mqtt.derived': true }),
    };
  }
}

function insert(tree: Tree, name: string, leaf: Leaf): void {
  const path = name.split('.');
  let node = tree;
  for (const key of path.slice(0, -1)) {
    const next = node.get(key);
    if (next instanceof Map) {
      node = next;
    } else {
      const made: Tree = new Map();
      node.set(key, made);
      node = made;
    }
  }
  node.set(path.at(-1) ?? name, leaf);
}

/** Walks the tree in order; `text` is what has been said since the last value. Returns what remains behind the last one. */
function render(
  tree: Tree,
  text: string,
  segments: string[],
  order: number[],
  isText: (slot: number) => boolean,
): string {
  let out = `${text}{`;
  let first = true;
  for (const [key, node] of tree) {
    out += `${first ? '' : ','}"${quote(key)}":`;
    first = false;
    if (node instanceof Map) {
      out = render(node, out, segments, order, isText);
    } else if ('constant' in node) {
      out += node.constant;
    } else {
      const mark = isText(node.slot) ? '"' : '';
      segments.push(out + mark);
      order.push(node.slot);
      out = mark;
    }
  }
  return `${out}}`;
}

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false;
  return true;
}
