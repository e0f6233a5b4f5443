import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { statusText } from '../../../src/cli/probe/status.ts';
import { Capture, fileInput, startProbe } from '../../support/in-process.ts';
import { tempDir } from '../../support/temp.ts';
import { until } from '../../support/wait.ts';

describe('status', () => {
  for (const [what, more, words] of [
    [
      'in the spool',
      ', spool: true',
      /\n {2}! .*\n.*\noutput capture \(capture, memory\): (\d+) bytes to go \(40 records in the spool\); since the start \d/,
    ],
    ['in files', '', /\noutput capture \(capture, memory\): (\d+) bytes to go; since the start \d/],
  ] as const)
    it(`says what waits for an output that is down, ${what}`, async (t) => {
      const directory = tempDir(t);
      const file = path.join(directory, 'a.log');
      writeFileSync(file, '1700000000: one\n');
      const capture = new Capture();
      const { probe } = await startProbe(t, directory, fileInput(file, more), capture);
      const text = (): string => statusText(probe.status());
      await until(() => capture.messages.length === 1 && / 0 bytes to go; /.test(text()), text);
      capture.fail(true);
      appendFileSync(file, '1700000000: another\n'.repeat(40));
      await until(() => Number(words.exec(text())?.[1]) >= 800, text);
      assert.match(text(), new RegExp(`^\\S+  brokertap \\S+  pid ${process.pid}  since .*  NOT READY\n`));
      assert.match(text(), /\ninput log \(file\): \d sources?, lag \d+ bytes; since the start \d+ records, /);
      assert.match(text(), /\n {2}over all starts: read \d+ = delivered \d+ \+ /);
      capture.fail(false);
      await until(() => capture.messages.length === 41 && / 0 bytes to go; /.test(text()), text);
    });
});
