import type { EventKind, Slot } from '../../core/event.ts';
import { matchesFilter } from '../../core/mqtt/topic.ts';
import { matchesWildcard } from '../../core/text/wildcard.ts';
import { ACTIONS } from '../../ecs/actions.ts';

/** One entry of `include` or `exclude`: an event matches when every key of it does. */
interface FilterEntry {
  readonly action?: readonly string[] | undefined;
  readonly dataset?: readonly string[] | undefined;
  readonly level?: readonly string[] | undefined;
  readonly client?: readonly string[] | undefined;
  /** MQTT topic filters. */
  readonly topic?: readonly string[] | undefined;
}

export interface FilterLists {
  readonly include?: readonly FilterEntry[] | undefined;
  readonly exclude?: readonly FilterEntry[] | undefined;
}

type Test = (values: readonly Slot[]) => boolean;
type Verdict = 'pass' | 'drop' | Test;

/**
 * Decides which events go on. What depends on the kind alone is decided once per kind, so that a filter by action or
 * level costs nothing per event.
 */
export class Filter {
  private readonly lists: readonly FilterLists[];
  private readonly own: ReadonlySet<string>;
  private readonly verdicts = new Map<EventKind, Verdict>();

  /**
   * @param lists an event has to pass each of them
   * @param own client ids of the probe itself: events about them are left out, but for what the broker did not deliver
   */
  constructor(lists: readonly FilterLists[], own: ReadonlySet<string>) {
    this.lists = lists.filter((l) => (l.include?.length ?? 0) + (l.exclude?.length ?? 0) > 0);
    this.own = own;
  }

  passes(kind: EventKind, values: readonly Slot[]): boolean {
    let verdict = this.verdicts.get(kind);
    if (verdict === undefined) {
      verdict = this.decide(kind);
      this.verdicts.set(kind, verdict);
    }
    return typeof verdict === 'string' ? verdict === 'pass' : verdict(values);
  }

  private decide(kind: EventKind): Verdict {
    const tests: Test[] = [];
    if (this.own.size > 0 && !tellsOwnLoss(kind)) {
      const slots = ['mqtt.client.id', 'mqtt.publisher.client.id'].map((name) => kind.slots.indexOf(name));
      for (const slot of slots.filter((s) => s >= 0)) {
        tests.push((values) => !this.own.has(String(values[slot])));
      }
    }
    for (const { include, exclude } of this.lists) {
      if (include !== undefined && include.length > 0) {
        const wanted = either(include.map((entry) => compile(entry, kind)));
        if (wanted === 'drop') return 'drop';
        if (wanted !== 'pass') tests.push(wanted);
      }
      const unwanted = either((exclude ?? []).map((entry) => compile(entry, kind)));
      if (unwanted === 'pass') return 'drop';
      if (unwanted !== 'drop') tests.push((values) => !unwanted(values));
    }
    return tests.length === 0 ? 'pass' : (values) => tests.every((test) => test(values));
  }
}

/** Of the probe's own client it means that the probe misses something. */
function tellsOwnLoss({ action, constants }: EventKind): boolean {
  return action === 'input-gap' || constants['mqtt.drop.stage'] === 'delivery';
}

function either(verdicts: readonly Verdict[]): Verdict {
  if (verdicts.includes('pass')) return 'pass';
  const tests = verdicts.filter((v) => typeof v !== 'string');
  return tests.length === 0 ? 'drop' : (values) => tests.some((test) => test(values));
}

function compile(entry: FilterEntry, kind: EventKind): Verdict {
  const fixed: [readonly string[] | undefined, string | undefined][] = [
    [entry.action, kind.action],
    [entry.dataset, ACTIONS[kind.action].dataset],
  ];
  for (const [patterns, value] of fixed) {
    if (patterns !== undefined && !matchesAny(patterns, value)) return 'drop';
  }
  const tests: Test[] = [];
  const add = (patterns: readonly string[] | undefined, field: string, match: typeof matchesAny): boolean => {
    if (patterns === undefined) return true;
    const slot = kind.slots.indexOf(field);
    const constant = kind.constants[field] ?? (field === 'log.level' ? kind.level : undefined);
    if (slot === -1) return constant !== undefined && match(patterns, String(constant));
    tests.push((values) => values[slot] !== undefined && match(patterns, String(values[slot])));
    return true;
  };
  const possible =
    add(entry.level, 'log.level', matchesAny) &&
    add(entry.client, 'mqtt.client.id', matchesAny) &&
    add(
      entry.topic,
      kind.slots.includes('mqtt.topic') ? 'mqtt.topic' : 'mqtt.subscription.filter',
      matchesTopic,
    );
  if (!possible) return 'drop';
  return tests.length === 0 ? 'pass' : (values) => tests.every((test) => test(values));
}

function matchesAny(patterns: readonly string[], value: string | undefined): boolean {
  return value !== undefined && patterns.some((pattern) => matchesWildcard(pattern, value));
}

function matchesTopic(filters: readonly string[], topic: string | undefined): boolean {
  return topic !== undefined && filters.some((filter) => filter === topic || matchesFilter(filter, topic));
}
