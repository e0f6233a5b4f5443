import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { type Cursor, NO_COUNTERS } from '../../../src/core/cursor.ts';
import type { Journal, JournalRecord } from '../../../src/core/source.ts';
import { Copy, CopyBuffers } from '../../../src/pipeline/copy/copy.ts';
import { type Script, ScriptedSource } from '../../support/fuzz/carried.ts';
import { readingOf } from '../../support/fuzz/events.ts';

const ENTRY = '2026-11-21T19:17:42.123456+00:00 [error] crasher: initial call: x\n';
const LONG = ENTRY + `    ${'m'.repeat(95)}\n`.repeat(2000);
const docker = (text: string): string =>
  text
    .split('\n')
    .slice(0, -1)
    .map(
      (line) => `${JSON.stringify({ log: `${line}\n`, stream: 'stdout', time: '2026-11-21T19:17:42Z' })}\n`,
    )
    .join('');

/** A journal with room for so many records at a time; what waits for room finds it a little later. */
class NarrowJournal implements Journal {
  readonly texts: string[] = [];
  private readonly size: number;
  private free: number;

  constructor(size: number) {
    this.size = size;
    this.free = size;
  }

  append(record: JournalRecord): Promise<void> | undefined {
    if (this.free-- <= 0) return undefined;
    if (record.type === 'line') this.texts.push(record.text.toString());
    return Promise.resolve();
  }

  appendAll(): undefined {}

  relief(): undefined {}

  async room(signal: AbortSignal): Promise<void> {
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate);
    signal.throwIfAborted();
    this.free = this.size;
  }

  async recent(): Promise<void> {}

  close(): void {}
}

interface Case {
  readonly writer: 'mosquitto' | 'emqxText';
  readonly steps: Script['steps'];
  /** The read that fails. */
  readonly failing?: number;
  /** Records that the journal has room for. */
  readonly room: number;
}

/** Copies a container's log. @returns what the journal has then */
async function copied(
  t: TestContext,
  log: string,
  { writer, steps, failing = -1, room }: Case,
): Promise<string[]> {
  const script = { steps, fates: [], checkpoints: [], unreadable: [failing] };
  const bytes = Buffer.from(docker(log));
  t.mock.timers.reset();
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const source = new ScriptedSource(bytes, 'docker', script, (ms) => t.mock.timers.tick(ms));
  const journal = new NarrowJournal(room);
  const { limit, dialect } = await readingOf(writer, 1024 * 1024);
  const cursor: Cursor = {
    offset: 0,
    before: '',
    checkpoint: { offset: 0, sequence: 0 },
    counters: NO_COUNTERS,
  };
  const early: string[] = [];
  const copy = new Copy({
    source,
    journal,
    settings: {
      limit,
      role: dialect.role,
      framing: { timezone: 'UTC', program: dialect.name, isChosen: false },
    },
    buffers: new CopyBuffers(),
    taken: new Map(),
    cursor,
    moved: ({ offset, cuts }) => {
      const has = journal.texts.reduce((sum, text) => sum + docker(`${text}\n`).length, 0);
      if (cuts === undefined && offset > has) early.push(`${offset} with ${journal.texts.length} entries`);
    },
    keep: async () => {},
    after: undefined,
  });
  await copy.run(new AbortController().signal);
  assert.deepEqual(early, [], 'the cursor has passed what the journal has not got');
  return journal.texts;
}

describe('a copy into a journal', () => {
  it('has every entry once, whichever read has failed', async (t) => {
    const entries = [LONG, ...Array.from({ length: 300 }, (_, n) => ENTRY.replace(': x', `: ${n}`)), LONG];
    const log = entries.join('');
    const told = entries.map((entry) => entry.slice(0, -1));
    const first = docker(LONG).length;
    const steps = [{ grow: first }, 'quiet', { grow: 9000 }, 'quiet', { grow: 20_000 }] as const;
    for (const room of [1, 7, 1000]) {
      for (let failing = 0; failing < 24; failing++) {
        const texts = await copied(t, log, { writer: 'emqxText', steps, failing, room });
        assert.deepEqual(texts, told, `read ${failing}, room ${room}`);
      }
    }
  });

  it('rests at the end of a file, though the journal was full', { timeout: 10_000 }, async (t) => {
    const lines = Array.from({ length: 20 }, (_, n) => `1700000000: ${n}`);
    const steps = [{ grow: 500 }, 'quiet', 'quiet'] as const;
    const texts = await copied(t, `${lines.join('\n')}\n`, { writer: 'mosquitto', steps, room: 1 });
    assert.deepEqual(texts, lines);
  });
});
