import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { StateError } from '../../../../src/core/errors.ts';
import type { JournalRecord } from '../../../../src/core/source.ts';
import { SEGMENT_HEADER_BYTES } from '../../../../src/state/spool/segments/format.ts';
import type { SpoolStream } from '../../../../src/state/spool/stream.ts';
import { SimulatedDisk } from '../../../support/simulated-disk.ts';
import { numbered, openStream, readAll, SEGMENT_BYTES } from '../../../support/spool.ts';
import { until } from '../../../support/wait.ts';

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** Appends and waits until all is safe. */
async function fill(stream: SpoolStream, from: number, to: number, sizeBytes = 100): Promise<void> {
  const kept = range(from, to).map((n) => stream.append(numbered(n, sizeBytes)));
  assert.ok(
    kept.every((k) => k !== undefined),
    'there was no room',
  );
  await Promise.all(kept);
}

describe('spool', () => {
  it('gives back what was appended, in order, after reopening too, with the same ids', async () => {
    const disk = new SimulatedDisk();
    const first = await openStream(disk);
    await fill(first.stream, 0, 3000);
    const before = await readAll(first.stream);
    assert.deepEqual(before.numbers, range(0, 3000));
    assert.equal(new Set(before.ids).size, 3000);
    await first.spool.close(1000);
    const second = await openStream(disk);
    assert.equal(second.stream.id, first.stream.id);
    await fill(second.stream, 3000, 3500);
    const after = await readAll(second.stream, undefined, 1000);
    assert.deepEqual(after.numbers, range(0, 3500));
    assert.deepEqual(after.ids.slice(0, 3000), before.ids);
    assert.equal(after.lost, 0);
  });

  it('records longer than a read and longer than a segment', async () => {
    const { stream } = await openStream(new SimulatedDisk());
    await fill(stream, 0, 3, 3 * SEGMENT_BYTES);
    await fill(stream, 3, 5);
    assert.deepEqual((await readAll(stream, undefined, 256)).numbers, range(0, 5));
  });

  it('a record that somebody waits for is synced at once, others within the interval; readers see only what is synced', async () => {
    const disk = new SimulatedDisk();
    const { stream } = await openStream(disk, { syncMs: 3_600_000 });
    const note: JournalRecord = { type: 'note', note: { action: 'input-gap', seen: 1, message: 'm' } };
    const relaxed = stream.append(note);
    assert.equal(stream.size(), 0);
    await fill(stream, 0, 1);
    await relaxed;
    assert.deepEqual((await readAll(stream)).notes, ['m']);
    const quick = await openStream(new SimulatedDisk(), { syncMs: 1 });
    await quick.stream.append(note);
    assert.ok(quick.stream.size() > 0);
  });

  it('records that arrive together are synced together', async () => {
    const disk = new SimulatedDisk();
    const { stream } = await openStream(disk);
    await fill(stream, 0, 1);
    const syncs = (): number => disk.log.filter(({ type }) => type === 'sync').length;
    const before = syncs();
    await fill(stream, 1, 301);
    assert.equal(syncs() - before, 1);
  });

  it('a segment is removed when the saved cursors of all outputs have passed it, and what a sender may repeat stays', async () => {
    const disk = new SimulatedDisk();
    const { spool, stream } = await openStream(disk, { sizeBytes: 64 * 1024 * 1024 });
    for (const output of ['a', 'b']) stream.settled(output, 0, 0);
    for (let n = 0; n < 16; n++) await fill(stream, n, n + 1, 1024 * 1024);
    const segments = (): number => disk.files().length;
    assert.equal(segments(), 4);
    stream.settled('a', stream.size(), stream.size());
    await spool.trim(spool.needed());
    assert.equal(segments(), 4);
    const needed = spool.needed();
    stream.settled('b', stream.size(), stream.size());
    await spool.trim(needed);
    assert.equal(segments(), 4, 'what was settled since the cursors were saved stays');
    await spool.trim(spool.needed());
    assert.equal(segments(), 1);
    assert.ok(stream.size() - stream.beginning.offset >= 4 * 1024 * 1024);
    assert.equal(spool.status().bytes, disk.bytes(disk.files()[0] ?? '').length);
  });

  it('full, block: holds the input, takes notes, and goes on when there is room', async () => {
    const { spool, stream } = await openStream(new SimulatedDisk());
    stream.settled('a', 0, 0);
    let taken = 0;
    for (let kept = stream.append(numbered(0, 10_000)); kept !== undefined; taken++) {
      await kept;
      kept = stream.append(numbered(taken + 1, 10_000));
    }
    assert.ok(taken > 90 && taken < 110, String(taken));
    assert.match(stream.status().problem ?? '', /spool is full .* input in is held/);
    await stream.append({ type: 'note', note: { action: 'input-gap', seen: 1, message: 'told' } });
    let free = false;
    const room = stream.room(new AbortController().signal).then(() => {
      free = true;
    });
    const { position } = await readAll(stream);
    assert.equal(free, false);
    stream.settled('a', position.offset, position.offset);
    await spool.trim(spool.needed());
    await room;
    assert.equal(stream.status().problem, undefined);
    assert.ok(stream.append(numbered(taken + 1)));
  });

  it('an input that is faster than the disk gets room again when what waits is written', async () => {
    const { stream } = await openStream(new SimulatedDisk(), { sizeBytes: 2 ** 30 });
    let taken = 0;
    while (stream.append(numbered(taken, 64 * 1024)) !== undefined) taken++;
    assert.ok(taken > 10, `${taken} records`);
    await stream.room(AbortSignal.timeout(5000));
    assert.ok(stream.append(numbered(taken)) !== undefined);
  });

  it('records that belong together are taken all or none', async () => {
    const { stream } = await openStream(new SimulatedDisk());
    await stream.appendAll(range(0, 3).map((n) => numbered(n)));
    let taken = 3;
    while (stream.append(numbered(taken, 60_000)) !== undefined) taken++;
    assert.equal(stream.appendAll(range(900, 903).map((n) => numbered(n))), undefined);
    await until(
      () => stream.size() > 900_000,
      () => `${stream.size()} bytes are written`,
    );
    assert.deepEqual((await readAll(stream)).numbers, range(0, taken));
  });

  it('a last segment that all outputs have is not what fills the spool', async () => {
    const { spool, stream } = await openStream(new SimulatedDisk());
    stream.settled('a', 0, 0);
    await fill(stream, 0, 1, 2 * 1024 * 1024);
    assert.equal(stream.append(numbered(1)), undefined);
    const room = stream.room(new AbortController().signal);
    stream.settled('a', stream.size(), stream.size());
    await spool.trim(spool.needed());
    await room;
    await fill(stream, 1, 2);
    assert.deepEqual((await readAll(stream)).numbers, [1]);
  });

  it('a last segment that could not be replaced for a while holds no input for ever', async () => {
    const disk = new SimulatedDisk();
    const { spool, stream } = await openStream(disk);
    stream.settled('a', 0, 0);
    await fill(stream, 0, 1, 2 * 1024 * 1024);
    assert.equal(stream.append(numbered(1)), undefined);
    const room = stream.room(AbortSignal.timeout(5000));
    stream.settled('a', stream.size(), stream.size());
    disk.before = ({ type }) => {
      if (type === 'create') throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
    };
    await spool.trim(spool.needed());
    assert.match(stream.status().problem ?? '', /cannot be written .* make room/);
    disk.before = () => {};
    await spool.trim(spool.needed());
    await room;
    assert.equal(stream.status().problem, undefined);
    await fill(stream, 1, 2);
    assert.deepEqual((await readAll(stream)).numbers, [1]);
  });

  it('full, drop_oldest: whole segments go, and an output is told exactly how many records it has missed', async () => {
    const disk = new SimulatedDisk();
    const { spool, stream } = await openStream(disk, { whenFull: 'drop_oldest' });
    stream.settled('a', 0, 0);
    const read = await (async () => {
      await fill(stream, 0, 10, 10_000);
      return readAll(stream);
    })();
    for (let n = 10; n < 500; n++) await fill(stream, n, n + 1, 10_000);
    assert.ok(spool.status().bytes <= 1024 * 1024 + 2 * SEGMENT_BYTES);
    assert.equal(stream.status().problem, undefined);
    const rest = await readAll(stream, read.position);
    const first = rest.numbers[0] ?? Number.NaN;
    assert.equal(rest.lost, first - 10);
    assert.deepEqual(rest.numbers, range(first, 500));
    await spool.close(1000);
    const again = await openStream(disk, { whenFull: 'drop_oldest' }, [read.position]);
    const after = await readAll(again.stream, read.position);
    assert.deepEqual([after.lost, after.numbers], [rest.lost, rest.numbers]);
  });

  it('a note that is dropped itself tells of what it had counted', async () => {
    const disk = new SimulatedDisk();
    const { stream } = await openStream(disk, { whenFull: 'drop_oldest' });
    stream.settled('a', 0, 0);
    await fill(stream, 0, 10, 10_000);
    const seen = await readAll(stream);
    await fill(stream, 10, 20, 10_000);
    const fields = { 'mqtt.drop.count': 500 };
    const note = { action: 'input-gap', seen: 0, reason: 'queue_full', message: 'x', fields } as const;
    void stream.append({ type: 'note', note });
    void stream.append({ type: 'note', note: { ...note, fields: { 'mqtt.probe.input.name': 'in' } } });
    for (let n = 20; n < 500; n++) await fill(stream, n, n + 1, 10_000);
    const news = await stream.wait(seen.position, 0, new AbortController().signal);
    assert.ok(news !== 'more' && news.to !== undefined);
    const records = Number(news.to.before) - 10;
    const first = (await readAll(stream, news.to)).numbers[0] ?? Number.NaN;
    assert.equal(records, first - 10 + 2);
    assert.equal(news.tell(records).fields?.['mqtt.drop.count'], first - 10 + 1 + 500);
    // Whoever has read the notes has been told.
    assert.equal(news.tell(1).fields?.['mqtt.drop.count'], 1);
  });

  it('so does one of an earlier run', async () => {
    const disk = new SimulatedDisk();
    const options = { whenFull: 'drop_oldest' } as const;
    const first = await openStream(disk, options);
    first.stream.settled('a', 0, 0);
    await fill(first.stream, 0, 10);
    const fields = { 'mqtt.drop.count': 500 };
    const note = { action: 'input-gap', seen: 0, reason: 'queue_full', message: 'x', fields } as const;
    await first.stream.append({ type: 'note', note });
    await fill(first.stream, 10, 20);
    await first.spool.close(1000);
    const { stream } = await openStream(disk, options);
    for (let n = 20; n < 500; n++) await fill(stream, n, n + 1, 10_000);
    const news = await stream.wait({ offset: 0, before: '0' }, 0, new AbortController().signal);
    assert.ok(news !== 'more' && news.to !== undefined);
    const records = Number(news.to.before);
    assert.equal(news.tell(records).fields?.['mqtt.drop.count'], records - 1 + 500);
    assert.equal(news.tell(records - 11).fields?.['mqtt.drop.count'], records - 11);
  });

  it('never goes on before a saved cursor: an older copy of the directory loses nothing silently', async () => {
    const disk = new SimulatedDisk();
    const first = await openStream(disk);
    await fill(first.stream, 0, 10);
    const copy = SimulatedDisk.replay(disk.log, disk.log.length);
    await fill(first.stream, 10, 30);
    const { position } = await readAll(first.stream);
    const { stream } = await openStream(copy, {}, [position]);
    await fill(stream, 30, 40);
    assert.deepEqual((await readAll(stream, position)).numbers, range(30, 40));
    const all = await readAll(stream);
    assert.deepEqual([all.lost, all.numbers], [20, [...range(0, 10), ...range(30, 40)]]);
  });

  it('recent records are visited, oldest first', async () => {
    const disk = new SimulatedDisk();
    const first = await openStream(disk);
    for (let n = 0; n < 2000; n += 50) await fill(first.stream, n, n + 50);
    await first.spool.close(1000);
    const { stream } = await openStream(disk);
    const seen: number[] = [];
    await stream.recent((record) => {
      if (record.type === 'message') seen.push(Number.parseInt(record.message.payload.toString(), 10));
    });
    assert.deepEqual(seen, range(2000 - seen.length, 2000));
    assert.ok(seen.length > 300 && seen.length < 1000, String(seen.length));
  });

  it('as many messages as a broker may have in flight are recent, though every output has them', async () => {
    const disk = new SimulatedDisk();
    const sizeBytes = 1024 ** 3;
    const first = await openStream(disk, { sizeBytes });
    for (let n = 0; n < 190_000; n += 5000) await fill(first.stream, n, n + 5000, 60);
    first.stream.settled('a', first.stream.size(), first.stream.size());
    await first.spool.trim(first.spool.needed());
    await first.spool.close(1000);
    const { stream } = await openStream(disk, { sizeBytes });
    const ids = new Set<number | undefined>();
    await stream.recent((record) => {
      if (record.type === 'message') ids.add(record.message.packetId);
    });
    assert.equal(ids.size, 65_535);
  });

  it('a disk that fails holds the input, and what was taken is written when it works again', async () => {
    for (const [code, words] of [
      ['ENOSPC', /cannot be written .* make room/],
      ['EIO', /cannot be written .* look at the disk/],
    ] as const) {
      for (const failing of code === 'EIO' ? ['sync'] : ['write', 'sync', 'create', 'syncDirectory']) {
        const disk = new SimulatedDisk();
        const { stream } = await openStream(disk);
        if (failing === 'write' || failing === 'sync') await fill(stream, 0, 1);
        disk.before = ({ type }) => {
          if (type === failing) throw Object.assign(new Error(code), { code });
        };
        const kept = stream.append(numbered(1));
        assert.ok(kept);
        await until(
          () => words.test(stream.status().problem ?? ''),
          () => String(stream.status().problem),
        );
        assert.equal(stream.append(numbered(2)), undefined);
        const room = stream.room(new AbortController().signal);
        disk.before = () => {};
        await Promise.all([kept, room]);
        assert.equal(stream.status().problem, undefined);
        await fill(stream, 2, 3);
        assert.deepEqual((await readAll(stream)).numbers.slice(-2), [1, 2]);
      }
    }
  });

  it('a full disk with drop_oldest: the oldest segment makes room', async () => {
    const disk = new SimulatedDisk();
    const { stream } = await openStream(disk, { whenFull: 'drop_oldest' });
    for (let n = 0; n < 20; n++) await fill(stream, n, n + 1, 10_000);
    const before = disk.files().length;
    disk.before = ({ type }) => {
      if (type === 'write' && disk.files().length >= before) {
        throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC' });
      }
    };
    await fill(stream, 20, 21, 10_000);
    assert.equal(disk.files().length, before - 1);
    assert.equal(stream.status().problem, undefined);
  });
});

