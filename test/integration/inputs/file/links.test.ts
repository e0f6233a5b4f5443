import assert from 'node:assert/strict';
import {
  appendFileSync,
  copyFileSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { type Capture, fileInput, startProbe } from '../../../support/in-process.ts';
import { arrives, exactly, lines, numbers } from '../../../support/tailing.ts';
import { tempDir } from '../../../support/temp.ts';

/** As Kubernetes does: the path that is read is a link to a link to the log, each in a directory of its own. */
function linked(t: TestContext) {
  const directory = tempDir(t);
  const at = (...names: string[]): string => path.join(directory, ...names);
  for (const name of ['containers', 'pods', 'data']) mkdirSync(at(name));
  writeFileSync(at('data', 'json.log'), '');
  symlinkSync('../data/json.log', at('pods', '0.log'));
  symlinkSync('../pods/0.log', at('containers', 'broker.log'));
  const file = at('containers', 'broker.log');
  const start = () => startProbe(t, directory, fileInput(at('containers', '*.log')));
  return { directory, at, file, log: at('data', 'json.log'), start };
}

/** All events tell the path that is read. */
function under(capture: Capture, file: string): void {
  assert.deepEqual([...new Set(capture.events.map((e) => e.log?.file?.path).filter(Boolean))], [file]);
}

describe('file input: a log behind links', () => {
  it('rotated twice while the probe was down', async (t) => {
    const { file, log, start } = linked(t);
    appendFileSync(log, lines(0, 10));
    const first = await start();
    await arrives(first.capture, numbers(0, 10));
    await first.stop();
    appendFileSync(log, lines(10, 20));
    renameSync(log, `${log}.1`);
    writeFileSync(log, lines(20, 30));
    renameSync(`${log}.1`, `${log}.2`);
    renameSync(log, `${log}.1`);
    writeFileSync(log, lines(30, 40));
    const { capture } = await start();
    await arrives(capture, numbers(10, 40));
    exactly(capture, numbers(10, 40));
    under(capture, file);
  });

  it('copied and truncated while the output takes nothing', async (t) => {
    const { file, log, start } = linked(t);
    appendFileSync(log, lines(0, 10));
    const { capture } = await start();
    await arrives(capture, numbers(0, 10));
    capture.stalled = true;
    appendFileSync(log, lines(10, 30_000));
    copyFileSync(log, `${log}.1`);
    truncateSync(log, 0);
    appendFileSync(log, lines(30_000, 30_010));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    capture.go();
    await arrives(capture, numbers(0, 30_010));
    exactly(capture, numbers(0, 30_010));
    under(capture, file);
  });

  it('what is no longer to be read is not read on behind its links', async (t) => {
    const { at, log, directory, start } = linked(t);
    appendFileSync(log, lines(0, 10));
    const first = await start();
    await arrives(first.capture, numbers(0, 10));
    await first.stop();
    appendFileSync(log, lines(10, 20));
    const other = at('containers', 'other.log');
    writeFileSync(other, lines(20, 30));
    const { capture } = await startProbe(t, directory, fileInput(other));
    await arrives(capture, numbers(20, 30));
    exactly(capture, numbers(20, 30));
  });

  it('the links are gone, or lead elsewhere, when the probe comes back', async (t) => {
    for (const isGone of [true, false]) {
      const { at, file, log, start } = linked(t);
      appendFileSync(log, lines(0, 10));
      const first = await start();
      await arrives(first.capture, numbers(0, 10));
      await first.stop();
      appendFileSync(log, lines(10, 20));
      rmSync(file);
      const next = isGone ? at('containers', 'next.log') : file;
      writeFileSync(at('pods', '1.log'), lines(20, 30));
      symlinkSync('../pods/1.log', next);
      const { capture, stop } = await start();
      await arrives(capture, numbers(10, 30));
      exactly(capture, numbers(10, 30));
      const old = capture.events.filter((e) => numbers(10, 20).includes(e.message));
      assert.deepEqual([...new Set(old.map((e) => e.log?.file?.path))], [file]);
      await stop();
    }
  });
});
