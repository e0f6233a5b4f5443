import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { StateError } from '../../../../src/core/errors.ts';
import { survey, verify } from '../../../../src/state/spool/recovery/survey.ts';
import { decodeHeader, SEGMENT_HEADER_BYTES } from '../../../../src/state/spool/segments/format.ts';
import { Vault } from '../../../../src/state/vault.ts';
import { runs } from '../../../support/fuzz/runs.ts';
import { SimulatedDisk } from '../../../support/simulated-disk.ts';
import { numbered, openStream, readAll } from '../../../support/spool.ts';

const RECORDS = 1200;
const LATER = 9000;
const SECRET = Buffer.alloc(32, 's');

/** What becomes of a file; places are counted modulo its size. */
type Damage = { readonly file: number } & (
  | { readonly does: 'write'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly does: 'cut'; readonly sizeBytes: number }
  | { readonly does: 'repeat'; readonly from: number; readonly at: number; readonly length: number }
  | { readonly does: 'add'; readonly bytes: Uint8Array }
);

const file = fc.nat(2);
const near = fc.oneof(fc.nat(SEGMENT_HEADER_BYTES + 60), fc.nat(70_000));
const bytes = fc.oneof(
  fc
    .constantFrom('00000000', 'ffffffff', '00000001', '00000029', '7fffffff', '0000000000000001')
    .map((hex) => Uint8Array.from(Buffer.from(hex, 'hex'))),
  fc
    .tuple(fc.constantFrom(0, 0x29, 0xff), fc.integer({ min: 1, max: 9000 }))
    .map(([fill, length]) => new Uint8Array(length).fill(fill)),
  fc.uint8Array({ minLength: 1, maxLength: 64 }),
);
const damages: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ file, does: fc.constant('write' as const), at: near, bytes }),
  fc.record({ file, does: fc.constant('cut' as const), sizeBytes: near }),
  fc.record({ file, does: fc.constant('repeat' as const), from: near, at: near, length: fc.nat(5000) }),
  fc.record({ file, does: fc.constant('add' as const), bytes }),
);

/** The files of a whole stream of three segments, and the id of each record. */
async function written(vault: Vault | undefined): Promise<{ disk: SimulatedDisk; ids: string[] }> {
  const disk = new SimulatedDisk();
  const { spool, stream } = await openStream(disk, { vault });
  for (let n = 0; n < RECORDS; n += 50)
    await Promise.all(Array.from({ length: 50 }, (_, i) => stream.append(numbered(n + i))));
  const { ids } = await readAll(stream);
  await spool.close(1000);
  return { disk, ids };
}

async function touch(disk: SimulatedDisk, damage: Damage): Promise<void> {
  const files = disk.files().sort();
  const name = files[damage.file % files.length] ?? '';
  const there = disk.bytes(name);
  const place = (at: number): number => (there.length === 0 ? 0 : at % there.length);
  const handle = await disk.open(name, 'write');
  switch (damage.does) {
    case 'write':
      return handle.write(Buffer.from(damage.bytes), place(damage.at));
    case 'cut':
      return handle.truncate(place(damage.sizeBytes));
    case 'repeat': {
      const from = place(damage.from);
      return handle.write(Buffer.from(there.subarray(from, from + damage.length)), place(damage.at));
    }
    case 'add':
      return handle.write(Buffer.from(damage.bytes), there.length);
  }
}

/** @returns undefined when it was refused */
async function unlessRefused<T>(act: () => Promise<T>): Promise<T | undefined> {
  try {
    return await act();
  } catch (error) {
    assert.ok(error instanceof StateError && !(error.cause instanceof RangeError), String(error));
    return undefined;
  }
}

describe('whatever is damaged, a spool gives records as they were written, counts the others, and goes on', () => {
  for (const vault of [undefined, new Vault(SECRET, [])]) {
    it(vault === undefined ? 'as it is' : 'encrypted', async () => {
      const whole = await written(vault);
      await fc.assert(
        fc.asyncProperty(fc.array(damages, { minLength: 1, maxLength: 4 }), async (all) => {
          const disk = SimulatedDisk.replay(whole.disk.log, whole.disk.log.length);
          for (const damage of all) await touch(disk, damage);
          await unlessRefused(() => survey(disk, '/spool', 'in'));
          await unlessRefused(() => verify(disk, '/spool', 'in'));
          const opened = await unlessRefused(() => openStream(disk, { vault }));
          if (opened === undefined) return;
          const { spool, stream } = opened;
          await stream.append(numbered(LATER));
          const found = await readAll(stream, { offset: 0, before: '0' });
          const numbers = found.numbers.filter((n) => n !== LATER);
          assert.equal(found.numbers.at(-1), LATER, 'work goes on');
          // What stands where a read begins may be an older record of the stream: its number is not known to be wrong.
          if (!all.some(({ does }) => does === 'repeat')) {
            assert.deepEqual(
              numbers,
              [...new Set(numbers)].sort((a, b) => a - b),
              'in order',
            );
          }
          for (const [i, n] of numbers.entries()) assert.equal(found.ids[i], whole.ids[n], `record ${n}`);
          await stream.recent(() => {});
          await spool.close(1000);
        }),
        runs(150),
      );
    });
  }

  it('a header that was cut and changed is no header, or is refused', async () => {
    const { disk } = await written(undefined);
    const [name = ''] = disk.files();
    const header = disk.bytes(name).subarray(0, SEGMENT_HEADER_BYTES);
    fc.assert(
      fc.property(
        fc.nat(SEGMENT_HEADER_BYTES),
        fc.nat(SEGMENT_HEADER_BYTES - 1),
        fc.nat(255),
        (length, at, byte) => {
          const left = Buffer.from(header);
          left[at] = byte;
          try {
            decodeHeader(left.subarray(0, length), name);
          } catch (error) {
            assert.ok(error instanceof StateError, String(error));
          }
        },
      ),
      runs(3000),
    );
  });
});
