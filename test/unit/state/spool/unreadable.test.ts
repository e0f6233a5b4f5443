import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RetryableError } from '../../../../src/core/errors.ts';
import type { Logger } from '../../../../src/core/log.ts';
import type { SpoolStream } from '../../../../src/state/spool/stream.ts';
import { silentLog } from '../../../support/in-process.ts';
import { SimulatedDisk } from '../../../support/simulated-disk.ts';
import { type Found, numbered, openStream, readAll } from '../../../support/spool.ts';

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

/** A disk of which one sector of one file cannot be read, so many times, once it is told so. */
class AgedDisk extends SimulatedDisk {
  /** Fails when a file is opened with this. */
  refused: { readonly file: string; readonly code: string } | undefined;
  private bad: { readonly file: string; readonly sector: number; failures: number } | undefined;

  spoil(file: string, sector: number, failures = Number.POSITIVE_INFINITY): void {
    this.bad = { file, sector, failures };
  }

  override async open(file: string, how: 'read' | 'write' | 'create') {
    if (this.refused?.file === file) {
      const { code } = this.refused;
      throw Object.assign(new Error(`${code}: told to fail, open '${file}'`), { code });
    }
    const handle = await super.open(file, how);
    const { read } = handle;
    handle.read = async (into, position) => {
      const { bad } = this;
      const from = (bad?.sector ?? 0) * SECTOR;
      const touches = bad?.file === file && position < from + SECTOR && position + into.length > from;
      if (!touches || bad.failures-- <= 0) return read(into, position);
      throw Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO' });
    };
    return handle;
  }
}

/** A spool of several segments, and its files in their order. */
async function aged(): Promise<{ disk: AgedDisk; files: string[] }> {
  const disk = new AgedDisk();
  const { spool, stream } = await openStream(disk);
  for (let n = 0; n < MANY; n++) await stream.append(numbered(n, 1000));
  await spool.close(1000);
  return { disk, files: disk.files().sort() };
}

const MANY = 150;

describe('spool: a start on a disk that cannot be read', { concurrency: true }, () => {
  it('for a while: tried again, said once, and nothing is lost', async () => {
    const { disk, files } = await aged();
    assert.ok(files.length > 2, files.join());
    disk.spoil(files.at(-1) ?? '', 1, 3);
    const errors: string[] = [];
    const { stream } = await openStream(disk, {}, [], {
      ...silentLog,
      error: (_, message) => errors.push(message),
    });
    assert.deepEqual(errors, ['the spool cannot be read (EIO: i/o error, read): trying it again']);
    const { numbers, lost } = await readOn(stream);
    assert.deepEqual([numbers.length, lost], [MANY, 0]);
  });

  for (const [what, file, sector] of [
    ['the header of a segment', 1, 0],
    ['the midst of the last segment', -1, 2],
    ['the end of the last segment', -1, -1],
  ] as const) {
    it(`for ever, ${what}: what lies there is given up and told, nothing else, and work goes on`, async () => {
      const { disk, files } = await aged();
      const name = files.at(file) ?? '';
      const bad = sector === -1 ? Math.floor((disk.bytes(name).length - 1) / SECTOR) : sector;
      disk.spoil(name, bad);
      const { stream } = await openStream(disk);
      for (let n = MANY; n < MANY + 10; n++) await stream.append(numbered(n, 1000));
      const { numbers, lost } = await readOn(stream);
      const missing = Array.from({ length: MANY + 10 }, (_, n) => n).filter((n) => !numbers.includes(n));
      assert.ok(missing.length > 0 && missing.length <= SECTOR / 1000 + 2, `${missing.length} missing`);
      assert.ok(
        missing.every((n) => n < MANY),
        missing.join(),
      );
      // Behind the last record that can be read nobody knows how many there were.
      assert.equal(lost, sector === -1 ? 1 : missing.length);
    });
  }

  for (const [code, help] of [
    [
      'EIO',
      'look at the disk, and start again; a file that is lost may be moved away: what it held is then counted and told',
    ],
    ['EACCES', 'give it to the user that runs brokertap'],
  ] as const) {
    it(`a segment that cannot be opened (${code}): refused with its name and what to do, nothing changed`, async () => {
      const { disk, files } = await aged();
      const [, file = ''] = files;
      disk.refused = { file, code };
      const before = disk.log.length;
      await assert.rejects(openStream(disk), {
        name: 'StateError',
        message: `the spool /spool/in cannot be used (${code}: told to fail, open '${file}'): ${help}`,
      });
      assert.equal(disk.log.length, before);
      disk.refused = undefined;
      await disk.rename(file, '/spool/in/elsewhere');
      const { numbers, lost } = await readOn((await openStream(disk)).stream);
      assert.equal(numbers.length + lost, MANY);
    });
  }
});
