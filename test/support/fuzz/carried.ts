import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type Checkpoint, type Cursor, NO_COUNTERS } from '../../../src/core/cursor.ts';
import { RetryableError } from '../../../src/core/errors.ts';
import type { Batch, Output, Receipt } from '../../../src/core/output.ts';
import type { End, Framing, Position, Source } from '../../../src/core/source.ts';
import { Pool } from '../../../src/core/waiting/pool.ts';
import { EventBuffer } from '../../../src/ecs/event-buffer.ts';
import { canDetect, detectFraming } from '../../../src/framing/detect.ts';
import { QUIET_MS } from '../../../src/framing/entries.ts';
import { Delivery, Rewound } from '../../../src/pipeline/lane/delivery.ts';
import { Ledger } from '../../../src/pipeline/lane/ledger.ts';
import { Filter } from '../../../src/pipeline/normalizer/filter.ts';
import { Normalizer } from '../../../src/pipeline/normalizer/normalizer.ts';
import type { Reading } from '../../../src/pipeline/normalizer/reading.ts';
import { READ_BYTES } from '../../../src/pipeline/reader/read-size.ts';
import { Reader } from '../../../src/pipeline/reader/reader.ts';
import { silentLog } from '../in-process.ts';
import { idOf, sequenceOf } from './events.ts';

const ID = 'a'.repeat(24);

/** What happens next to a file that is read, when all that it has was read. */
type Step = { readonly grow: number } | 'quiet';

/** What happens to a batch. */
type Fate = 'taken' | 'late' | 'lost' | 'fails';

export interface Script {
  readonly steps: readonly Step[];
  /** What becomes of the batches, in order; `taken` when there are no more. */
  readonly fates: readonly Fate[];
  /** Which of the ranges have a checkpoint, in turn. */
  readonly checkpoints: readonly boolean[];
  /** Reads that fail, counted over all passes. */
  readonly unreadable?: readonly number[];
  /** Batches that may be under way; 3 when absent. */
  readonly buffers?: number;
}

/** A file that grows as a script says. */
export class ScriptedSource implements Source {
  readonly id = ID;
  readonly input = 'log';
  readonly path = '/x.log';
  readonly durable = true;
  private readonly bytes: Buffer;
  private readonly fixed: Framing | undefined;
  private readonly steps: Step[];
  private readonly unreadable: ReadonlySet<number>;
  private readonly tick: (ms: number) => void;
  private available = 0;
  private reads = 0;

  constructor(bytes: Buffer, fixed: Framing | undefined, script: Script, tick: (ms: number) => void) {
    this.bytes = bytes;
    this.fixed = fixed;
    this.steps = [...script.steps];
    this.unreadable = new Set(script.unreadable);
    this.tick = tick;
  }

  framing(): Framing | undefined {
    const head = this.bytes.subarray(0, this.available);
    return this.fixed ?? (canDetect(head) ? detectFraming(head) : undefined);
  }

  size(): number {
    return this.available;
  }

  async read(offset: number, into: Buffer): Promise<number> {
    if (this.unreadable.has(this.reads++)) throw new RetryableError('told to fail', { retryAfterMs: 0 });
    return this.bytes.copy(into, 0, Math.min(offset, this.available), this.available);
  }

  async wait({ offset }: Position, held: number, signal: AbortSignal): Promise<'more' | End> {
    for (;;) {
      signal.throwIfAborted();
      if (this.available > offset + held) return 'more';
      const step = this.steps.shift();
      if (step === undefined && this.available === this.bytes.length) return {};
      if (step === 'quiet') this.tick(QUIET_MS);
      else this.available = Math.min(this.bytes.length, this.available + (step?.grow ?? this.bytes.length));
      await Promise.resolve();
    }
  }

  settled(): void {}
}

/** An output whose batches have the fates of a script. */
class ScriptedOutput implements Output {
  /** By id: every event that ever came, settled or not. */
  readonly told = new Map<string, string>();
  /** Events of one id that are not the same. */
  readonly torn: string[][] = [];
  private readonly fates: Fate[];
  private waiting: (() => void)[] = [];

  constructor(fates: readonly Fate[]) {
    this.fates = [...fates];
  }

  async check(): Promise<void> {}

