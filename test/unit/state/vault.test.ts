import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { StateError } from '../../../src/core/errors.ts';
import type { JournalRecord } from '../../../src/core/source.ts';
import { recordBytes, viewOf } from '../../../src/framing/journal-record/layout.ts';
import { Seal } from '../../../src/framing/journal-record/seal.ts';
import { conceal, reveal } from '../../../src/state/hidden-positions.ts';
import { decodeHeader, SEGMENT_HEADER_BYTES } from '../../../src/state/spool/segments/format.ts';
import { Vault } from '../../../src/state/vault.ts';
import { SimulatedDisk } from '../../support/simulated-disk.ts';
import { numbered, openStream, readAll } from '../../support/spool.ts';

const OLD = Buffer.alloc(32, 'old');
const NEW = Buffer.alloc(32, 'new');
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

/** Everything that is on the disk. */
async function contents(disk: SimulatedDisk): Promise<{ file: string; bytes: Buffer }[]> {
  const files = [];
  for (const name of await disk.list('/spool/in')) {
    const file = `/spool/in/${name}`;
    const handle = await disk.open(file, 'read');
    const bytes = Buffer.alloc(await handle.size());
    await handle.read(bytes, 0);
    files.push({ file, bytes });
  }
  return files;
}

async function append(
  disk: SimulatedDisk,
  vault: Vault | undefined,
  from: number,
  to: number,
): Promise<void> {
  const { spool, stream } = await openStream(disk, { vault });
  await Promise.all(range(from, to).map((n) => stream.append(numbered(n, 300))));
  await spool.close(1000);
}

describe('spool with a secret', () => {
  it('gives back what was appended, and nothing of it can be read on the disk', async () => {
    const disk = new SimulatedDisk();
    const vault = new Vault(NEW, []);
    const line: JournalRecord = {
      type: 'line',
      seen: 7,
      text: Buffer.from('4711'),
      marks: 1,
    };
    const message = numbered(4712);
    const { spool, stream } = await openStream(disk, { vault });
    await Promise.all([stream.append(line), stream.append(message), stream.append(numbered(4713, 100_000))]);
    await spool.close(1000);
    const again = await openStream(disk, { vault });
    const recent: JournalRecord[] = [];
    await again.stream.recent((record) => recent.push(record));
    assert.deepEqual(recent[1], message);
    assert.ok(recent[0]?.type === 'line' && recent[0].text.equals(line.text) && recent[0].marks === 1);
    assert.deepEqual((await readAll(again.stream, undefined, 1000)).numbers, [4711, 4712, 4713]);
    for (const { bytes } of await contents(disk))
      for (const text of ['4711', '4712', 'a/b', '.....']) assert.equal(bytes.includes(text), false, text);
  });

  it('what was written without a secret, with an earlier one and with the present one is read in order', async () => {
    const disk = new SimulatedDisk();
    await append(disk, undefined, 0, 100);
    await append(disk, new Vault(OLD, []), 100, 200);
    await append(disk, new Vault(NEW, [OLD]), 200, 300);
    await append(disk, new Vault(undefined, [OLD, NEW]), 300, 400);
    const { stream } = await openStream(disk, { vault: new Vault(undefined, [NEW, OLD]) });
    assert.deepEqual((await readAll(stream)).numbers, range(0, 400));
    const keys = (await contents(disk)).map(({ bytes, file }) => decodeHeader(bytes, file)?.key);
    assert.deepEqual(keys, ['', new Vault(OLD, []).key, new Vault(NEW, []).key, '']);
  });

  it('without its secret it is refused, with what to do', async () => {
    const disk = new SimulatedDisk();
    await append(disk, new Vault(OLD, []), 0, 10);
    for (const vault of [undefined, new Vault(NEW, [])])
      await assert.rejects(openStream(disk, { vault }), (error) => {
        assert.ok(error instanceof StateError);
        assert.match(error.message, /encrypted with another secret.*privacy\.old_key_files/);
        return true;
      });
    const { stream } = await openStream(disk, { vault: new Vault(NEW, [OLD]) });
    assert.deepEqual((await readAll(stream)).numbers, range(0, 10));
  });

  it('a record that was changed is lost alone, also when its checksum was set right', async () => {
    const disk = new SimulatedDisk();
    const vault = new Vault(NEW, []);
    await append(disk, vault, 0, 20);
    const [{ file, bytes } = { file: '', bytes: Buffer.alloc(0) }] = await contents(disk);
    const salt = decodeHeader(bytes, file)?.salt ?? 0;
    let at = SEGMENT_HEADER_BYTES;
    for (let n = 0; n < 5; n++) at += recordBytes(viewOf(bytes), at);
    const size = recordBytes(viewOf(bytes), at);
    bytes.writeUInt8((bytes[at + 50] ?? 0) ^ 1, at + 50);
    new Seal(salt).write(viewOf(bytes), at, size);
    const handle = await disk.open(file, 'write');
    await handle.write(bytes, 0);
    await handle.close();
    const { stream } = await openStream(disk, { vault });
    const found = await readAll(stream);
    assert.deepEqual(
      found.numbers,
      range(0, 20).filter((n) => n !== 5),
    );
    assert.equal(found.lost, 1);
  });
});

describe('positions with a secret', () => {
  const data = {
    version: 1,
    agent: 'a',
    sources: {
      aa: {
        head: 'cHVtcC1hbm4=',
        cursors: { state: { offset: 7, checkpoint: { state: { sessions: ['pump-ann'] } } } },
      },
    },
    streams: { bb: { input: 'in', cursors: { out: { offset: 5, before: '2', checkpoint: { offset: 5 } } } } },
    inputs: { in: { head: 'kept', state: 3, last: 'pump-ann' } },
  };

  it('come back as they were; names are hidden, how far the outputs are is not', () => {
    const vault = new Vault(NEW, []);
    const text = conceal(data, vault);
    assert.equal(/pump-ann|cHVtcC1hbm4=/.test(text), false);
    assert.deepEqual(reveal(text, vault, 'f'), {
      ...data,
      key: vault.key,
      hidden: JSON.parse(text).hidden,
    });
    assert.deepEqual(JSON.parse(text).streams.bb.cursors.out.offset, 5);
    assert.deepEqual(reveal(text, new Vault(OLD, [NEW]), 'f'), reveal(text, vault, 'f'));
    assert.equal(conceal(data, undefined), JSON.stringify(data));
    assert.equal(conceal(data, new Vault(undefined, [NEW])), JSON.stringify(data));
  });

  it('without the secret they are refused with what to do; damaged ones are nothing', () => {
    const vault = new Vault(NEW, []);
    const text = conceal(data, vault);
    for (const other of [undefined, new Vault(OLD, [])])
      assert.throws(
        () => reveal(text, other, 'f'),
        /^StateError: f was encrypted with another secret.*old_key_files/,
      );
    const hidden: string = JSON.parse(text).hidden;
    const damaged = text.replace(
      hidden,
      `${hidden.slice(0, 40)}${hidden[40] === 'A' ? 'B' : 'A'}${hidden.slice(41)}`,
    );
    assert.equal(reveal(damaged, vault, 'f'), undefined);
    assert.equal(reveal(text.slice(0, -5), vault, 'f'), undefined);
  });
});
