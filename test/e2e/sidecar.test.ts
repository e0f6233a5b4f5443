import assert from 'node:assert/strict';
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, appendFileSync, chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { buildImage, type Image } from '../support/dockerfile.ts';
import { freePort } from '../support/mosquitto.ts';
import { Receiver } from '../support/receiver.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const LINE = '1700000000: New connection from 127.0.0.1:5 on port 1883.\n';
const NOBODY = 65534;
const root = process.getuid?.() === 0;

describe('container image', () => {
  it('the steps of the Dockerfile make a probe that needs the environment only', {
    timeout: 180_000,
  }, async (t) => {
    const directory = tempDir(t);
    chmodSync(directory, 0o755);
    const owner = root ? `${NOBODY}:${NOBODY}` : `${process.getuid?.()}:${process.getgid?.()}`;
    const tools = {
      ...process.env,
      PATH: `${path.dirname(process.execPath)}:${process.env.PATH}`,
      npm_config_cache: path.join(directory, 'npm-cache'),
    };
    const image = buildImage(ROOT, directory, tools, owner);
    assert.equal(image.user, 'node');
    for (const absent of ['src', 'node_modules/typescript', 'node_modules/@biomejs', 'node_modules/node'])
      assert.equal(existsSync(path.join(image.root, 'app', absent)), false, absent);
    const named = path.join(image.root, 'usr/local/bin/brokertap');
    assert.match(execFileSync(named, ['--version'], { env: tools, encoding: 'utf8' }), /^\d+\.\d+\.\d+/);
    const logs = path.join(directory, 'log');
    mkdirSync(logs);
    const log = path.join(logs, 'mosquitto.log');
    writeFileSync(log, LINE.repeat(3), { mode: 0o644 });
    const receiver = await Receiver.start();
    t.after(() => receiver.stop());
    const listen = `0.0.0.0:${await freePort()}`;

    assert.equal(image.env.BROKERTAP_LISTEN, '0.0.0.0:9641');
    const none = spawnSync(...command(image, [], {}));
    assert.equal(none.status, 2);
    assert.match(none.stderr, /set BROKERTAP_LOG_PATHS and BROKERTAP_LOGSTASH/);

    const env = {
      BROKERTAP_NAME: 'plant-a',
      BROKERTAP_LOG_PATHS: `${logs}/*.log`,
      BROKERTAP_LOGSTASH: `127.0.0.1:${receiver.port}`,
      BROKERTAP_LISTEN: listen,
    };
    const probe = start(t, image, env);
    const lines = () => receiver.events.filter((e) => e.event.action === 'network-connection-opened');
    await until(
      () => lines().length === 3,
      () => probe.stderr,
    );
    appendFileSync(log, LINE);
    await until(
      () => lines().length === 4,
      () => probe.stderr,
    );
    assert.deepEqual(lines()[0]?.service, { type: 'mosquitto', name: 'plant-a' });
    accessSync(path.join(image.root, 'var/lib/brokertap/control.sock'));
    const health = (): number | null =>
      spawnSync(process.execPath, image.healthcheck.slice(1), { env: image.env }).status;
    assert.equal(health(), 0);
    const status = spawnSync(...command(image, ['status'], env));
    assert.equal(status.status, 0, status.stderr);
    assert.match(status.stdout, /input log \(file\): 1 source, .*since the start 4 records/);
    probe.child.kill('SIGTERM');
    const [code] = await once(probe.child, 'exit');
    assert.equal(code, 0);
    assert.equal(health(), 1);
    const unheard = start(t, image, { ...env, BROKERTAP_LISTEN: 'off' });
    await until(
      () => unheard.stderr.includes('"started"'),
      () => unheard.stderr,
    );
    assert.equal(health(), 0, 'the probe listens nowhere, and lives');
  });
});

type Command = [
  string,
  string[],
  { encoding: 'utf8'; env: Record<string, string>; cwd: string; uid?: number; gid?: number },
];

/** The image's command line, as another user than the one that owns the code, where that can be. */
function command(image: Image, args: readonly string[], env: Record<string, string>): Command {
  const words = [...image.entrypoint.slice(1), ...(args.length > 0 ? args : image.command)];
  const options = {
    encoding: 'utf8' as const,
    env: { ...image.env, ...env },
    cwd: path.join(image.root, 'app'),
  };
  return [process.execPath, words, root ? { ...options, uid: NOBODY, gid: NOBODY } : options];
}

function start(
  t: TestContext,
  image: Image,
  env: Record<string, string>,
): { readonly child: ChildProcess; readonly stderr: string } {
  const [program, args, options] = command(image, [], env);
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'ignore', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  const said = { child, stderr: '' };
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.stderr += text;
  });
  return said;
}
