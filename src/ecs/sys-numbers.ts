import type { Emit, EventKind, JsonObject, JsonValue, Slot } from '../core/event.ts';
import { bounded } from '../core/json/bounded.ts';
import { isObject } from '../core/json/object.ts';
import type { FieldName } from './catalogue.ts';

/** A field of a number in `$SYS`. */
export type SysField = Extract<FieldName, `mqtt.broker.${string}`>;

const PREFIX = 'mqtt.broker.';
/** Topics without a field of their own that are kept; further ones are passed over. */
const MAX_OTHER = 100;
/** No broker has longer ones: whoever may publish there could fill the memory with them. */
const MAX_TOPIC_CHARS = 512;
const NUMBER = /^-?\d{1,18}(?:\.\d{1,6})?$/;
const TEXT_CHARS = 256;

/**
 * All numbers of one interval in one event. Its slot `mqtt.broker` is the object above the fields of the catalogue: there
 * are more of them than a kind may have slots.
 */
const SYS_METRICS: EventKind = {
  code: 'sys.metrics',
  action: 'sys-metrics',
  provider: 'sys-topics',
  constants: {},
  slots: ['service.node.name', 'mqtt.broker', 'mqtt.sys.other'],
};

/** The number that a payload is, in plain digits as both families of brokers write them; undefined: none. */
export function sysNumber(text: string): number | undefined {
  return NUMBER.test(text) ? Number(text) : undefined;
}

/** The numbers of one interval. */
export interface SysDocument {
  /** When the last of them came, milliseconds since 1970. */
  readonly time: number;
  readonly fields: ReadonlyMap<SysField, number>;
  /** By topic. */
  readonly other: ReadonlyMap<string, number | string>;
}

/**
 * Collects the numbers that one node of a broker publishes in each interval. An interval is over with the topic that was
 * the last one of the interval before, else when a topic comes again. The first interval makes no document: it holds what
 * was retained, or the rest of an interval that had begun before.
 */
export class SysNumbers {
  private readonly keeps: boolean;
  private readonly fields: Map<SysField, number>;
  private readonly facts: Map<SysField, number>;
  private readonly other: Map<string, number | string>;
  /** Topics of this interval. */
  private readonly topics: Set<string>;
  /** The topic that ends an interval. */
  private last: string | undefined;
  private newest: string;
  private time: number;
  private isFirst: boolean;
  /** This interval has made its document; what still comes of it shows that another topic is the last one. */
  private isTold: boolean;

  /**
   * @param keeps the broker says a number again only when it has changed
   * @param saved what `state` gave
   */
  constructor(keeps: boolean, saved?: JsonValue) {
    const state = isObject(saved) ? saved : {};
    this.keeps = keeps;
    this.fields = new Map(entriesOf<SysField, number>(state.fields));
    this.facts = new Map(entriesOf<SysField, number>(state.facts));
    this.other = new Map(entriesOf<string, number | string>(state.other));
    this.topics = new Set(Array.isArray(state.topics) ? state.topics.map(String) : []);
    this.last = typeof state.last === 'string' ? state.last : undefined;
    this.newest = typeof state.newest === 'string' ? state.newest : '';
    this.time = typeof state.time === 'number' ? state.time : 0;
    this.isFirst = state.isFirst !== false;
    this.isTold = state.isTold === true;
  }

  /**
   * Takes one message.
   * @param topic its topic, or the part of it that tells the number
   * @param field undefined: a topic that nobody knows
   * @param seen milliseconds since 1970
   * @returns the document of the interval that is over now
   */
  take(topic: string, field: SysField | undefined, text: string, seen: number): SysDocument | undefined {
    if (field === undefined && !this.hasRoom(topic)) return undefined;
    const complete = this.topics.has(topic) ? this.begin() : undefined;
    this.topics.add(topic);
    this.newest = topic;
    this.time = seen;
    const value = sysNumber(text);
    if (field === undefined) this.other.set(topic, value ?? text.slice(0, TEXT_CHARS));
    else if (value !== undefined) this.fields.set(field, value);
    return complete ?? (topic === this.last ? this.end() : undefined);
  }

  /** Sets a number that is said at times of its own. */
  set(field: SysField, value: number): void {
    this.facts.set(field, value);
  }

  /** Ends the interval before anything tells that it is over. @returns its document, where it has made none */
  end(): SysDocument | undefined {
    if (this.isFirst || this.isTold || this.topics.size === 0) return undefined;
    this.isTold = true;
    const fields = new Map([...this.facts, ...this.fields]);
    return fields.size + this.other.size === 0
      ? undefined
      : { time: this.time, fields, other: new Map(this.other) };
  }

  /** Nothing will follow: ends the interval, the first one too. */
  finish(): SysDocument | undefined {
    this.isFirst = false;
    return this.end();
  }

  /** The broker has started anew, or was not heard for long: nothing of before holds. */
  clear(): void {
    this.fields.clear();
    this.facts.clear();
    this.other.clear();
    this.topics.clear();
    this.isFirst = true;
    this.isTold = false;
  }

  /** Plain JSON for `Session.state`, bounded. */
  state(): JsonObject {
    const { last, newest, time, isFirst, isTold } = this;
    return {
      fields: [...this.fields],
      facts: [...this.facts],
      other: [...this.other],
      topics: [...this.topics],
      ...(last !== undefined && { last }),
      newest,
      time,
      isFirst,
      isTold,
    };
  }

  private begin(): SysDocument | undefined {
    const complete = this.end();
    this.last = this.newest;
    this.isFirst = false;
    this.isTold = false;
    this.topics.clear();
    if (!this.keeps) {
      this.fields.clear();
      this.other.clear();
    }
    return complete;
  }

  /** For a topic without a field. */
  private hasRoom(topic: string): boolean {
    return topic.length <= MAX_TOPIC_CHARS && (this.other.size < MAX_OTHER || this.other.has(topic));
  }
}

/** Emits the document of one interval. @param node undefined: the broker has no nodes */
export function emitSysNumbers(
  { time, fields, other }: SysDocument,
  node: string | undefined,
  emit: Emit,
): void {
  const broker: Tree = {};
  for (const [field, value] of fields) insert(broker, field.slice(PREFIX.length).split('.'), value);
  const values: Slot[] = [
    node,
    fields.size === 0 ? undefined : (broker as JsonObject),
    other.size === 0 ? undefined : (bounded(Object.fromEntries(other)) as JsonObject),
  ];
  const where = node === undefined ? '' : ` of ${node}`;
  emit(SYS_METRICS, time, `$SYS${where}: ${fields.size + other.size} numbers`, values);
}

interface Tree {
  [key: string]: number | Tree;
}

function insert(tree: Tree, path: readonly string[], value: number): void {
  const [key = '', ...rest] = path;
  if (rest.length === 0) {
    tree[key] = value;
    return;
  }
  const below = tree[key];
  const next: Tree = typeof below === 'object' ? below : {};
  tree[key] = next;
  insert(next, rest, value);
}

/** Entries of a map that `state` has written. */
function entriesOf<K, V>(saved: JsonValue | undefined): [K, V][] {
  return Array.isArray(saved) ? (saved as unknown as [K, V][]) : [];
}
