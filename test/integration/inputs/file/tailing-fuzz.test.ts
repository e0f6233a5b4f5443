import assert from 'node:assert/strict';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { FINGERPRINT_BYTES, fingerprint } from '../../../../src/core/checksums/fingerprint.ts';
import { NO_COUNTERS } from '../../../../src/core/cursor.ts';
import type { InputHost } from '../../../../src/core/input.ts';
import type { Source } from '../../../../src/core/source.ts';
import { fileInputSchema } from '../../../../src/inputs/file/config.ts';
import { FileTailer } from '../../../../src/inputs/file/tailer.ts';
import { PositionStore } from '../../../../src/state/positions.ts';
import { runs } from '../../../support/fuzz/runs.ts';
import { silentLog } from '../../../support/in-process.ts';
import { tempDir } from '../../../support/temp.ts';

/** Longer than any look at a source that finds nothing. */
const IDLE_MS = 8;
const CASE_MS = 10_000;

type Act =
  | { readonly does: 'append'; readonly lines: number }
  | { readonly does: 'rename'; readonly create: boolean }
  | {
      readonly does:
        | 'copytruncate'
        | 'truncate'
        | 'remove'
        | 'pack'
        | 'scan'
        | 'read'
        | 'save'
        | 'restart'
        | 'crash';
    }
  | { readonly does: 'pause'; readonly seconds: number };

/** Reads one source, from its cursor, when it is told to. */
class Follower {
  readonly source: Source;
  ended = false;
  private readonly store: PositionStore;
  private readonly told: (id: string, line: string) => void;
  private readonly done: () => void;

  constructor(
    source: Source,
    store: PositionStore,
    told: (id: string, line: string) => void,
    done: () => void,
  ) {
    this.source = source;
    this.store = store;
    this.told = told;
    this.done = done;
  }

  /** Reads to the present end. */
  async read(): Promise<void> {
    const { source, store } = this;
    while (!this.ended) {
      const { offset, before } = store.cursor(source.id, 'out') ?? { offset: 0, before: '' };
      const patience = new AbortController();
      const timer = setTimeout(() => patience.abort(), IDLE_MS);
      const news = await source.wait({ offset, before }, 0, patience.signal).catch(() => undefined);
      clearTimeout(timer);
      if (news === undefined) return;
      if (news !== 'more') {
        this.ended = true;
        this.done();
        return;
      }
      const buffer = Buffer.alloc(1 << 20);
      const length = await source.read(offset, buffer);
      const end = buffer.subarray(0, length).lastIndexOf(0x0a) + 1;
      if (end === 0) return;
      let at = 0;
      for (const line of buffer.toString('latin1', 0, end).split('\n').slice(0, -1)) {
        this.told(`${source.id}:${offset + at}`, line);
        at += line.length + 1;
      }
      const tail = Buffer.alloc(Math.min(FINGERPRINT_BYTES, offset + end));
      buffer.copy(tail, Math.max(0, tail.length - end), Math.max(0, end - tail.length), end);
      if (end < tail.length)
        await source.read(offset + end - tail.length, tail.subarray(0, tail.length - end));
      const checkpoint = { offset: offset + end, sequence: 0 };
      store.setCursor(source.id, 'out', {
        offset: offset + end,
        before: fingerprint(tail),
        checkpoint,
        counters: NO_COUNTERS,
      });
    }
  }
}

/** A log that is rotated, a probe that reads it, and what has to arrive. */
class Model {
  /** Lines that have to arrive. */
  readonly certain = new Set<string>();
  readonly written = new Set<string>();
  /** By id. */
  readonly told = new Map<string, string>();
  readonly acts: string[] = [];
  private readonly directory: string;
  private readonly state: string;
  private readonly file: string;
  private readonly pattern: string;
  private readonly clock: { now: number };
  private followers: Follower[] = [];
  private tailer: FileTailer | undefined;
  private store: PositionStore | undefined;
  private next = 0;
  /** Lines of the files at each place, the log itself first; `seen` by a look since it was begun there. */
  private places: { lines: string[]; seen: boolean; packed: boolean }[] = [];

  constructor(directory: string, pattern: string, clock: { now: number }) {
    this.directory = path.join(directory, 'log');
    this.state = path.join(directory, 'state');
    mkdirSync(this.directory);
    mkdirSync(this.state);
    this.file = path.join(this.directory, 'mosquitto.log');
    this.pattern = path.join(this.directory, pattern);
    this.clock = clock;
  }

