import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { askProbe } from '../../src/cli/control.ts';
import { deadLetterFile, eventOf, type Letter } from '../../src/state/dead-letters.ts';
import type { OutputStatus } from '../../src/telemetry/status.ts';

/** Name of the output. */
export const OUTPUT = 'sink';

interface Positions {
  readonly sources: Readonly<Record<string, Source>>;
  readonly streams: Readonly<Record<string, Source>>;
}

interface Source {
  readonly cursors: Readonly<
    Record<string, { counters: { delivered: number; duplicates: number; dead: number } }>
  >;
}

/** Events that are settled in the positions as they were last saved. */
export function settled(state: string): number {
  const file = path.join(state, 'positions.json');
  if (!existsSync(file)) return 0;
  const { sources, streams }: Positions = JSON.parse(readFileSync(file, 'utf8'));
  let sum = 0;
  for (const { cursors } of [...Object.values(sources), ...Object.values(streams)]) {
    const { delivered = 0, duplicates = 0, dead = 0 } = cursors[OUTPUT]?.counters ?? {};
    sum += delivered + duplicates + dead;
  }
  return sum;
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
