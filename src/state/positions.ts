import { randomUUID } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { hasCode, reasonOf, StateError } from '../core/errors.ts';
import type { JsonObject } from '../core/event.ts';
import type { GenerationStore } from '../core/generations.ts';
import type { InputFacts, Logger } from '../core/input.ts';
import type { Position } from '../core/source.ts';
import { type Checkpoint, type Cursor, NO_COUNTERS, revived } from '../pipeline/ledger.ts';

/*
 * positions.json, version 1: one JSON object, written as a whole to positions.json.new, synced, renamed over the old one,
 * and the directory synced. So there is always one whole file: the old one or the new one.
 *
 *   version   1. A larger one: written by a newer program; refused.
 *   agent     agent.id of this probe
 *   sources   by source id (24 hex digits, one per file generation):
 *     input, path             where it was found last
 *     head                    base64 of up to the first 1 KiB, as it was when last looked at
 *     device, inode           break ties between files with the same head
 *     seen                    ISO time; forgotten after 30 days without a file
 *     cursors                 by output: how far it has got (see Cursor of the pipeline)
 *   streams   by source id, one per stream of the spool:
 *     input                   whose records it holds
 *     cursors                 as above
 *   inputs    by name: facts that an input keeps for its next run
 *
 * A file that cannot be read as this is set aside as positions.json.damaged-<time>, and every log file is read again from
 * its beginning under new ids: events may come twice, none is missed. That is logged as an error.
 */

const jsonObject = z.custom<JsonObject>((value) => typeof value === 'object' && value !== null);
const checkpoint: z.ZodType<Checkpoint> = z.object({
  offset: z.number(),
  sequence: z.number(),
  state: jsonObject.exactOptional(),
  passing: z.boolean().exactOptional(),
});
const cursor: z.ZodType<Cursor> = z.object({
  offset: z.number(),
  before: z.string(),
  checkpoint,
  counters: z.object({
    delivered: z.number(),
    duplicates: z.number(),
    filtered: z.number(),
    dead: z.number(),
    dropped: z.number(),
  }),
});
const generation = z.object({
  input: z.string(),
  path: z.string(),
  head: z.string(),
  device: z.number(),
  inode: z.number(),
  seen: z.iso.datetime(),
  cursors: z.record(z.string(), cursor),
});
const stream = z.object({ input: z.string(), cursors: z.record(z.string(), cursor) });
const positionsFile = z.object({
  version: z.literal(1),
  agent: z.string(),
  sources: z.record(z.string(), generation),
  inputs: z.record(z.string(), jsonObject).default({}),
  streams: z.record(z.string(), stream).default({}),
});

/** What is known of one file generation. */
export type Generation = z.infer<typeof generation>;
type PositionsFile = z.infer<typeof positionsFile>;

const FILE = 'positions.json';
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
    const file = path.join(directory, FILE);
    let text: string;
    try {
      text = await readFile(file, 'utf8');
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return new PositionStore(directory, outputs, undefined, false);
      throw new StateError(
        `${file} cannot be read (${reasonOf(error)}): give it to the user that runs brokertap`,
      );
    }
    const value = parse(text);
    const version = z.object({ version: z.number() }).safeParse(value);
    if (version.success && version.data.version !== 1) {
      throw new StateError(
        `${file} has version ${version.data.version} and this brokertap knows version 1: ` +
          'use the version that wrote it, or another state directory',
      );
    }
    const parsed = positionsFile.safeParse(value);
    if (parsed.success) return new PositionStore(directory, outputs, parsed.data, false);
    const aside = `${file}.damaged-${Date.now()}`;
    await rename(file, aside);
    log.error(
      { file: aside },
      'the positions are damaged and were set aside; every log file is read again from its beginning, events may come twice',
    );
    return new PositionStore(directory, outputs, undefined, true);
  }

  /** Cursors on the streams of the spool as they were last saved, by source id and output; none when nothing can be read. */
  static async savedStreams(directory: string): Promise<PositionsFile['streams']> {
    const text = await readFile(path.join(directory, FILE), 'utf8').catch(() => '');
    return positionsFile.safeParse(parse(text)).data?.streams ?? {};
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
      const temporary = path.join(this.directory, `${FILE}.new`);
      const file = await open(temporary, 'w', 0o600);
      try {
        await file.writeFile(JSON.stringify(this.data));
        await file.datasync();
      } finally {
        await file.close();
      }
      await rename(temporary, path.join(this.directory, FILE));
      const directory = await open(this.directory, 'r');
      try {
        await directory.sync();
      } finally {
        await directory.close();
      }
      this.problem = undefined;
    } catch (error) {
      this.dirty = true;
      this.problem = `positions cannot be saved in ${this.directory} (${reasonOf(error)}): make room or give the right to write`;
      throw new StateError(this.problem, { cause: error });
    }
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