  async act(act: Act): Promise<void> {
    this.clock.now += 20;
    switch (act.does) {
      case 'append':
        return this.append(act.lines);
      case 'rename':
        return this.rename(act.create);
      case 'copytruncate':
        return this.copytruncate();
      case 'truncate':
        return this.truncate();
      case 'remove':
        return this.remove();
      case 'pack':
        return this.pack();
      case 'scan':
        return this.scan();
      case 'read':
        return this.read();
      case 'save':
        return this.store?.save();
      case 'pause':
        this.clock.now += act.seconds * 1000;
        // A probe that runs looks every second.
        if (this.tailer !== undefined) await this.scan();
        return;
      case 'restart':
        await this.stop(true);
        return;
      case 'crash':
        await this.stop(false);
    }
  }

  async end(): Promise<void> {
    for (let i = 0; i < 4; i++) {
      this.clock.now += 1100;
      await this.scan();
      await this.read();
    }
    const arrived = [...this.told.values()];
    const missing = [...this.certain].filter((line) => !arrived.includes(line));
    assert.deepEqual(missing, [], `missing; ${readdirSync(this.directory)}`);
    assert.equal(
      new Set(arrived).size,
      arrived.length,
      `twice: ${arrived.filter((line, i) => arrived.indexOf(line) !== i)}`,
    );
    for (const line of arrived) assert.ok(this.written.has(line), `never written: ${line}`);
    await this.stop(false);
  }

  private append(count: number): void {
    const [place = { lines: [], seen: false, packed: false }] = this.places;
    if (this.places.length === 0) this.places.push(place);
    const lines = Array.from({ length: count }, () => `1700000000: line ${this.next++}`);
    for (const line of lines) {
      place.lines.push(line);
      this.written.add(line);
      this.certain.add(line);
    }
    appendFileSync(this.file, lines.map((line) => `${line}\n`).join(''));
    this.touch(this.file);
  }

  private shift(): void {
    for (let i = this.places.length - 1; i > 0; i--) {
      const packed = this.places[i]?.packed === true ? '.gz' : '';
      renameSync(`${this.file}.${i}${packed}`, `${this.file}.${i + 1}${packed}`);
    }
  }

  private rename(create: boolean): void {
    if (!existsSync(this.file)) return;
    this.shift();
    renameSync(this.file, `${this.file}.1`);
    this.places.unshift({ lines: [], seen: false, packed: false });
    if (create) {
      writeFileSync(this.file, '');
      this.touch(this.file);
    } else this.touch();
  }

  private copytruncate(): void {
    const [log] = this.places;
    if (log === undefined || !existsSync(this.file)) return;
    this.shift();
    copyFileSync(this.file, `${this.file}.1`);
    truncateSync(this.file);
    this.touch(this.file);
    this.touch(`${this.file}.1`);
    this.places.unshift({ lines: [], seen: false, packed: false });
  }

  private truncate(): void {
    if (!existsSync(this.file)) return;
    this.giveUp(0);
    truncateSync(this.file);
    this.touch(this.file);
    const [log] = this.places;
    if (log !== undefined) Object.assign(log, { lines: [], seen: false });
  }

  private remove(): void {
    if (!existsSync(this.file)) return;
    this.giveUp(0);
    rmSync(this.file);
    this.touch();
    const [log] = this.places;
    if (log !== undefined) Object.assign(log, { lines: [], seen: false });
  }

  private pack(): void {
    const place = this.places.at(-1);
    const at = this.places.length - 1;
    if (place === undefined || at === 0 || place.packed) return;
    if (!place.seen) this.giveUp(at);
    const name = `${this.file}.${at}`;
    writeFileSync(`${name}.gz`, gzipSync(readFileSync(name)));
    rmSync(name);
    this.touch(`${name}.gz`);
    place.packed = true;
  }

  /** What nobody has read of it may be lost. */
  private giveUp(at: number): void {
    const arrived = new Set(this.told.values());
    for (const line of this.places[at]?.lines ?? []) if (!arrived.has(line)) this.certain.delete(line);
  }

  private touch(...files: string[]): void {
    for (const file of [...files, this.directory])
      utimesSync(file, this.clock.now / 1000, this.clock.now / 1000);
  }

  private async scan(): Promise<void> {
    this.clock.now += 20;
    const tailer = this.tailer ?? (await this.start());
    await tailer.scan();
    for (const place of this.places) place.seen = true;
  }

