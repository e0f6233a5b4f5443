import { randomUUID } from 'node:crypto';
import { reasonOf, StateError } from '../core/errors.ts';
import type { GenerationStore } from '../core/generations.ts';
import type { InputFacts, Logger } from '../core/input.ts';
import type { Position } from '../core/source.ts';
import { type Cursor, NO_COUNTERS, revived } from '../pipeline/ledger.ts';
import { type Generation, type PositionsFile, readPositions, writePositions } from './positions-file.ts';

const FORGET_MS = 30 * 24 * 3600 * 1000;

/** Cursors and file generations: what survives a restart of the probe. */
export class PositionStore implements GenerationStore {
  /** The file was damaged: log files have to be read from their beginning, whatever the configuration says. */
  readonly damaged: boolean;
  /** Nothing was ever saved here. */
  readonly isNew: boolean;
  /** Why the last save failed. */
  problem: string | undefined;
  private readonly directory: string;
  private readonly outputs: readonly string[];
  private readonly data: PositionsFile;
  /** Sources that were found for the first time by this run. */
  private readonly fresh = new Set<string>();
  private dirty = true;
  private saving: Promise<void> = Promise.resolve();

  private constructor(
    directory: string,
    outputs: readonly string[],
    data: PositionsFile | undefined,
    damaged: boolean,
  ) {
    this.directory = directory;
    this.outputs = outputs;
    this.isNew = data === undefined && !damaged;
    this.damaged = damaged;
    this.data = data ?? { version: 1, agent: randomUUID(), sources: {}, streams: {}, inputs: {} };
  }

  /**
   * @param outputs names of the configured outputs
   * @throws StateError when the file belongs to another version or cannot be read
   */
  static async open(directory: string, outputs: readonly string[], log: Logger): Promise<PositionStore> {
    const found = await readPositions(directory, log);
    const isDamaged = found === 'damaged';
    return new PositionStore(directory, outputs, isDamaged ? undefined : found, isDamaged);
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
        this.dirty = true;
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
    this.dirty = true;
  }

  /** No earlier run has read it. */
  isFresh(id: string): boolean {
    return this.fresh.has(id);
  }

  forget(id: string): void {
    delete this.data.sources[id];
    this.fresh.delete(id);
    this.dirty = true;
  }

  /** Cursors on a stream of the spool, by output. */
  streamCursors(id: string): Readonly<Record<string, Cursor>> {
    return this.data.streams[id]?.cursors ?? {};
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
    this.dirty = true;
  }

  cursor(id: string, output: string): Cursor | undefined {
    return (this.data.sources[id] ?? this.data.streams[id])?.cursors[output];
  }

  setCursor(id: string, output: string, value: Cursor): void {
    const source = this.data.sources[id] ?? this.data.streams[id];
    if (source === undefined) return;
    source.cursors[output] = value;
    this.dirty = true;
  }

  /** Dead letters of a source were replayed and taken. */
  revive(id: string, output: string, letters: number): void {
    const cursor = (this.data.sources[id] ?? this.data.streams[id])?.cursors[output];
    if (cursor === undefined) return;
    this.setCursor(id, output, { ...cursor, counters: revived(cursor.counters, letters) });
  }

  /**
   * Drops the cursors of outputs that are no longer configured. In the spool, outputs that are new start where the slowest of
   * the others stands: what one of them still waits for is new for them too, what all have is not.
   * @returns the names of those that were dropped
   */
  dropOtherOutputs(): string[] {
    const dropped = new Set<string>();
    for (const { cursors } of Object.values(this.data.streams)) {
      const slowest = Object.values(cursors).sort((a, b) => a.offset - b.offset)[0];
      if (slowest === undefined) continue;
      for (const name of this.outputs) cursors[name] ??= { ...slowest, counters: NO_COUNTERS };
    }
    for (const source of [...Object.values(this.data.sources), ...Object.values(this.data.streams)]) {
      for (const name of Object.keys(source.cursors).filter((n) => !this.outputs.includes(n))) {
        delete source.cursors[name];
        dropped.add(name);
      }
    }
    this.dirty = true;
    return [...dropped];
  }

  /** Forgets generations whose file was not seen for 30 days. */
  expire(now: number): void {
    for (const [id, source] of Object.entries(this.data.sources)) {
      if (now - Date.parse(source.seen) > FORGET_MS) this.forget(id);
    }
  }

  /**
   * Saves what has changed, synced to disk. Calls are served one after the other.
   * @throws StateError when it cannot be written; the old file is then still whole
   */
  save(): Promise<void> {
    const saved = this.saving.then(() => this.write());
    this.saving = saved.catch(() => {});
    return saved;
  }

  private async write(): Promise<void> {
    if (!this.dirty) return;
    this.dirty = false;
    try {
      await writePositions(this.directory, this.data);
      this.problem = undefined;
    } catch (error) {
      this.dirty = true;
      this.problem = `positions cannot be saved in ${this.directory} (${reasonOf(error)}): make room or give the right to write`;
      throw new StateError(this.problem, { cause: error });
    }
  }
}
