import assert from 'node:assert/strict';
import { appendFileSync, renameSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Capture, fileInput, startProbe } from '../../../support/in-process.ts';
import { arrives, exactly, line, lines, numbers } from '../../../support/tailing.ts';
import { tempDir } from '../../../support/temp.ts';
import { until } from '../../../support/wait.ts';

describe('file input whose file is not there at the start', () => {
  it('what came and was rotated away while the probe was down is read', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'a.log');
    const reads = async (text: string): Promise<void> => {
      const { capture, stop } = await startProbe(t, directory, fileInput(file));
      await until(
        () => capture.messages.length > 0,
        () => text,
      );
      assert.deepEqual(capture.messages, [text]);
      assert.equal(capture.events.find((e) => e.message === text)?.log?.file?.path, file);
      await stop();
    };
    writeFileSync(file, '1700000000: line 0\n');
    await reads('line 0');
    appendFileSync(file, '1700000000: line 1\n');
    renameSync(file, `${file}.0`);
    await reads('line 1');
    writeFileSync(file, '1700000000: line 2\n');
    renameSync(file, `${file}.1`);
    await reads('line 2');
  });

  it('a file system whose clock lags behind the time of day loses nothing of that', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'a.log');
    const first = await startProbe(t, directory, fileInput(file));
    writeFileSync(file, line(0));
    await arrives(first.capture, numbers(0, 1));
    renameSync(file, `${file}.0`);
    await first.stop();
    writeFileSync(file, line(1));
    const lagMs = 500;
    const stamp = (Date.now() - lagMs) / 1000;
    utimesSync(file, stamp, stamp);
    renameSync(file, `${file}.1`);
    const second = await startProbe(t, directory, fileInput(file));
    await arrives(second.capture, numbers(1, 2));
    exactly(second.capture, numbers(1, 2));
  });

  it('renamed while the probe was down: read to its end in any later run, under its first path', async (t) => {
    for (const pattern of ['*.log', '*.log*']) {
      const directory = tempDir(t);
      const file = path.join(directory, 'a.log');
      writeFileSync(file, lines(0, 10));
      const start = () => startProbe(t, directory, fileInput(path.join(directory, pattern)));
      const first = await start();
      await arrives(first.capture, numbers(0, 10));
      await first.stop();
      appendFileSync(file, lines(10, 20));
      renameSync(file, `${file}.1`);
      const capture = new Capture();
      capture.fail(true);
      const second = await startProbe(t, directory, fileInput(path.join(directory, pattern)), capture);
      await delay(300);
      await second.stop();
      const third = await start();
      await arrives(third.capture, numbers(10, 20));
      exactly(third.capture, numbers(10, 20));
      const told = third.capture.events.filter((e) => e.log?.offset !== undefined);
      assert.deepEqual([...new Set(told.map((e) => e.log?.file?.path))], [file]);
      await third.stop();
    }
  });
});