  private async read(): Promise<void> {
    for (const follower of this.followers) await follower.read();
    this.followers = this.followers.filter(({ ended }) => !ended);
    // What an end has set off is done.
    await delay(1);
  }

  private async start(): Promise<FileTailer> {
    const store = await PositionStore.open(this.state, ['out'], silentLog, undefined);
    const host: InputHost = {
      name: 'log',
      service: 'plant',
      add: (source) => {
        const { promise, resolve } = Promise.withResolvers<void>();
        this.followers.push(new Follower(source, store, (id, line) => this.tell(id, line), resolve));
        return promise;
      },
      journal: () => assert.fail('a file has no journal'),
      role: undefined,
      original: (text) => text,
      owns: () => false,
      writerOf: async () => undefined,
      generations: store,
      facts: store.facts('log'),
      log: silentLog,
    };
    this.store = store;
    this.tailer = new FileTailer(
      fileInputSchema.parse({ type: 'file', broker: 'mosquitto', paths: this.pattern }),
      host,
    );
    return this.tailer;
  }

  private tell(id: string, line: string): void {
    assert.equal(this.told.get(id) ?? line, line, 'one id, two lines');
    this.told.set(id, line);
  }

  private async stop(saves: boolean): Promise<void> {
    await this.tailer?.stop();
    if (saves) await this.store?.save();
    this.tailer = undefined;
    this.store = undefined;
    this.followers = [];
  }
}

const simple = (
  does: 'copytruncate' | 'truncate' | 'remove' | 'pack' | 'scan' | 'read' | 'save' | 'restart' | 'crash',
): fc.Arbitrary<Act> => fc.constant({ does });
const append = fc.record({ does: fc.constant('append' as const), lines: fc.integer({ min: 1, max: 60 }) });
const rename = fc.record({ does: fc.constant('rename' as const), create: fc.boolean() });
const pause = fc.record({ does: fc.constant('pause' as const), seconds: fc.constantFrom(1, 2, 5, 70) });
const probes = [
  { weight: 3, arbitrary: simple('scan') },
  { weight: 3, arbitrary: simple('read') },
  { weight: 1, arbitrary: simple('save') },
  { weight: 1, arbitrary: simple('restart') },
  { weight: 1, arbitrary: simple('crash') },
  { weight: 1, arbitrary: pause },
  { weight: 5, arbitrary: append },
];

const BEGUN: readonly Act[] = [{ does: 'scan' }, { does: 'read' }, { does: 'save' }];

async function check(t: TestContext, pattern: string, acts: readonly Act[]): Promise<void> {
  const clock = { now: 1_780_000_000_000 };
  const now = t.mock.method(Date, 'now', () => clock.now);
  const model = new Model(tempDir(t), pattern, clock);
  try {
    // What was rotated away before a probe has ever read a line is not looked for.
    for (const act of [{ does: 'append', lines: 1 } as const, ...BEGUN, ...acts]) await model.act(act);
    await model.end();
  } finally {
    now.mock.restore();
  }
}

describe('file input: whatever is done to a log, in whatever order', () => {
  for (const pattern of ['mosquitto.log', 'mosquitto.log*']) {
    const cases: Readonly<Record<string, readonly { weight: number; arbitrary: fc.Arbitrary<Act> }[]>> = {
      'rotated by renaming': [{ weight: 3, arbitrary: rename }],
      'copied and truncated': [{ weight: 3, arbitrary: simple('copytruncate') }],
      'renamed and packed': [
        { weight: 3, arbitrary: rename },
        { weight: 1, arbitrary: simple('pack') },
      ],
      'truncated and deleted': [
        { weight: 1, arbitrary: simple('truncate') },
        { weight: 1, arbitrary: simple('remove') },
        { weight: 1, arbitrary: rename },
      ],
      'in all ways': (['copytruncate', 'truncate', 'remove', 'pack'] as const)
        .map((does) => ({ weight: 1, arbitrary: simple(does) }))
        .concat([{ weight: 1, arbitrary: rename }]),
    };
    for (const [name, more] of Object.entries(cases)) {
      it(`${pattern}: ${name}`, async (t) => {
        const acts = fc.array(fc.oneof(...probes, ...more), { minLength: 4, maxLength: 40 });
        await fc.assert(
          fc.asyncProperty(acts, (all) => check(t, pattern, all)),
          { ...runs(5), timeout: CASE_MS },
        );
      });
    }
  }
});
