import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Cursor, NO_COUNTERS } from '../core/cursor.ts';
import { StateError } from '../core/errors.ts';
import type { JsonObject } from '../core/event.ts';
import { isObject } from '../core/json/object.ts';
import type { Source } from '../core/source.ts';
import { Copy, CopyBuffers } from '../pipeline/copy/copy.ts';
import type { EntrySettings } from '../pipeline/normalizer/entry-decoder.ts';
import { survey } from '../state/spool/recovery/survey.ts';
import { disk } from '../state/spool/segments/disk.ts';
import { inputOfStream, spoolDirectory, streamOfPlace } from '../state/spool/spool.ts';
import type { SpoolStream } from '../state/spool/stream.ts';
import { openStream, type Surroundings } from './surroundings.ts';

const RETRY_MS = 1000;

/** A stream, and how far it has the files whose lines it holds: offset of the last line, by source. */
interface Place {
  readonly stream: SpoolStream;
  readonly taken: Map<string, number>;
}

/**
 * The files of one input that go through the spool, because they may be deleted before every output has them. All files that
 * were at one place, one after the other, share a stream: what is learnt from one line holds for the next.
 */
export class SpooledFiles {
  private readonly input: string;
  private readonly around: Surroundings;
  private readonly settings: EntrySettings;
  private readonly whenFull: 'block' | 'drop_oldest' | undefined;
  private readonly carry: (stream: SpoolStream) => void;
  private readonly buffers = new CopyBuffers();
  private readonly places = new Map<string, Promise<Place>>();
  private readonly copies = new WeakMap<Source, Copy>();
  private readonly running = new Set<Copy>();
  private readonly streams: SpoolStream[] = [];
  private trouble: string | undefined;

  /** @param carry hands a stream to every output */
  constructor(options: {
    input: string;
    around: Surroundings;
    settings: EntrySettings;
    whenFull: 'block' | 'drop_oldest' | undefined;
    carry: (stream: SpoolStream) => void;
  }) {
    this.input = options.input;
    this.around = options.around;
    this.settings = options.settings;
    this.whenFull = options.whenFull;
    this.carry = options.carry;
  }

  /** Why a file is not copied now; undefined: all are. */
  get problem(): string | undefined {
    return this.trouble;
  }

  /** Bytes of files that are not in the spool yet. */
  get lag(): number {
    let sum = 0;
    for (const copy of this.running) sum += copy.lag;
    return sum;
  }

  /**
   * Opens the streams that earlier runs have left; one that every output has read, and whose file is gone, is removed.
   * @throws StateError
   */
  async open(): Promise<void> {
    const directory = spoolDirectory(this.around.config.state);
    const known = this.recall();
    for (const name of await disk.list(directory)) {
      if (inputOfStream(name) !== this.input || name === this.input) continue;
      const place = known[name];
      if (typeof place !== 'string' || !(await this.isOver(directory, name, place))) {
        await this.openPlace(name, typeof place === 'string' ? place : undefined);
      } else {
        await rm(path.join(directory, name), { recursive: true });
        delete known[name];
        this.around.store.facts(this.input).keep({ places: known });
      }
    }
  }

  /** Copies a file. @returns resolves when all of it is in the spool, synced, or the probe stops */
  async copy(source: Source, after: Source | undefined): Promise<void> {
    const { store, lanes, stopReading } = this.around;
    const place = await this.placeOf(source.path ?? '');
    if (place === undefined) return;
    const copy = new Copy({
      source,
      journal: place.stream,
      settings: this.settings,
      buffers: this.buffers,
      taken: place.taken,
      cursor: this.cursorOf(source),
      moved: (cursor) => {
        for (const { name } of lanes) {
          const counters = store.cursor(source.id, name)?.counters ?? NO_COUNTERS;
          store.setCursor(source.id, name, { ...cursor, counters });
        }
      },
      keep: () => store.keep(),
      after: after && this.copies.get(after)?.drained,
    });
    this.copies.set(source, copy);
    this.running.add(copy);
    await copy.run(stopReading);
    this.running.delete(copy);
  }

  /** Nothing more is copied. */
  close(): void {
    for (const stream of this.streams) stream.close();
  }

  /** Where the slowest output was when the file was read directly, or where the spool has it. */
  private cursorOf({ id, begins: offset = 0 }: Source): Cursor {
    const cursors = this.around.lanes.flatMap(({ name }) => this.around.store.cursor(id, name) ?? []);
    const slowest = cursors.toSorted((a, b) => a.offset - b.offset)[0];
    if (slowest === undefined) {
      return { offset, before: '', checkpoint: { offset, sequence: 0 }, counters: NO_COUNTERS };
    }
    const { state: _, ...checkpoint } = slowest.checkpoint;
    return { ...slowest, checkpoint };
  }

  /** The place of a path, as soon as its stream can be opened; undefined when the probe stops first. */
  private async placeOf(file: string): Promise<Place | undefined> {
    const { log, stopReading, store } = this.around;
    const name = streamOfPlace(this.input, file);
    while (!stopReading.aborted) {
      try {
        const isNew = !this.places.has(name);
        const place = await this.openPlace(name, file);
        if (isNew) {
          store.facts(this.input).keep({ places: { ...this.recall(), [name]: file } });
          await store.save();
        }
        this.trouble = undefined;
        return place;
      } catch (error) {
        if (!(error instanceof StateError)) throw error;
        if (this.trouble !== error.message) log.error({ input: this.input }, error.message);
        this.trouble = error.message;
        await delay(RETRY_MS, undefined, { signal: stopReading }).catch(() => {});
      }
    }
    return undefined;
  }

  private openPlace(name: string, file: string | undefined): Promise<Place> {
    const opening = this.places.get(name) ?? this.openNew(name, file);
    this.places.set(name, opening);
    opening.catch(() => this.places.delete(name));
    return opening;
  }

  private async openNew(name: string, file: string | undefined): Promise<Place> {
    const stream = await openStream(name, this.around, { path: file, whenFull: this.whenFull });
    const taken = new Map<string, number>();
    await stream.recent((record, id) => {
      if (record.type === 'line') taken.set(id.slice(0, 24), Number.parseInt(id.slice(24), 16));
    });
    this.streams.push(stream);
    this.carry(stream);
    return { stream, taken };
  }

  /** Its file is gone, and every output has read it to the end. */
  private async isOver(directory: string, name: string, place: string): Promise<boolean> {
    if (existsSync(place)) return false;
    const found = await survey(disk, directory, name);
    if (found === undefined) return true;
    const { store, lanes } = this.around;
    const isRead = lanes.every(
      ({ name: output }) => (store.cursor(found.id, output)?.offset ?? 0) >= found.end.offset,
    );
    if (isRead) store.forgetStream(found.id);
    return isRead;
  }

  /** Places by the names of their streams. */
  private recall(): Record<string, JsonObject[string]> {
    const places = this.around.store.facts(this.input).recall()?.places;
    return isObject(places) ? { ...places } : {};
  }
}