describe('spool: damage', () => {
  /** A stream of three segments; `touch` damages the disk before it is opened again. */
  async function damaged(touch: (disk: SimulatedDisk, files: string[]) => void) {
    const disk = new SimulatedDisk();
    const first = await openStream(disk);
    for (let n = 0; n < 1500; n += 50) await fill(first.stream, n, n + 50);
    await first.spool.close(1000);
    touch(disk, disk.files().sort());
    const { stream } = await openStream(disk);
    return { disk, stream, found: await readAll(stream, { offset: 0, before: '0' }) };
  }

  it('any flipped byte costs one record at most, and it is counted', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.nat(1),
        fc.nat(SEGMENT_BYTES - 1),
        fc.integer({ min: 1, max: 255 }),
        async (i, at, flip) => {
          const { found } = await damaged((disk, files) => {
            const bytes = disk.bytes(files[i] ?? '');
            bytes[at] = (bytes[at] ?? 0) ^ flip;
          });
          assert.ok(found.lost <= 1, `${found.lost} lost`);
          assert.equal(found.numbers.length + found.lost, 1500);
          assert.deepEqual(
            found.numbers,
            [...new Set(found.numbers)].sort((a, b) => a - b),
          );
        },
      ),
      { numRuns: 60 },
    );
  });

  it('a cut end loses what was cut, and nothing before it', async () => {
    const whole = await damaged(() => {});
    await fc.assert(
      fc.asyncProperty(fc.nat(20_000), async (cut) => {
        const { stream, found, disk } = await damaged((d, files) => {
          const last = files.at(-1) ?? '';
          cutFile(d, last, Math.max(0, d.bytes(last).length - cut));
        });
        assert.deepEqual(found.numbers, range(0, found.numbers.length));
        await fill(stream, 5000, 5001);
        assert.equal((await readAll(stream, { offset: 0, before: '0' })).numbers.at(-1), 5000);
        assert.ok(disk.files().length >= 2);
      }),
      { numRuns: 40 },
    );
    assert.equal(whole.found.numbers.length, 1500);
  });

  it('a missing segment, zeros in the middle, a shortened segment: told exactly', async () => {
    const gone = await damaged((disk, files) => void disk.remove(files[1] ?? ''));
    assert.equal(gone.found.numbers.length + gone.found.lost, 1500);
    assert.ok(gone.found.lost > 100);
    const zeros = await damaged((disk, files) => disk.bytes(files[1] ?? '').fill(0, 5000, 9000));
    assert.equal(zeros.found.numbers.length + zeros.found.lost, 1500);
    assert.ok(zeros.found.lost < 40, String(zeros.found.lost));
    const short = await damaged((disk, files) => cutFile(disk, files[1] ?? '', 30_000));
    assert.equal(short.found.numbers.length + short.found.lost, 1500);
    const head = await damaged((disk, files) =>
      disk.bytes(files[1] ?? '').fill(0, 0, SEGMENT_HEADER_BYTES + 10),
    );
    assert.equal(head.found.lost, 1);
    assert.equal(head.found.numbers.length, 1499);
  });

  it('records that a client hides in a payload are not found after damage', async () => {
    const disk = new SimulatedDisk();
    const spare = await openStream(new SimulatedDisk());
    await fill(spare.stream, 0, 3);
    const forged = Buffer.alloc(spare.stream.size());
    await spare.stream.read(0, forged);
    const { spool, stream } = await openStream(disk);
    const message = {
      topic: 't',
      payload: Buffer.concat([Buffer.from('0 '), forged]),
      qos: 1,
      retain: false,
      dup: false,
      seen: 0,
    };
    await stream.append({ type: 'message', message });
    await fill(stream, 1, 10);
    await spool.close(1000);
    const [file = ''] = disk.files();
    disk.bytes(file).writeUInt8(0xff, SEGMENT_HEADER_BYTES + 4);
    const again = await openStream(disk);
    const found = await readAll(again.stream, { offset: 0, before: '0' });
    assert.deepEqual([found.numbers, found.lost], [range(1, 10), 1]);
  });

  it('another version is refused with what to do', async () => {
    await assert.rejects(
      damaged((disk, files) => {
        for (const at of [8, 64 + 8]) disk.bytes(files[0] ?? '').writeUInt32BE(3, at);
      }),
      (error) =>
        error instanceof StateError &&
        /has version 3 .* knows version 2: use the version/.test(error.message),
    );
  });
});

function cutFile(disk: SimulatedDisk, file: string, sizeBytes: number): void {
  void disk.open(file, 'write').then((handle) => handle.truncate(sizeBytes));
}