  async write(batch: Batch): Promise<Receipt> {
    const fate = this.fates.shift() ?? 'taken';
    const lines = batch.bytes.toString().split('\n').slice(0, -1);
    assert.equal(lines.length, batch.ends.length);
    if (fate !== 'lost') {
      for (const line of lines) {
        const id = idOf(line);
        const before = this.told.get(id) ?? line;
        if (before !== line) this.torn.push([before, line]);
        this.told.set(id, line);
      }
    }
    if (fate === 'lost' || fate === 'fails') throw new RetryableError('told to fail', { retryAfterMs: 0 });
    batch.release();
    if (fate === 'late') await new Promise<void>((resolve) => this.waiting.push(resolve));
    return { delivered: batch.ends.length, duplicates: 0 };
  }

  /** What waits is taken now. */
  go(): void {
    for (const go of this.waiting.splice(0)) go();
  }

  async close(): Promise<void> {}

  describe(): string {
    return 'scripted';
  }
}

/** What came of a file. */
export interface Carried {
  /** Settled events, in the order of the file. */
  readonly events: string[];
  readonly cursors: Cursor[];
  /** Behind the last entry that was ended by quiet; 0: none was. */
  readonly lastCut: number;
}

/**
 * Carries a file to an output with all that the script has for it: it grows, batches are lost, the output fails.
 * @param from where the output stands
 */
export async function carry(
  t: TestContext,
  bytes: Buffer,
  framing: Framing | undefined,
  reading: Reading,
  script: Script,
  from?: Cursor,
): Promise<Carried> {
  const output = new ScriptedOutput(script.fates);
  const source = new ScriptedSource(bytes, framing, script, (ms) => t.mock.timers.tick(ms));
  const delivery = new Delivery('out', output, { check: async () => {}, add: async () => {} }, silentLog);
  delivery.start();
  const start: Cursor = {
    offset: 0,
    before: '',
    checkpoint: { offset: 0, sequence: 0 },
    counters: NO_COUNTERS,
  };
  const cursors: Cursor[] = [];
  const moved = (cursor: Cursor): void => void cursors.push(JSON.parse(JSON.stringify(cursor)));
  const ledger = new Ledger(from ?? start, moved, async () => {});
  const lane = {
    delivery,
    reads: new Pool<Buffer>([Buffer.allocUnsafeSlow(READ_BYTES), Buffer.allocUnsafeSlow(READ_BYTES)]),
    batches: new Pool(Array.from({ length: script.buffers ?? 3 }, () => new EventBuffer(1024))),
  };
  let lastCut = 0;
  const { cut } = ledger;
  ledger.cut = (offset) => {
    lastCut = Math.max(lastCut, offset);
    return cut.call(ledger, offset);
  };
  const stop = new AbortController();
  let ranges = 0;
  const checkpoint = (take: () => Checkpoint): Checkpoint | undefined =>
    script.checkpoints[ranges++ % script.checkpoints.length] === true ? take() : undefined;
  for (let done = false; !done; ) {
    await delivery.ready(stop.signal);
    const epoch = delivery.signal;
    const reader = new Reader({
      source,
      lane,
      ledger,
      normalizer: new Normalizer(source, reading, new Filter([], new Set()), ledger.cursor),
      events: { tally: () => {}, caughtUp: (take) => void take(), checkpoint, settled: () => {} },
      limit: reading.limit,
      sentTo: -1,
      epoch,
      signal: epoch,
    });
    let late = setImmediate(function again() {
      output.go();
      late = setImmediate(again);
    });
    try {
      await reader.run();
      done = true;
    } catch (error) {
      const isFailure = error instanceof Rewound || error instanceof RetryableError;
      if (!isFailure && !epoch.aborted) throw error;
      ledger.rewind();
    } finally {
      clearImmediate(late);
    }
  }
  assert.deepEqual(output.torn, [], 'one id, two events');
  const events = [...output.told.values()].sort((a, b) => sequenceOf(a) - sequenceOf(b));
  assert.equal(
    ledger.cursor.counters.delivered,
    events.length + (from?.counters.delivered ?? 0),
    'each event is settled once',
  );
  assert.equal(ledger.cursor.offset, bytes.length, 'all bytes are settled');
  assert.equal(ledger.pending, 0);
  await delivery.stop(0);
  return { events, cursors, lastCut };
}
