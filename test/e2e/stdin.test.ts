import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import path from 'node:path';
import { it } from 'node:test';
import { BIN } from '../support/cli.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';

it('standard input that cannot be read has ended: it is told, and what came before is delivered', async (t) => {
  const directory = tempDir(t);
  const [config, out] = ['brokertap.yaml', 'out.ndjson'].map((name) => path.join(directory, name)) as [
    string,
    string,
  ];
  writeFileSync(
    config,
    `state: ${directory}/state
telemetry: {listen: "off"}
inputs: {in: {type: stdin, broker: mosquitto, container: none}}
outputs: {out: {type: file, path: ${out}}}
`,
  );
  const server = createServer({ pauseOnConnect: true });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const far = connect((server.address() as AddressInfo).port, '127.0.0.1');
  const [near] = (await once(server, 'connection')) as [Socket];
  const child = spawn(process.execPath, [BIN, 'run', '-c', config], { stdio: [near, 'ignore', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  near.destroy();
  let stderr = '';
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const told = (): string => {
    try {
      return readFileSync(out, 'utf8');
    } catch {
      return '';
    }
  };
  far.write('1700000000: the first\n1700000001: no line behind it');
  await until(
    () => told().includes('the first'),
    () => stderr,
  );
  far.resetAndDestroy();
  const [code] = await once(child, 'exit');
  assert.equal(code, 0, stderr);
  assert.match(
    stderr,
    /"input":"in","msg":"standard input cannot be read \(read ECONNRESET\): this is taken for its end"/,
  );
  assert.match(told(), /no line behind it/);
});
