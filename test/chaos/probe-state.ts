import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { askProbe } from '../../src/cli/probe/control.ts';
import { type Counters, NO_COUNTERS } from '../../src/core/cursor.ts';
import { deadLetterFile, eventOf, type Letter } from '../../src/state/letters.ts';
import type { OutputStatus } from '../../src/telemetry/status.ts';

/** Name of the output. */
export const OUTPUT = 'sink';

interface Positions {
  readonly sources: Readonly<Record<string, Source>>;
  readonly streams: Readonly<Record<string, Source>>;
}

interface Source {
  readonly cursors: Readonly<Record<string, { readonly counters: Counters }>>;
}

/** What became of the events of all sources, in the positions as they were last saved. */
export function saved(state: string): Counters {
  const file = path.join(state, 'positions.json');
  let sum = NO_COUNTERS;
  if (!existsSync(file)) return sum;
  const { sources, streams }: Positions = JSON.parse(readFileSync(file, 'utf8'));
  for (const { cursors } of [...Object.values(sources), ...Object.values(streams)]) {
    const counters = cursors[OUTPUT]?.counters ?? NO_COUNTERS;
    sum = {
      delivered: sum.delivered + counters.delivered,
      duplicates: sum.duplicates + counters.duplicates,
      filtered: sum.filtered + counters.filtered,
      dead: sum.dead + counters.dead,
      dropped: sum.dropped + counters.dropped,
    };
  }
  return sum;
}

/** Events that the sink has had. */
export function settledIn({ delivered, duplicates, dead }: Counters): number {
  return delivered + duplicates + dead;
}

/** What the running probe says; undefined when it does not answer. */
export async function statusOf(state: string): Promise<OutputStatus | undefined> {
  // It may be killed while it answers, or replace the socket of the one before it.
  const status = await askProbe(state, 'GET', '/status').catch(() => undefined);
  return status === undefined || status === '' ? undefined : JSON.parse(status).outputs[0];
}

/** By how much `read` is not the sum of the others. */
export function imbalance(status: OutputStatus): number {
  const { read, delivered, duplicates, filtered, dead, dropped, pending } = status;
  return read - (delivered + duplicates + filtered + dead + dropped + pending);
}

/** Everything that was refused for good. */
export function letters(state: string): Letter[] {
  const file = deadLetterFile(state, OUTPUT);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => ({ ...JSON.parse(line), event: JSON.parse(eventOf(line)) }));
}
