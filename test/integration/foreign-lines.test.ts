import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Capture, fileInput, silentLog, startProbe } from '../support/in-process.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';

const line = (program: string, n: number): string =>
  `May 31 08:17:41 host ${program}[432]: ${1_700_000_000 + n}: line ${n}\n`;

describe('a log of many programs', () => {
  it('of which none is the broker: told once, with the setting that names it', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'messages');
    // What Docker's syslog driver writes when nobody gives it a tag.
    writeFileSync(file, Array.from({ length: 100 }, (_, n) => line('3f2a9c1b7d10', n)).join(''));
    const told: string[] = [];
    const log = { ...silentLog, warn: (_: object, words: string) => void told.push(words) };
    const { probe, capture } = await startProbe(t, directory, fileInput(file), new Capture(), log);
    await until(
      () => told.length > 0,
      () => JSON.stringify(probe.status()),
    );
    assert.equal(told.length, 1);
    assert.match(
      told[0] ?? '',
      /^none of the 100 lines that were read is of the program "mosquitto": .* write program: NAME/,
    );
    appendFileSync(file, line('mosquitto', 100));
    await until(
      () => capture.messages.length === 1,
      () => JSON.stringify(probe.status()),
    );
    assert.equal(probe.status().ready, true);
  });
});
