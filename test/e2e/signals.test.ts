import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { askProbe } from '../../src/cli/probe/control.ts';
import { cli, ProbeProcess } from '../support/cli.ts';
import { Receiver } from '../support/receiver.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';

/** What `status` tells of a refused configuration, and its metric. */
async function refused({ probe, directory }: Pick<Scene, 'probe' | 'directory'>): Promise<string> {
  const { stdout } = await cli(['status', '-c', probe.config]);
  const metrics = await askProbe(path.join(directory, 'state'), 'GET', '/metrics');
  const gauge = /^brokertap_configuration_refused \d$/m.exec(metrics ?? '')?.[0];
  assert.match(stdout, / {2}ready\n/, 'what works goes on');
  return `${gauge} ${/^ {2}! configuration refused.*(\n {6}.*)*/m.exec(stdout)?.[0] ?? ''}`;
}

const lines = (name: string, count: number): string =>
  Array.from({ length: count }, (_, i) => `1700000000: ${name} ${i}\n`).join('');

interface Scene {
  readonly directory: string;
  readonly receiver: Receiver;
  readonly probe: ProbeProcess;
  readonly yaml: (file: string, more?: string) => string;
  readonly file: (name: string) => string;
  readonly arrived: (name: string) => number;
}

async function scene(t: TestContext): Promise<Scene> {
  const directory = tempDir(t);
  const receiver = await Receiver.start();
  t.after(() => receiver.stop());
  const file = (name: string): string => path.join(directory, `${name}.log`);
  const yaml = (name: string, more = ''): string =>
    `inputs: {log: {type: file, broker: mosquitto, paths: ${file(name)}}}\noutputs: {elk: {type: logstash, hosts: "127.0.0.1:${receiver.port}", confirm_after: 100ms}}\n${more}`;
  for (const name of ['one', 'two']) writeFileSync(file(name), lines(name, 5));
  const probe = new ProbeProcess(t, directory, yaml('one'));
  const arrived = (name: string): number =>
    new Set(receiver.events.map((e) => e.message).filter((message) => message.startsWith(name))).size;
  probe.start();
  await until(
    () => arrived('one') === 5,
    () => probe.stderr,
  );
  return { directory, receiver, probe, yaml, file, arrived };
}

