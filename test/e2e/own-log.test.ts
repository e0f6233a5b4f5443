import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { BIN } from '../support/cli.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';

it('own log: a disk that is full is no end of the probe', async (t) => {
  const directory = tempDir(t);
  const [config, log, out] = ['brokertap.yaml', 'a.log', 'out.ndjson'].map((name) =>
    path.join(directory, name),
  ) as [string, string, string];
  writeFileSync(log, '1700000000: line 0\n');
  writeFileSync(
    config,
    `state: ${directory}/state
telemetry: {listen: "off"}
inputs: {log: {type: file, broker: mosquitto, paths: "${log}"}}
outputs: {out: {type: file, path: "${out}"}}
`,
  );
  const full = openSync('/dev/full', 'w');
  const child = spawn(process.execPath, [BIN, 'run', '-c', config], { stdio: ['ignore', 'ignore', full] });
  closeSync(full);
  t.after(() => child.kill('SIGKILL'));
  await until(
    () => existsSync(out) && readFileSync(out, 'utf8').includes('line 0'),
    () => `exit code ${child.exitCode}`,
  );
  child.kill('SIGTERM');
  const [code] = await once(child, 'exit');
  assert.equal(code, 0);
});

it('a disk that is full under standard output is told, and is no bug', () => {
  const full = openSync('/dev/full', 'w');
  const { status, stderr } = spawnSync(process.execPath, [BIN, 'parse', '--broker', 'mosquitto'], {
    input: '1700000000: line 0\n',
    stdio: ['pipe', full, 'pipe'],
    encoding: 'utf8',
  });
  closeSync(full);
  assert.deepEqual(
    [status, stderr],
    [1, 'standard output cannot be written: ENOSPC: no space left on device, write\n'],
  );
});
