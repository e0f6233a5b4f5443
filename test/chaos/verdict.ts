import type { Counters } from '../../src/core/cursor.ts';
import type { OutputStatus } from '../../src/telemetry/status.ts';
import type { ProbeProcess } from '../support/cli.ts';
import { until } from '../support/wait.ts';
import { isFiltered, numberIn } from './arrivals.ts';
import { imbalance, letters, saved, settledIn, statusOf } from './probe-state.ts';
import type { Sink, Way } from './scenario.ts';

const PATIENCE_MS = 120_000;

/** The end of a run: nothing is disturbed any more, and the probe runs. */
interface End {
  readonly way: Way;
  readonly sink: Sink;
  readonly state: string;
  readonly probe: ProbeProcess;
  /** Most duplicates that are accepted by now: the sink loses answers until everything has arrived. */
  readonly bound: () => number;
}

interface Verdict {
  readonly arrived: number;
  readonly duplicates: number;
  readonly violations: string[];
}

/** Waits until nothing is pending, and compares what has arrived with what was written. */
export async function verdict({ way, sink, state, probe, bound }: End): Promise<Verdict> {
  const violations: string[] = [];
  const wanted = Array.from({ length: way.written }, (_, n) => n).filter((n) => !isFiltered(n));
  let status: OutputStatus | undefined;
  const isDone = async (): Promise<boolean> => {
    status = await statusOf(state);
    const arrived = sink.received === undefined ? sink.arrivals.numbers : await sink.received();
    // After an output was lost nothing is pending before it is read again.
    return status?.pending === 0 && status.bytesToGo === 0 && arrived >= wanted.length;
  };
  await until(isDone, () => 'everything', PATIENCE_MS).catch(() => {});
  status = await statusOf(state);
  if ((await probe.stop()) !== 0) violations.push('the probe did not end well');
  await sink.collect?.();
  const { arrivals } = sink;
  violations.push(...setOf(way, sink, wanted), ...graves(sink, state, wanted));
  if (status === undefined) return { arrived: 0, duplicates: 0, violations: ['the probe does not answer'] };
  const duplicates = sink.collect === undefined ? arrivals.again : status.duplicates;
  if (duplicates > bound()) violations.push(`${duplicates} duplicates, ${bound()} were unsettled`);
  const counters = saved(state);
  violations.push(...numbers(status, counters), ...totals(way, counters, arrivals.others.length));
  return { arrived: arrivals.numbers, duplicates, violations };
}

/** Every number arrived, none of them as more events than it was given, and nothing else did. */
function setOf(way: Way, { arrivals }: Sink, wanted: readonly number[]): string[] {
  const missing = wanted.filter((n) => arrivals.count(n) === 0);
  const more = wanted.filter((n) => arrivals.count(n) > way.times(n));
  const strangers = arrivals.strangers(way.written, way.told);
  return [
    ...some('missing', missing),
    ...some('more events than messages', more),
    ...some('nobody wrote', strangers),
  ];
}

/** Exactly what the sink refuses is kept as a dead letter, once. */
function graves(sink: Sink, state: string, wanted: readonly number[]): string[] {
  const kept = letters(state);
  const ids = new Set(kept.map(({ event }) => event.event.id));
  const dead = new Set(kept.map(({ event }) => numberIn(event)));
  const isRefused = (n: number | undefined): boolean => n !== undefined && sink.isRefused?.(n) === true;
  return [
    ...some(
      'refused and not kept',
      wanted.filter((n) => isRefused(n) && !dead.has(n)),
    ),
    ...some(
      'kept and not refused',
      kept
        .filter(({ event }) => !isRefused(numberIn(event)))
        .map(({ status, reason, event }) => `${event.event.id} ${status} ${reason}`),
    ),
    ...some(
      'letters that are there twice',
      Array.from({ length: kept.length - ids.size }, (_, i) => i),
    ),
  ];
}

/** What `status` says at the end: the totals of all lives, with what the probe said of itself. */
function numbers(status: OutputStatus, counters: Counters): string[] {
  const violations: string[] = [];
  const off = imbalance(status);
  const text = JSON.stringify(status);
  if (off !== 0) violations.push(`the balance is off by ${off}: ${text}`);
  if (status.pending !== 0) violations.push(`something is pending: ${text}`);
  if (status.filtered !== counters.filtered || settledIn(status) < settledIn(counters))
    violations.push(`the totals have forgotten something: ${text}, saved ${JSON.stringify(counters)}`);
  return violations;
}

/** The counters that were saved with the cursors tell of each event of the whole run exactly once, whatever was killed. */
function totals(way: Way, counters: Counters, others: number): string[] {
  const violations: string[] = [];
  const expect = (what: string, count: number, of: (n: number) => boolean): void => {
    let least = 0;
    let most = 0;
    for (let n = 0; n < way.written; n++) {
      if (!of(n)) continue;
      least++;
      most += way.times(n);
    }
    if (count < least || count > most)
      violations.push(`${count} ${what}, ${least} to ${most} expected: ${JSON.stringify(counters)}`);
  };
  expect('events were settled', settledIn(counters) - others, (n) => !isFiltered(n));
  expect('events were filtered', counters.filtered, isFiltered);
  if (counters.dropped !== 0) violations.push(`something was dropped: ${JSON.stringify(counters)}`);
  return violations;
}

function some(what: string, found: readonly unknown[]): string[] {
  if (found.length === 0) return [];
  return [`${found.length} ${what}: ${found.slice(0, 10).join(', ')}${found.length > 10 ? ' …' : ''}`];
}
