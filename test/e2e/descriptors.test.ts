import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { BIN } from '../support/cli.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';

describe('more files than may be open', () => {
  for (const spool of [false, true])
    it(`are a problem that is told, not the end of the probe (spool: ${spool})`, async (t) => {
      const directory = tempDir(t);
      for (let n = 0; n < 80; n++) writeFileSync(path.join(directory, `${n}.log`), `1700000000: line ${n}\n`);
      const config = path.join(directory, 'brokertap.yaml');
      writeFileSync(
        config,
        `state: ${directory}/state
save: 100ms
heartbeat: 1s
telemetry: {listen: "off"}
inputs: {log: {type: file, broker: mosquitto, paths: "${directory}/*.log", spool: ${spool}}}
outputs: {out: {type: file, path: ${directory}/out.ndjson}}
`,
      );
      const command = `ulimit -n 48; exec "${process.execPath}" "${BIN}" run -c "${config}"`;
      const child = spawn('sh', ['-c', command], { stdio: ['ignore', 'ignore', 'pipe'] });
      t.after(() => child.kill('SIGKILL'));
      let stderr = '';
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        stderr += text;
      });
      await until(
        () => stderr.includes('EMFILE'),
        () => stderr,
      );
      await delay(3000);
      assert.equal(child.exitCode, null, stderr);
      assert.doesNotMatch(stderr, /no such file/);
      child.kill('SIGTERM');
      const [code] = await once(child, 'exit');
      assert.equal(code, 0, stderr);
    });
});
