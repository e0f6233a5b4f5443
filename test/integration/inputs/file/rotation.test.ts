import assert from 'node:assert/strict';
import {
  appendFileSync,
  closeSync,
  copyFileSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { fileInput, startProbe } from '../../../support/in-process.ts';
import { arrives, exactly, lines, numbers, scene } from '../../../support/tailing.ts';

describe('file input: rotation', () => {
  it('by rename, with lines still going to the old file, which has left the pattern', async (t) => {
    const { directory, file } = scene(t);
    writeFileSync(file, lines(0, 10));
    const { capture } = await startProbe(t, directory, fileInput(file));
    await arrives(capture, numbers(0, 10));
    renameSync(file, `${file}.1`);
    appendFileSync(`${file}.1`, lines(10, 15));
    appendFileSync(file, lines(20, 25));
    appendFileSync(`${file}.1`, lines(15, 20));
    appendFileSync(file, lines(25, 30));
    await arrives(capture, numbers(0, 30));
    exactly(capture, numbers(0, 30));
  });

  it('by rename, and the broker goes on in the old file after a long pause, until it begins the new one', async (t) => {
    const { directory, file } = scene(t);
    const now = performance.now.bind(performance);
    let aheadMs = 0;
    t.mock.method(performance, 'now', () => now() + aheadMs);
    writeFileSync(file, lines(0, 5));
    const { capture } = await startProbe(t, directory, fileInput(file));
    await arrives(capture, numbers(0, 5));
    renameSync(file, `${file}.1`);
    writeFileSync(file, '');
    await delay(1200);
    aheadMs = 70_000;
    await delay(2200);
    appendFileSync(`${file}.1`, lines(5, 10));
    await arrives(capture, numbers(0, 10));
    renameSync(`${file}.1`, `${file}.2`);
    renameSync(file, `${file}.1`);
    writeFileSync(file, '');
    await delay(1200);
    aheadMs = 140_000;
    await delay(2200);
    appendFileSync(`${file}.2`, lines(10, 15));
    await arrives(capture, numbers(0, 15));
    appendFileSync(file, lines(15, 20));
    await arrives(capture, numbers(0, 20));
    exactly(capture, numbers(0, 20));
  });

  it('deleted, and the broker goes on in it: what it writes is read', async (t) => {
    const { directory, file } = scene(t);
    writeFileSync(file, lines(0, 5));
    const writer = openSync(file, 'a');
    t.after(() => closeSync(writer));
    const { capture } = await startProbe(t, directory, fileInput(file));
    await arrives(capture, numbers(0, 5));
    unlinkSync(file);
    for (let n = 5; n < 20; n++) {
      writeSync(writer, lines(n, n + 1));
      await delay(n === 6 ? 4000 : 250);
    }
    await arrives(capture, numbers(0, 20));
    appendFileSync(file, lines(20, 25));
    await arrives(capture, numbers(0, 25));
    for (let n = 25; n < 40; n++) {
      writeSync(writer, lines(n, n + 1));
      await delay(250);
    }
    await arrives(capture, numbers(0, 40));
    exactly(capture, numbers(0, 40));
  });

  it('fifty times under load, with a pattern that also matches the old names', async (t) => {
    const { directory, file } = scene(t);
    writeFileSync(file, '');
    const { capture } = await startProbe(t, directory, fileInput(`${file}*`));
    for (let i = 0; i < 50; i++) {
      appendFileSync(file, lines(i * 100, i * 100 + 100));
      await new Promise((resolve) => setImmediate(resolve));
      renameSync(file, `${file}.${i}`);
    }
    appendFileSync(file, lines(5000, 5100));
    await arrives(capture, numbers(0, 5100));
    exactly(capture, numbers(0, 5100));
  });

  it('twice while the output takes nothing: the middle file is complete', async (t) => {
    const { directory, file } = scene(t);
    writeFileSync(file, lines(0, 2000));
    const { capture } = await startProbe(t, directory, fileInput(file));
    await arrives(capture, numbers(0, 2000));
    capture.stalled = true;
    appendFileSync(file, lines(2000, 2100));
    for (const [old, from] of [
      ['1', 2100],
      ['2', 2200],
    ] as const) {
      renameSync(file, `${file}.${old}`);
      writeFileSync(file, lines(from, from + 100));
      await delay(1300);
    }
    capture.go();
    await arrives(capture, numbers(0, 2300));
    exactly(capture, numbers(0, 2300));
  });

  it('while the probe does not run, twice, to names outside the pattern', async (t) => {
    const { directory, file } = scene(t);
    writeFileSync(file, lines(0, 10));
    const first = await startProbe(t, directory, fileInput(file));
    await arrives(first.capture, numbers(0, 10));
    await first.stop();
    appendFileSync(file, lines(10, 20));
    renameSync(file, `${file}.2`);
    writeFileSync(`${file}.1`, lines(20, 30));
    writeFileSync(file, lines(30, 40));
    const { capture } = await startProbe(t, directory, fileInput(file));
    await arrives(capture, numbers(10, 40));
    exactly(capture, numbers(10, 40));
  });

  it('copytruncate with an idle writer: the copy is not read again', async (t) => {
    const { directory, file } = scene(t);
    writeFileSync(file, lines(0, 50));
    const { capture } = await startProbe(t, directory, fileInput(`${file}*`));
    await arrives(capture, numbers(0, 50));
    copyFileSync(file, `${file}.1`);
    truncateSync(file, 0);
    await delay(1200);
    appendFileSync(file, lines(50, 60));
    await arrives(capture, numbers(0, 60));
    exactly(capture, numbers(0, 60));
  });

  it('copytruncate while the output takes nothing: the rest is read from the copy', async (t) => {
    const { directory, file } = scene(t);
    writeFileSync(file, lines(0, 50));
    const { capture } = await startProbe(t, directory, fileInput(file));
    await arrives(capture, numbers(0, 50));
    capture.stalled = true;
    appendFileSync(file, lines(50, 9000));
    await delay(300);
    copyFileSync(file, `${file}.1`);
    truncateSync(file, 0);
    appendFileSync(file, lines(9000, 9010));
    capture.go();
    await arrives(capture, numbers(0, 9010));
    exactly(capture, numbers(0, 9010));
  });

  it('copytruncate twice while the output takes nothing: the middle copy is complete', async (t) => {
    const { directory, file } = scene(t);
    writeFileSync(file, lines(0, 50));
    const { capture } = await startProbe(t, directory, fileInput(file));
    await arrives(capture, numbers(0, 50));
    capture.stalled = true;
    appendFileSync(file, lines(50, 9000));
    for (const [old, from] of [
      ['1', 9000],
      ['2', 9100],
    ] as const) {
      await delay(1300);
      copyFileSync(file, `${file}.${old}`);
      truncateSync(file, 0);
      appendFileSync(file, lines(from, from + 100));
    }
    await delay(1300);
    capture.go();
    await arrives(capture, numbers(0, 9200));
    exactly(capture, numbers(0, 9200));
  });

  it('written, copied and truncated between two looks', async (t) => {
    const { directory, file } = scene(t);
    writeFileSync(file, '');
    const { capture } = await startProbe(t, directory, fileInput(file));
    for (let i = 0; i < 20; i++) {
      appendFileSync(file, lines(i * 100, i * 100 + 100));
      copyFileSync(file, `${file}.${i}`);
      truncateSync(file, 0);
      // Also looks that find the file empty, or with the next lines in it.
      if (i % 4 === 3) await delay(150);
    }
    appendFileSync(file, lines(2000, 2100));
    await arrives(capture, numbers(0, 2100));
    exactly(capture, numbers(0, 2100));
  });

  for (const more of ['', '*'])
    it(`a copy that is long in the making is not taken for another file (paths: log${more})`, async (t) => {
      const { directory, file } = scene(t);
      writeFileSync(file, lines(0, 5000));
      const { capture } = await startProbe(t, directory, fileInput(`${file}${more}`));
      await arrives(capture, numbers(0, 5000));
      const bytes = readFileSync(file);
      for (let at = 0; at < bytes.length; at += 20_000) {
        appendFileSync(`${file}.1`, bytes.subarray(at, at + 20_000));
        await delay(300);
      }
      truncateSync(file, 0);
      appendFileSync(file, lines(5000, 5100));
      await arrives(capture, numbers(0, 5100));
      await delay(1200);
      exactly(capture, numbers(0, 5100));
    });

  it('copytruncate, then renamed, then stopped, while the output takes nothing', async (t) => {
    const { directory, file } = scene(t);
    writeFileSync(file, lines(0, 50));
    const first = await startProbe(t, directory, fileInput(file));
    await arrives(first.capture, numbers(0, 50));
    first.capture.fail(true);
    appendFileSync(file, lines(50, 100));
    await delay(300);
    copyFileSync(file, `${file}.1`);
    truncateSync(file, 0);
    appendFileSync(file, lines(100, 150));
    renameSync(file, `${file}.2`);
    writeFileSync(file, lines(150, 200));
    await delay(1300);
    await first.stop();
    const { capture } = await startProbe(t, directory, fileInput(file));
    await arrives(capture, numbers(50, 200));
    exactly(capture, numbers(50, 200));
  });
});

describe('file input: what a file holds', () => {
  it('truncated under a writer that goes on at its old offset: its lines are whole behind the zeros', async (t) => {
    for (const [count, more] of [
      [5, ''],
      [5, ', spool: true'],
      [100_000, ''],
    ] as const) {
      const { directory, file } = scene(t);
      let at = 0;
      const write = (text: string): void => {
        writeFileSync(file, '', { flag: 'a' });
        const writer = openSync(file, 'r+');
        at += writeSync(writer, text, at);
        closeSync(writer);
      };
      write(lines(0, count));
      const { capture } = await startProbe(t, directory, fileInput(file, more));
      await arrives(capture, numbers(0, count));
      truncateSync(file);
      write(lines(count, count + 5));
      await arrives(capture, numbers(0, count + 5));
      copyFileSync(file, `${file}.1`);
      truncateSync(file);
      write(lines(count + 5, count + 10));
      await arrives(capture, numbers(0, count + 10));
      exactly(capture, numbers(0, count + 10));
    }
  });

  it('truncated and grown past the old position at once', async (t) => {
    const { directory, file } = scene(t);
    writeFileSync(file, lines(0, 10));
    const { capture } = await startProbe(t, directory, fileInput(file));
    await arrives(capture, numbers(0, 10));
    writeFileSync(file, lines(100, 150));
    const want = [...numbers(0, 10), ...numbers(100, 150)];
    await arrives(capture, want);
    exactly(capture, want);
  });

  it('two generations with the same first kilobyte are told apart', async (t) => {
    const { directory, file } = scene(t);
    const head = lines(0, 100);
    assert.ok(head.length > 1024);
    writeFileSync(file, head + lines(100, 200));
    const first = await startProbe(t, directory, fileInput(file));
    await arrives(first.capture, numbers(0, 200));
    await first.stop();
    unlinkSync(file);
    writeFileSync(file, head + lines(500, 700));
    const { capture } = await startProbe(t, directory, fileInput(file));
    const want = [...numbers(0, 100), ...numbers(500, 700)];
    await arrives(capture, want);
    exactly(capture, want);
  });

  it('truncated and grown, with the same first kilobyte, while the output has failed and has to be fed again', async (t) => {
    const { directory, file } = scene(t);
    const head = lines(0, 100);
    writeFileSync(file, head + lines(100, 110));
    const { capture } = await startProbe(t, directory, fileInput(file));
    await arrives(capture, numbers(0, 110));
    capture.fail(true);
    appendFileSync(file, lines(110, 120));
    await delay(1200);
    copyFileSync(file, `${file}.1`);
    writeFileSync(file, head + lines(500, 700));
    await delay(1200);
    capture.fail(false);
    const want = [...numbers(0, 120), ...numbers(0, 100), ...numbers(500, 700)];
    await arrives(capture, want);
    exactly(capture, want);
  });

  it('deleted and made again until the inode comes back', async (t) => {
    const { directory, file } = scene(t);
    writeFileSync(file, lines(0, 5));
    const { inode } = { inode: statSync(file).ino };
    const first = await startProbe(t, directory, fileInput(file));
    await arrives(first.capture, numbers(0, 5));
    await first.stop();
    let same = false;
    for (let i = 0; i < 200 && !same; i++) {
      rmSync(file);
      writeFileSync(file, lines(10, 15));
      same = statSync(file).ino === inode;
    }
    const { capture } = await startProbe(t, directory, fileInput(file));
    await arrives(capture, numbers(10, 15));
    exactly(capture, numbers(10, 15));
  });

  it('deleted and made again while the probe runs', async (t) => {
    const { directory, file } = scene(t);
    writeFileSync(file, lines(0, 5));
    const { capture } = await startProbe(t, directory, fileInput(file));
    await arrives(capture, numbers(0, 5));
    rmSync(file);
    await new Promise((resolve) => setTimeout(resolve, 50));
    writeFileSync(file, lines(5, 12));
    await arrives(capture, numbers(0, 12));
    exactly(capture, numbers(0, 12));
  });

  it('as many other bytes in a file that held nothing new are read, be it written over or of a used inode', async (t) => {
    const { directory, file } = scene(t);
    writeFileSync(file, lines(0, 5));
    const { capture } = await startProbe(t, directory, fileInput(`${file}*`));
    await arrives(capture, numbers(0, 5));
    copyFileSync(file, `${file}.1`);
    await delay(1500);
    writeFileSync(`${file}.1`, lines(5, 10));
    await arrives(capture, numbers(0, 10));
    exactly(capture, numbers(0, 10));
  });

  it('a compressed generation: not read twice, and read once when it was never seen', async (t) => {
    const { directory, file } = scene(t);
    writeFileSync(file, lines(0, 60));
    const { capture } = await startProbe(t, directory, fileInput(`${file}*`));
    await arrives(capture, numbers(0, 60));
    writeFileSync(`${file}.1.gz`, gzipSync(readFileSync(file)));
    writeFileSync(file, lines(60, 70));
    writeFileSync(`${file}.2.gz`, gzipSync(lines(900, 950)));
    const want = [...numbers(0, 70), ...numbers(900, 950)];
    await arrives(capture, want);
    exactly(capture, want);
  });

  it('a link whose target changes', async (t) => {
    const { directory, file } = scene(t);
    const targets = ['a', 'b'].map((name) => path.join(directory, `${name}.log`));
    writeFileSync(targets[0] ?? '', lines(0, 10));
    symlinkSync(targets[0] ?? '', file);
    const { capture } = await startProbe(t, directory, fileInput(file));
    await arrives(capture, numbers(0, 10));
    writeFileSync(targets[1] ?? '', lines(10, 20));
    symlinkSync(targets[1] ?? '', `${file}.new`);
    renameSync(`${file}.new`, file);
    await arrives(capture, numbers(0, 20));
    exactly(capture, numbers(0, 20));
  });

  it('`start: end` leaves out what is there at the very first start, and only that', async (t) => {
    const { directory, file } = scene(t);
    writeFileSync(file, lines(0, 10));
    const first = await startProbe(t, directory, fileInput(`${file}*`, ', start: end'));
    appendFileSync(file, lines(10, 12));
    writeFileSync(`${file}-new`, lines(20, 22));
    await arrives(first.capture, [...numbers(10, 12), ...numbers(20, 22)]);
    await first.stop();
    appendFileSync(file, lines(12, 14));
    writeFileSync(`${file}-later`, lines(30, 32));
    const { capture } = await startProbe(t, directory, fileInput(`${file}*`, ', start: end'));
    await arrives(capture, [...numbers(12, 14), ...numbers(30, 32)]);
    exactly(capture, [...numbers(12, 14), ...numbers(30, 32)]);
  });
});

describe('file input: lines', () => {
  it('a partial last line waits for its rest, also across a restart', async (t) => {
    const { directory, file } = scene(t);
    writeFileSync(file, `${lines(0, 2)}1700000000: half`);
    const first = await startProbe(t, directory, fileInput(file));
    await arrives(first.capture, numbers(0, 2));
    appendFileSync(file, ' and half\n1700000000: par');
    await arrives(first.capture, [...numbers(0, 2), 'half and half']);
    await first.stop();
    exactly(first.capture, [...numbers(0, 2), 'half and half']);
    const { capture } = await startProbe(t, directory, fileInput(file));
    appendFileSync(file, 'tial\n');
    await arrives(capture, ['partial']);
    exactly(capture, ['partial']);
  });

  it('a partial line at a rotation is told as cut, and nothing is glued to it', async (t) => {
    const { directory, file } = scene(t);
    writeFileSync(file, `${lines(0, 2)}1700000000: frag`);
    const { capture } = await startProbe(t, directory, fileInput(file));
    await arrives(capture, numbers(0, 2));
    rmSync(file);
    writeFileSync(file, 'ment\n');
    await arrives(capture, [...numbers(0, 2), 'ment', 'frag']);
    exactly(capture, [...numbers(0, 2), 'ment', 'frag']);
    assert.equal(capture.events.find((e) => e.message === 'frag')?.mqtt?.truncated, true);
  });

  it('bytes: characters across reads, broken UTF-8, NUL, CR LF, empty lines, a byte order mark', async (t) => {
    const { directory, file } = scene(t);
    const wide = Array.from({ length: 5000 }, (_, i) => `1700000000: ${'é€😀'.repeat(5)} ${i}\n`).join('');
    writeFileSync(
      file,
      Buffer.concat([
        Buffer.from('\ufeff1700000000: first\r\n\n\n'),
        Buffer.from(wide),
        Buffer.from('1700000000: bad \xff\xfe\x00 end\n', 'latin1'),
      ]),
    );
    const { capture, probe } = await startProbe(t, directory, fileInput(file));
    await arrives(capture, Array(5002).fill(''));
    assert.equal(capture.messages[0], 'first');
    assert.deepEqual(
      capture.messages.slice(1, 5001),
      Array.from({ length: 5000 }, (_, i) => `${'é€😀'.repeat(5)} ${i}`),
    );
    assert.equal(capture.messages[5001], 'bad \ufffd\ufffd\u0000 end');
    assert.deepEqual(capture.events.find((e) => e.message.startsWith('bad'))?.tags, ['invalid_utf8']);
    assert.equal(probe.status().inputs[0]?.empty, 2);
  });

  it('a line of 10 MB is cut at the limit and says its length; the next is whole', async (t) => {
    const { directory, file } = scene(t);
    const long = `1700000000: ${'x'.repeat(10_000_000)}`;
    writeFileSync(file, `${lines(0, 1)}${long}\n${lines(1, 3)}`);
    const { capture } = await startProbe(t, directory, fileInput(file));
    await arrives(capture, Array(4).fill(''));
    const event = capture.events.find((e) => e.message.startsWith('xxx'));
    assert.equal(event?.message.length, 1024 * 1024 - '1700000000: '.length);
    assert.deepEqual({ ...event?.mqtt }, { truncated: true, log: { length: long.length } });
    assert.deepEqual(
      capture.messages.filter((m) => !m.startsWith('xxx')),
      numbers(0, 3),
    );
  });

  it('a line above the limit at the end of a file: after a restart the file is known again', async (t) => {
    const { directory, file } = scene(t);
    writeFileSync(file, `${lines(0, 5)}1700000000: ${'x'.repeat(3_000_000)}\n`);
    const first = await startProbe(t, directory, fileInput(file));
    await arrives(first.capture, numbers(0, 6));
    await first.stop();
    appendFileSync(file, lines(5, 10));
    const second = await startProbe(t, directory, fileInput(file));
    await arrives(second.capture, numbers(5, 10));
    exactly(second.capture, numbers(5, 10));
  });

  it('Docker: a line of 3 MB is one event cut at the limit, though a part fills more than a read and a restart cuts it', async (t) => {
    const { directory, file } = scene(t);
    const part = (log: string, stream = 'stderr'): string =>
      `${JSON.stringify({ log, stream, time: '2026-01-01T00:00:00Z' })}\n`;
    const piece = '\u0001é'.repeat(8 * 1024);
    const pieces = Array.from({ length: 128 }, () => part(piece));
    const head = pieces.slice(0, 64).join('');
    const rest = pieces.slice(64).join('');
    writeFileSync(file, part('1700000000: before\n') + part('1700000000: ') + head);
    const first = await startProbe(t, directory, fileInput(file));
    await arrives(first.capture, ['before']);
    appendFileSync(file, part('1700000000: aside\n', 'stdout') + rest.slice(0, 100_000));
    await first.stop();
    exactly(first.capture, ['before']);
    const { capture } = await startProbe(t, directory, fileInput(file));
    appendFileSync(file, `${rest.slice(100_000)}${part('end\n')}${part('1700000000: behind\n')}`);
    await arrives(capture, ['', '', '']);
    const event = capture.events.find((e) => e.message.startsWith('\u0001'));
    const length = '1700000000: end'.length + 128 * Buffer.byteLength(piece);
    assert.deepEqual({ ...event?.mqtt }, { truncated: true, log: { length } });
    assert.equal(event?.log?.offset, part('1700000000: before\n').length);
    assert.deepEqual(
      capture.messages.filter((m) => !m.startsWith('\u0001')),
      ['aside', 'behind'],
    );
  });

  it('Docker: parts of 16 KiB are one line again, at the time of the first', async (t) => {
    const { directory, file } = scene(t);
    const part = (log: string, time: string): string =>
      `${JSON.stringify({ log, stream: 'stdout', time })}\n`;
    writeFileSync(
      file,
      part('1700000000: a\n', '2026-01-01T00:00:00.5Z') +
        part('no stamp ', '2026-01-01T00:00:01Z') +
        part('here\n', '2026-01-01T00:00:02Z'),
    );
    const { capture } = await startProbe(t, directory, fileInput(file));
    await arrives(capture, ['a', 'no stamp here']);
    exactly(capture, ['a', 'no stamp here']);
    assert.equal(
      capture.events.find((e) => e.message === 'no stamp here')?.['@timestamp'],
      '2026-01-01T00:00:01.000Z',
    );
  });

  it('CRI: partial flags, two streams in between', async (t) => {
    const { directory, file } = scene(t);
    const at = '2026-01-01T00:00:00.000000001Z';
    writeFileSync(
      file,
      `${at} stdout P one \n${at} stderr F other\n${at} stdout P two \n${at} stdout F three\n`,
    );
    const { capture } = await startProbe(t, directory, fileInput(file));
    await arrives(capture, ['one two three', 'other']);
    exactly(capture, ['one two three', 'other']);
  });
});
