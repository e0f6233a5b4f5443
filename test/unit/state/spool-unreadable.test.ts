import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RetryableError } from '../../../src/core/errors.ts';
import type { Logger } from '../../../src/core/input.ts';
import type { SpoolStream } from '../../../src/state/spool/stream.ts';
import { silentLog } from '../../support/in-process.ts';
import { SimulatedDisk } from '../../support/simulated-disk.ts';
import { type Found, numbered, openStream, readAll } from '../../support/spool.ts';

const RECORDS = 300;
const SECTOR = 4096;
/** Where a sector is that cannot be read. */
const BAD = 4 * SECTOR;

/** A disk of which one sector cannot be read, so many times. */
class FailingDisk extends SimulatedDisk {
  failures: number;

  constructor(failures: number) {
    super();
    this.failures = failures;
  }

  override async open(file: string, how: 'read' | 'write' | 'create') {
    const handle = await super.open(file, how);
    const { read } = handle;
    handle.read = async (into, position) => {
      const touches = how === 'read' && position < BAD + SECTOR && position + into.length > BAD;
      if (!touches || this.failures-- <= 0) return read(into, position);
      throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
    };
    return handle;
  }
}

/** As an output does, however often it has to try. */
async function readOn(
  stream: SpoolStream,
): Promise<Found & { attempts: number; problems: Set<string | undefined> }> {
  const found: Found = { numbers: [], ids: [], notes: [], lost: 0, position: stream.beginning };
  const problems = new Set<string | undefined>();
  for (let attempts = 0; attempts < 100; attempts++) {
    try {
      const more = await readAll(stream, found.position, 16 * 1024);
      return { ...more, numbers: [...found.numbers, ...more.numbers], attempts, problems };
    } catch (error) {
      assert.ok(error instanceof RetryableError);
      problems.add(stream.status().problem);
    }
  }
  return assert.fail('it is never read');
}

describe('spool: a disk that cannot be read', () => {
  it('for a while: tried again, said, and nothing is lost', async () => {
    const errors: string[] = [];
    const log: Logger = { ...silentLog, error: (_, message) => errors.push(message) };
    const { stream } = await openStream(new FailingDisk(3), {}, [], log);
    await Promise.all(Array.from({ length: RECORDS }, (_, n) => stream.append(numbered(n))));
    const { numbers, lost, attempts, problems } = await readOn(stream);
    assert.deepEqual([numbers.length, lost, attempts], [RECORDS, 0, 3]);
    assert.match([...problems].join(), /the spool of input in cannot be read .*EIO/);
    assert.match(errors.join(), /cannot be read .*EIO/);
    assert.equal(stream.status().problem, undefined);
  });

  it('for ever: what lies in the sector is given up after a few attempts, and told; nothing else', async () => {
    const errors: string[] = [];
    const log: Logger = { ...silentLog, error: (_, message) => errors.push(message) };
    const { stream } = await openStream(new FailingDisk(Number.POSITIVE_INFINITY), {}, [], log);
    await Promise.all(Array.from({ length: RECORDS }, (_, n) => stream.append(numbered(n))));
    const recordBytes = stream.size() / RECORDS;
    const { numbers, lost, attempts } = await readOn(stream);
    assert.equal(numbers.length + lost, RECORDS);
    assert.ok(lost > 0 && lost <= SECTOR / recordBytes + 2, `${lost} lost`);
    assert.ok(attempts >= 5 && attempts <= 15, `${attempts} attempts`);
    assert.match(errors.join('\n'), /the spool is damaged/);
    assert.equal(stream.status().problem, undefined);
    // A second output has not to wait as long.
    const again = await readOn(stream);
    assert.deepEqual([again.numbers, again.lost, again.attempts], [numbers, lost, 0]);
  });
});
