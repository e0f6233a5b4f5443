import { randomUUID } from 'node:crypto';
import { advanced, type Counters, type Cursor, NO_COUNTERS, revived } from '../core/cursor.ts';
import type { GenerationStore } from '../core/generations.ts';
import type { InputFacts } from '../core/input.ts';
import type { Logger } from '../core/log.ts';
import type { Position } from '../core/source.ts';
import { type Generation, type PositionsFile, readPositions, writePositions } from './positions-file.ts';
import { Saves } from './saves.ts';
import type { Vault } from './vault.ts';

const FORGET_MS = 30 * 24 * 3600 * 1000;
/** Generations that are remembered beyond those of the last hour: some 4 MB, which are written at every save. */
const MAX_GENERATIONS = 2000;
const RECENT_MS = 3_600_000;

/** Cursors and file generations: what survives a restart of the probe. */
export class PositionStore implements GenerationStore {
  /** The file was damaged: log files have to be read from their beginning, whatever the configuration says. */
  readonly damaged: boolean;
  /** Nothing was ever saved here. */
  readonly isNew: boolean;
  private readonly outputs: readonly string[];
  private readonly data: PositionsFile;
  private readonly totals: Record<string, Counters>;
  /** Cursors of sources that end with this run. */
  private readonly passing = new Map<string, Record<string, Cursor>>();
  /** Sources that were found for the first time by this run. */
  private readonly fresh = new Set<string>();
  private readonly saves: Saves;

  private constructor(
    directory: string,
    log: Logger,
    outputs: readonly string[],
    data: PositionsFile | undefined,
    damaged: boolean,
    vault: Vault | undefined,
  ) {
    this.outputs = outputs;
    this.isNew = data === undefined && !damaged;
    this.damaged = damaged;
    const found = data ?? { version: 1, agent: randomUUID(), sources: {}, streams: {}, inputs: {} };
    this.totals = found.totals ?? totalsOf(found);
    this.data = { ...found, totals: this.totals };
    this.saves = new Saves(directory, log, () => writePositions(directory, this.data, vault));
  }

  /**
   * @param outputs names of the configured outputs
   * @param vault encrypts what can tell of clients; undefined: it is kept as it is
   * @throws StateError when the file belongs to another version or secret, or cannot be read
   */
  static async open(
    directory: string,
    outputs: readonly string[],
    log: Logger,
    vault: Vault | undefined,
  ): Promise<PositionStore> {
    const found = await readPositions(directory, log, vault);
    const isDamaged = found === 'damaged';
    return new PositionStore(directory, log, outputs, isDamaged ? undefined : found, isDamaged, vault);
  }

  /** Why the last save failed. */
  get problem(): string | undefined {
    return this.saves.problem;
  }

  /** `agent.id`. */
  get agent(): string {
    return this.data.agent;
  }

  /** What one input keeps for its next run. */
  facts(input: string): InputFacts {
    return {
      recall: () => this.data.inputs[input],
      keep: (given) => {
        this.data.inputs[input] = given;
        this.saves.changed();
      },
    };
  }

  /** Known generations of one input, by source id. */
  generations(input: string): [string, Generation][] {
    return Object.entries(this.data.sources).filter(([, source]) => source.input === input);
  }

  get(id: string): Generation | undefined {
    return this.data.sources[id];
  }

  add(id: string, found: Omit<Generation, 'cursors'>, startAt?: { offset: number; before: string }): void {
    const cursors: Generation['cursors'] = {};
    if (startAt !== undefined) {
      const checkpoint = { offset: startAt.offset, sequence: 0 };
      for (const output of this.outputs) cursors[output] = { ...startAt, checkpoint, counters: NO_COUNTERS };
    }
    this.data.sources[id] = { ...found, cursors };
    this.fresh.add(id);
    this.saves.changed();
  }

  /** No earlier run has read it. */
  isFresh(id: string): boolean {
    return this.fresh.has(id);
  }

  /** Cursors of the configured outputs on a stream of the spool. */
  streamCursors(id: string): readonly Cursor[] {
    const cursors = this.data.streams[id]?.cursors ?? {};
    return this.outputs.flatMap((output) => cursors[output] ?? []);
  }

  /**
   * Remembers a stream of the spool. Outputs that have never read it start at `beginning`.
   * @param beginning its oldest record
   */
  addStream(id: string, input: string, beginning: Position): void {
    const cursors = this.data.streams[id]?.cursors ?? {};
    for (const output of this.outputs) {
      cursors[output] ??= {
        ...beginning,
        checkpoint: { offset: beginning.offset, sequence: 0 },
        counters: NO_COUNTERS,
      };
    }
    for (const [other, { input: name }] of Object.entries(this.data.streams)) {
      if (name === input && other !== id) delete this.data.streams[other];
    }
    this.data.streams[id] = { input, cursors };
    this.saves.changed();
  }

