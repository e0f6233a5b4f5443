import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { controlSocketPath, listenOnControlSocket } from '../../../src/state/control-socket.ts';
import { tempDir } from '../../support/temp.ts';

/** A socket that a killed process has left. */
async function leftBehind(t: TestContext): Promise<string> {
  const directory = tempDir(t);
  const code = `require('node:net').createServer().listen(${JSON.stringify(controlSocketPath(directory))}, () => process.kill(process.pid, 'SIGKILL'))`;
  await once(spawn(process.execPath, ['-e', code]), 'exit');
  return directory;
}

/** Whether each of so many that start at the same time gets the directory. */
async function race(t: TestContext, directory: string, count: number): Promise<boolean[]> {
  const starts = Array.from({ length: count }, async () => {
    const server = createServer();
    t.after(() => server.close());
    await listenOnControlSocket(directory, server);
  });
  const ended = await Promise.allSettled(starts);
  return ended.map(({ status }) => status === 'fulfilled');
}

describe('the lock of a state directory', () => {
  for (const count of [1, 2, 8])
    it(`of ${count} that start at the same time one gets it, though a killed one has left its socket`, async (t) => {
      for (let i = 0; i < 10; i++) {
        const directory = await leftBehind(t);
        const got = await race(t, directory, count);
        assert.equal(got.filter(Boolean).length, 1, got.join());
        assert.deepEqual(await race(t, directory, 1), [false], 'the one that has it keeps it');
      }
    });

  it('of two that start at the same time one gets a new directory', async (t) => {
    const got = await race(t, tempDir(t), 2);
    assert.equal(got.filter(Boolean).length, 1, got.join());
  });
});