describe('signals', () => {
  it('SIGHUP: a changed configuration is used, a wrong one is told and the old one goes on', async (t) => {
    const { probe, directory, yaml, file, arrived, receiver } = await scene(t);
    assert.equal(await refused({ probe, directory }), 'brokertap_configuration_refused 0 ');
    probe.configure(yaml('one', 'labls: {}\n').replace('paths', 'pahts'));
    probe.signal('SIGHUP');
    await until(
      () =>
        /brokertap\.yaml:\d+:\d+ inputs\.log\.pahts: unknown key; did you mean \\"paths\\"\?/.test(
          probe.stderr,
        ),
      () => probe.stderr,
    );
    assert.match(
      await refused({ probe, directory }),
      /^\S+ 1 {3}! configuration refused at 20\S+Z: \S+brokertap\.yaml:\d+:\d+ inputs\.log\.pahts: unknown key.*\n {6}\S+ labls: unknown key/,
    );
    appendFileSync(file('one'), lines('one more', 3));
    await until(
      () => arrived('one more') === 3,
      () => probe.stderr,
    );
    probe.configure(yaml('two'));
    probe.signal('SIGHUP');
    await until(
      () => arrived('two') === 5,
      () => probe.stderr,
    );
    probe.configure(yaml('one'));
    appendFileSync(file('one'), lines('one again', 2));
    probe.signal('SIGHUP');
    await until(
      () => arrived('one again') === 2,
      () => probe.stderr,
    );
    assert.equal(await refused({ probe, directory }), 'brokertap_configuration_refused 0 ');
    assert.equal(await probe.stop(), 0);
    const ids = receiver.events.map((e) => e.event.id);
    assert.equal(new Set(ids).size, ids.length, 'nothing was sent twice');
  });

  it('SIGHUP: a configuration that is right but does not work gives way to the old one', async (t) => {
    const { probe, directory, yaml, file, arrived } = await scene(t);
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    t.after(() => taken.close());
    const address = taken.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    for (const [more, told] of [
      [
        `telemetry: {listen: "127.0.0.1:${port}"}\n`,
        /the old one goes on: \S+brokertap\.yaml:5:\d+ telemetry\.listen: /,
      ],
      [
        'privacy: {ip: truncate, key_file: /nowhere}\n',
        /the old one goes on: \S+brokertap\.yaml:6:\d+ privacy\.key_file: \/nowhere/,
      ],
    ] as const) {
      probe.configure(yaml('two', more));
      probe.signal('SIGHUP');
      await until(
        () => told.test(probe.stderr),
        () => probe.stderr,
      );
    }
    appendFileSync(file('one'), lines('one more', 3));
    await until(
      () => arrived('one more') === 3,
      () => probe.stderr,
    );
    assert.equal(arrived('two'), 0);
    assert.match(
      await refused({ probe, directory }),
      /^\S+ 1 {3}! configuration refused at \S+: \S+brokertap\.yaml:6:\d+ privacy\.key_file: /,
    );
    probe.configure(yaml('one'));
    probe.signal('SIGHUP');
    await until(
      () => probe.stderr.includes('the configuration is what it was'),
      () => probe.stderr,
    );
    assert.equal(await refused({ probe, directory }), 'brokertap_configuration_refused 0 ');
    assert.equal(await probe.stop(), 0);
  });

  it('SIGHUP: one that does not work leaves the positions of the old outputs as they were', async (t) => {
    const { probe, yaml, receiver, file, arrived } = await scene(t);
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    t.after(() => taken.close());
    const { port } = taken.address() as AddressInfo;
    probe.configure(yaml('one', `telemetry: {listen: "127.0.0.1:${port}"}\n`).replace('elk:', 'another:'));
    probe.signal('SIGHUP');
    await until(
      () => /the old one goes on.*"started"/s.test(probe.stderr),
      () => probe.stderr,
    );
    appendFileSync(file('one'), lines('one more', 3));
    await until(
      () => arrived('one more') === 3,
      () => probe.stderr,
    );
    assert.equal(await probe.stop(), 0);
    const ids = receiver.events.map((e) => e.event.id);
    assert.equal(new Set(ids).size, ids.length, 'nothing was sent twice');
  });

  it('SIGHUP while it loads its code does not end it', async (t) => {
    const directory = tempDir(t);
    const hook = path.join(directory, 'hook.mjs');
    writeFileSync(
      hook,
      `import { registerHooks } from 'node:module';
registerHooks({
  resolve(name, context, next) {
    if (name.endsWith('cli/program.ts')) process.kill(process.pid, 'SIGHUP');
    return next(name, context);
  },
});`,
    );
    const probe = new ProbeProcess(
      t,
      directory,
      `inputs: {log: {type: file, broker: mosquitto, paths: ${directory}/*.log}}\noutputs: {out: {type: stdout}}\n`,
    );
    process.env.NODE_OPTIONS = `--import ${hook}`;
    probe.start();
    delete process.env.NODE_OPTIONS;
    assert.equal(await probe.stop(), 0);
  });

  it('SIGTERM while the receiver does not read: ends in good order within 8 s', async (t) => {
    const { probe, file, receiver } = await scene(t);
    receiver.pause(true);
    appendFileSync(file('one'), lines('x'.repeat(500), 50_000));
    const start = performance.now();
    assert.equal(await probe.stop(), 0);
    assert.ok(performance.now() - start < 8000, `${performance.now() - start} ms`);
  });

  it('SIGKILL while it stops: what was delivered before is not delivered again', async (t) => {
    const { directory, probe, yaml, receiver, file } = await scene(t);
    const out = path.join(directory, 'out.ndjson');
    probe.configure(
      `save: 1h\n${yaml('one').replace('outputs: {', `outputs: {out: {type: file, path: ${out}}, `)}`,
    );
    assert.equal(await probe.stop(), 0);
    receiver.pause(true);
    const delivered = (): string[] =>
      (existsSync(out) ? readFileSync(out, 'utf8') : '')
        .split('\n')
        .filter((line) => line.includes('"log":'))
        .map((line) => JSON.parse(line).message);
    probe.start();
    appendFileSync(file('one'), lines(`more ${'x'.repeat(500)}`, 50_000));
    await until(
      () => delivered().length === 50_005,
      () => probe.stderr,
    );
    probe.signal('SIGTERM');
    await delay(1500);
    await probe.kill();
    receiver.pause(false);
    probe.start();
    appendFileSync(file('one'), lines('last', 1));
    await until(
      () => delivered().includes('last 0'),
      () => probe.stderr,
    );
    assert.equal(delivered().length, 50_006);
  });

  it('a second signal ends it at once', async (t) => {
    const { probe, file, receiver } = await scene(t);
    receiver.pause(true);
    appendFileSync(file('one'), lines('x'.repeat(500), 50_000));
    await until(
      () => receiver.sockets.size === 1,
      () => probe.stderr,
    );
    probe.signal('SIGTERM');
    probe.signal('SIGINT');
    assert.equal(await probe.ended(), 1);
  });
});
