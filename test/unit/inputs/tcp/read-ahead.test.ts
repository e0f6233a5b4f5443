import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Journal, JournalRecord, Note } from '../../../../src/core/source.ts';
import { READ_AHEAD_BYTES, ReadAhead } from '../../../../src/inputs/tcp/read-ahead.ts';
import { until } from '../../../support/wait.ts';

/** A journal with as much room as it is told: a disk that stands still on demand. */
class Narrow implements Journal {
  readonly records: JournalRecord[] = [];
  private places = 0;
  private wake: () => void = () => {};

  give(places: number): void {
    this.places += places;
    this.wake();
  }

  append(record: JournalRecord): Promise<void> | undefined {
    if (this.places === 0) return undefined;
    this.places--;
    this.records.push(record);
    return Promise.resolve();
  }

  appendAll(): undefined {
    return undefined;
  }

  relief(): undefined {
    return undefined;
  }

  async room(signal: AbortSignal): Promise<void> {
    while (this.places === 0) {
      await new Promise<void>((resolve, reject) => {
        this.wake = resolve;
        signal.addEventListener('abort', () => reject(signal.reason), { once: true });
      });
    }
  }

  async recent(): Promise<void> {}

  close(): void {}

  /** Numbers of lines, and of the lines that notes speak of. */
  get content(): (number | string)[] {
    return this.records.map((record) => {
      if (record.type === 'line') return record.text.readUInt32BE();
      return record.type === 'note' ? record.note.message : '';
    });
  }
}

const gap = (records: number): Note => ({ action: 'input-gap', seen: 0, message: `-${records}` });
const MEBIBYTE = 2 ** 20;

function line(n: number, bytes = MEBIBYTE): JournalRecord & { type: 'line' } {
  const text = Buffer.alloc(bytes);
  text.writeUInt32BE(n);
  return { type: 'line', seen: 0, text };
}

async function filled(journal: Narrow, count: number): Promise<(number | string)[]> {
  await until(
    () => journal.records.length >= count,
    () => `${journal.records.length} of ${count} records`,
  );
  return journal.content;
}

describe('the read-ahead of the tcp input', () => {
  it('what finds no room waits in order, and new lines wait behind it', async () => {
    const journal = new Narrow();
    const ahead = new ReadAhead(journal, 'drop_oldest', gap);
    journal.give(1);
    for (let n = 0; n < 4; n++) ahead.take(line(n));
    assert.deepEqual(journal.content, [0]);
    journal.give(2);
    ahead.take(line(4));
    assert.deepEqual(await filled(journal, 3), [0, 1, 2]);
    journal.give(9);
    assert.deepEqual(await filled(journal, 5), [0, 1, 2, 3, 4]);
    ahead.take(line(5));
    assert.deepEqual(await filled(journal, 6), [0, 1, 2, 3, 4, 5]);
  });

  it('drop_oldest: 16 MiB are kept; what was dropped is told where it is missing', async () => {
    const journal = new Narrow();
    const ahead = new ReadAhead(journal, 'drop_oldest', gap);
    const kept = READ_AHEAD_BYTES / MEBIBYTE;
    for (let n = 0; n < kept + 3; n++) ahead.take(line(n));
    journal.give(2);
    assert.deepEqual(await filled(journal, 2), ['-3', 3]);
    for (let n = 0; n < 2; n++) ahead.take(line(100 + n));
    journal.give(100);
    const rest = Array.from({ length: kept - 2 }, (_, i) => i + 5);
    assert.deepEqual(await filled(journal, kept + 3), ['-3', 3, '-1', ...rest, 100, 101]);
  });

  it('drop_oldest: reading never waits for the journal, only for a moment, once for each megabyte', async () => {
    const journal = new Narrow();
    const ahead = new ReadAhead(journal, 'drop_oldest', gap);
    const half = READ_AHEAD_BYTES / MEBIBYTE / 2;
    for (let n = 0; n < half; n++) {
      ahead.take(line(n));
      assert.equal(ahead.pause(), undefined);
    }
    ahead.take(line(half));
    await ahead.pause();
    assert.equal(journal.records.length, 0);
    assert.equal(ahead.pause(), undefined);
    ahead.take(line(half + 1));
    const pause = ahead.pause();
    assert.ok(pause !== undefined);
    journal.give(2);
    await pause;
    assert.ok(journal.records.length > 0);
  });

  it('block: nothing is dropped, and reading is told to wait until all is admitted', async () => {
    const journal = new Narrow();
    const ahead = new ReadAhead(journal, 'block', gap);
    const count = READ_AHEAD_BYTES / MEBIBYTE + 1;
    for (let n = 0; n < count - 1; n++) ahead.take(line(n));
    assert.equal(ahead.pause(), undefined);
    ahead.take(line(count - 1));
    const pause = ahead.pause();
    assert.ok(pause !== undefined);
    journal.give(count);
    await pause;
    assert.deepEqual(
      journal.content,
      Array.from({ length: count }, (_, n) => n),
    );
  });

  it('a stop admits what there is room for, and counts the rest', () => {
    const journal = new Narrow();
    const ahead = new ReadAhead(journal, 'drop_oldest', gap);
    for (let n = 0; n < 5; n++) ahead.take(line(n, 8));
    journal.give(3);
    assert.equal(ahead.stop(), 2);
    assert.deepEqual(journal.content, [0, 1, 2]);
    const roomy = new Narrow();
    const other = new ReadAhead(roomy, 'drop_oldest', gap);
    for (let n = 0; n < 2; n++) other.take(line(n, 8));
    roomy.give(9);
    assert.equal(other.stop(), 0);
    assert.deepEqual(roomy.content, [0, 1]);
  });

  it('tens of thousands of short lines keep their order', async () => {
    const journal = new Narrow();
    const ahead = new ReadAhead(journal, 'drop_oldest', gap);
    const count = 30_000;
    for (let n = 0; n < count; n++) ahead.take(line(n, 4));
    for (let n = 0; n < 10; n++) journal.give(count / 10);
    assert.deepEqual(
      await filled(journal, count),
      Array.from({ length: count }, (_, n) => n),
    );
  });

  it('block: lines that come one by one, however short, make reading wait before they fill the memory', () => {
    const ahead = new ReadAhead(new Narrow(), 'block', gap);
    let count = 0;
    while (ahead.pause() === undefined && count < 200_000) ahead.take(line(count++, 4));
    assert.ok(count < 100_000, `${count}`);
    ahead.stop();
  });
});
