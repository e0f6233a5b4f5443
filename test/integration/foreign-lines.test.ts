import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileInput, startProbe } from '../support/in-process.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';

const line = (program: string, n: number): string =>
  `May 31 08:17:41 host ${program}[432]: ${1_700_000_000 + n}: line ${n}\n`;

describe('a log of many programs', () => {
  it('of which none is the broker: not ready, with the setting that names it, until a line of it comes', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'messages');
    // What Docker's syslog driver writes when nobody gives it a tag.
    writeFileSync(file, Array.from({ length: 100 }, (_, n) => line('3f2a9c1b7d10', n)).join(''));
    const { probe, capture } = await startProbe(t, directory, fileInput(file));
    await until(
      () => !probe.status().ready,
      () => JSON.stringify(probe.status()),
    );
    assert.match(
      probe.status().problems.join(),
      /^input log: none of the 100 lines that were read is of the program "mosquitto": write program: NAME/,
    );
    appendFileSync(file, line('mosquitto', 100));
    await until(
      () => capture.messages.length === 1,
      () => JSON.stringify(probe.status()),
    );
    assert.deepEqual(probe.status().problems, []);
  });
});
