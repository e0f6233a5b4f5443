import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { FileParser } from '../../../src/cli/parse/file-parser.ts';
import { readingFor } from '../../../src/cli/parse/reading.ts';
import { tempDir } from '../../support/temp.ts';

const LIMIT = 1024 * 1024;
const ENTRY = '2026-11-21T19:17:42.123456+00:00 [error] crasher: initial call: x\n';
const docker = (log: string): string => `${JSON.stringify({ log, stream: 'stdout' })}\n`;

/** `event.original` of what a log holds. */
async function originals(file: string, text: string): Promise<string[]> {
  writeFileSync(file, text);
  const reading = { ...(await readingFor({ broker: 'emqx', timezone: 'UTC' })), original: true };
  const found: string[] = [];
  for await (const batch of new FileParser(file, reading, undefined).events()) {
    for (const line of batch.toString().split('\n').slice(0, -1)) found.push(JSON.parse(line).event.original);
  }
  return found;
}

describe('parse', () => {
  it('an entry above the limit is cut between two lines, and what follows it is whole', async (t) => {
    const file = path.join(tempDir(t), 'emqx.log');
    const long = ENTRY + `    ${'m'.repeat(95)}\n`.repeat(11_000);
    for (const size of [30_000, 200_000, 900_000]) {
      const next = `2026-11-21T19:17:43.123456+00:00 [error] crasher: initial call: ${'z'.repeat(size)}`;
      assert.deepEqual(await originals(file, `${long}${next}\n${ENTRY}`), [
        long.slice(0, LIMIT),
        next,
        ENTRY.slice(0, -1),
      ]);
      assert.deepEqual(await originals(file, `${ENTRY}${next}\n${ENTRY}`), [
        ENTRY.slice(0, -1),
        next,
        ENTRY.slice(0, -1),
      ]);
    }
    const mostly = ENTRY + `    ${'m'.repeat(95)}\n`.repeat(6000);
    const next = `2026-11-21T19:17:43.123456+00:00 [error] crasher: initial call: ${'z'.repeat(900_000)}`;
    assert.deepEqual(await originals(file, `${mostly}${next}\n`), [mostly.slice(0, -1), next]);
  });

  it('an entry of a container above the limit: no part of it is taken for a line', async (t) => {
    const file = path.join(tempDir(t), 'emqx.log');
    const lines = [ENTRY, ...Array.from({ length: 300 }, () => `    ${'m'.repeat(15_000)}\n`)];
    const found = await originals(file, lines.map(docker).join('') + docker(ENTRY));
    assert.deepEqual(found, [lines.join('').slice(0, LIMIT), ENTRY.slice(0, -1)]);
  });
});