  /** A stream of the spool is no more. */
  forgetStream(id: string): void {
    delete this.data.streams[id];
    this.saves.changed();
  }

  cursor(id: string, output: string): Cursor | undefined {
    return this.cursorsOf(id)?.[output];
  }

  /** Also of a source that ends with this run: then only its part of the totals is kept. */
  setCursor(id: string, output: string, value: Cursor): void {
    const cursors = this.cursorsOf(id) ?? this.passed(id);
    const before = cursors[output]?.counters ?? NO_COUNTERS;
    this.totals[output] = advanced(this.totalsOf(output), before, value.counters);
    cursors[output] = value;
    this.saves.changed();
  }

  /** What became of everything that an output has settled since the first start, whatever has been forgotten since. */
  totalsOf(output: string): Counters {
    return this.totals[output] ?? NO_COUNTERS;
  }

  /** Dead letters of a source were replayed and taken. */
  revive(id: string, output: string, letters: number): void {
    const cursor = this.cursor(id, output);
    if (cursor === undefined) this.totals[output] = revived(this.totalsOf(output), letters);
    else this.setCursor(id, output, { ...cursor, counters: revived(cursor.counters, letters) });
    this.saves.changed();
  }

  /**
   * In the spool, outputs that are new start where the slowest of the others stands: what one of them still waits for is new
   * for them too, what all have is not.
   */
  takeInOutputs(): void {
    for (const { cursors } of Object.values(this.data.streams)) {
      const slowest = Object.values(cursors).sort((a, b) => a.offset - b.offset)[0];
      if (slowest === undefined) continue;
      for (const name of this.outputs) cursors[name] ??= { ...slowest, counters: NO_COUNTERS };
    }
    this.saves.changed();
  }

  /**
   * Drops the cursors of outputs that are no longer configured. Not before the probe has started: the configuration that
   * names them may have to go on.
   * @returns their names
   */
  dropOtherOutputs(): string[] {
    const dropped = new Set<string>();
    for (const source of [...Object.values(this.data.sources), ...Object.values(this.data.streams)]) {
      for (const name of Object.keys(source.cursors).filter((n) => !this.outputs.includes(n))) {
        delete source.cursors[name];
        dropped.add(name);
      }
    }
    for (const name of Object.keys(this.totals)) if (!this.outputs.includes(name)) delete this.totals[name];
    this.saves.changed();
    return [...dropped];
  }

  /**
   * Forgets generations whose file was not seen for 30 days; of more than 2,000 generations also those whose file was not
   * seen for an hour, the longest gone first: a log may be rotated every few seconds.
   * @param isRead it is read now: where not all directories may be searched, no look counts as one
   */
  expire(now: number, isRead: (id: string) => boolean): void {
    const gone = Object.entries(this.data.sources)
      .map(([id, { seen }]) => ({ id, forMs: now - Date.parse(seen) }))
      .filter(({ id, forMs }) => forMs > RECENT_MS && !isRead(id))
      .sort((a, b) => b.forMs - a.forMs);
    const tooMany = Object.keys(this.data.sources).length - MAX_GENERATIONS;
    for (const { id } of gone.filter(({ forMs }, n) => n < tooMany || forMs > FORGET_MS)) {
      delete this.data.sources[id];
      this.fresh.delete(id);
      this.saves.changed();
    }
  }

  /**
   * Saves what has changed, synced to disk. Calls are served one after the other.
   * @throws StateError when it cannot be written; the old file is then still whole
   */
  save(): Promise<void> {
    return this.saves.save();
  }

  /** Saves for the last time. @throws StateError */
  close(): Promise<void> {
    return this.saves.close();
  }

  /** Resolves after a save of all that has changed up to now, soon; `problem` tells when it has failed. */
  keep(): Promise<void> {
    return this.saves.soon();
  }

  private cursorsOf(id: string): Record<string, Cursor> | undefined {
    return (this.data.sources[id] ?? this.data.streams[id])?.cursors ?? this.passing.get(id);
  }

  private passed(id: string): Record<string, Cursor> {
    const cursors = {};
    this.passing.set(id, cursors);
    return cursors;
  }
}

/** By output, of what a file without totals remembers. */
function totalsOf({ sources, streams }: PositionsFile): Record<string, Counters> {
  const totals: Record<string, Counters> = {};
  for (const { cursors } of [...Object.values(sources), ...Object.values(streams)]) {
    for (const [output, { counters }] of Object.entries(cursors))
      totals[output] = advanced(totals[output] ?? NO_COUNTERS, NO_COUNTERS, counters);
  }
  return totals;
}
