import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { isWanted, needlesOf } from '../../src/cli/probe/follow.ts';
import { OutputWatch } from '../../src/cli/probe/output-watch.ts';
import { BIN, cli, ProbeProcess } from '../support/cli.ts';
import { fileInput, startProbe } from '../support/in-process.ts';
import { freePort } from '../support/mosquitto.ts';
import { Receiver } from '../support/receiver.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';

const OUTPUT = {
  name: 'elk',
  type: 'logstash',
  place: 'a:1 connected',
  delivered: 3,
  duplicates: 0,
  filtered: 0,
  dead: 0,
  dropped: 0,
  bytesToGo: 0,
  recordsToGo: 0,
  retries: 0,
  reconnects: 0,
  failureStore: 0,
  collisions: 0,
  problem: undefined,
};

/** A probe that reads a log into a file. */
async function running(t: TestContext): Promise<{
  directory: string;
  probe: ProbeProcess;
  add: (...texts: string[]) => void;
  written: () => string[];
}> {
  const directory = tempDir(t);
  const log = path.join(directory, 'a.log');
  const out = path.join(directory, 'out.ndjson');
  writeFileSync(log, '');
  const probe = new ProbeProcess(
    t,
    directory,
    `inputs: {log: {type: file, broker: mosquitto, paths: "${log}"}}\noutputs: {archive: {type: file, path: "${out}"}}\n`,
  );
  probe.start();
  await until(
    () => probe.stderr.includes('"started"'),
    () => probe.stderr,
  );
  const add = (...texts: string[]): void =>
    appendFileSync(log, texts.map((text) => `1700000000: ${text}\n`).join(''));
  const written = (): string[] => (existsSync(out) ? readFileSync(out, 'utf8').split('\n').slice(0, -1) : []);
  return { directory, probe, add, written };
}

class Follower {
  stdout = '';
  stderr = '';
  readonly child: ChildProcess;

  constructor(t: TestContext, config: string, ...args: string[]) {
    this.child = spawn(process.execPath, [BIN, 'follow', '-c', config, ...args]);
    this.child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text;
    });
    this.child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    t.after(() => this.child.kill('SIGKILL'));
  }

  async follows(): Promise<void> {
    await until(
      () => this.stderr.includes('following'),
      () => this.stderr,
    );
  }

  get messages(): string[] {
    return this.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => (JSON.parse(line) as { message: string }).message);
  }

  async ended(): Promise<number | null> {
    if (this.child.exitCode === null) await once(this.child, 'close');
    return this.child.exitCode;
  }
}

const publish = (client: string, topic: string): string =>
  `Received PUBLISH from ${client} (d0, q0, r0, m0, '${topic}', ... (3 bytes))`;

describe('brokertap follow', () => {
  it('several followers each see what they asked for, live; a signal and the end of the probe end them', async (t) => {
    const { directory, probe, add } = await running(t);
    const file = path.join(directory, 'trace.ndjson');
    const byClient = new Follower(t, probe.config, '--client', 'a"b\\ü');
    const byTopic = new Follower(t, probe.config, '--topic', 'plant/+/temp', '--to', file);
    const all = new Follower(t, probe.config);
    for (const follower of [byClient, byTopic, all]) await follower.follows();
    const lines = [
      publish('a"b\\ü', 'plant/1/temp'),
      publish('a"b\\ü', 'other'),
      publish('other', 'plant/2/temp'),
      publish('x a"b\\ü', 'plant/2/temp/3'),
    ];
    add(...lines);
    await until(
      () => all.messages.filter((message) => lines.includes(message)).length === 4,
      () => all.stdout,
    );
    await until(
      () => readFileSync(file, 'utf8').split('\n').length === 3,
      () => readFileSync(file, 'utf8'),
    );
    assert.deepEqual(byClient.messages, lines.slice(0, 2));
    assert.equal(statSync(file).mode & 0o777, 0o600);
    byClient.child.kill('SIGINT');
    assert.equal(await byClient.ended(), 0);
    await probe.stop();
    assert.equal(await all.ended(), 0);
    assert.match(all.stderr, /the probe has stopped/);
    assert.equal(all.messages.at(-1), 'the probe stops');
    assert.equal(await byTopic.ended(), 0);
    assert.match(byTopic.stderr, /2 events in /);
  });

  it('a follower that does not read never holds up the probe, and is told what it missed', async (t) => {
    const { directory, add, written } = await running(t);
    const asked = request({ socketPath: path.join(directory, 'state/control.sock'), path: '/follow?' }).end();
    const [response] = await once(asked, 'response');
    response.pause();
    const line = publish('c', `t/${'x'.repeat(300)}`);
    const lines = Array.from({ length: 20_000 }, () => line);
    add(...lines);
    const arrived = (): number =>
      written().filter((text) => text.includes('"mosquitto.publish_received"')).length;
    await until(
      () => arrived() >= lines.length,
      () => `${arrived()} of ${lines.length}`,
      60_000,
    );
    let text = '';
    response.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    response.resume();
    await until(
      () => {
        add(line);
        return text.includes('{"missed":');
      },
      () => `${text.length} characters`,
    );
    const missed = Number(/\{"missed":(\d+)\}/.exec(text)?.[1]);
    const seen = text.slice(0, text.indexOf('{"missed":')).split('\n').length - 1;
    assert.ok(missed > 0 && seen + missed >= lines.length, `${seen} and ${missed}`);
    asked.destroy();
  });

  it('what is read again, because the output has lost it, is told once', async (t) => {
    const directory = tempDir(t);
    const log = path.join(directory, 'a.log');
    writeFileSync(log, '');
    const add = (...texts: string[]): void =>
      appendFileSync(log, texts.map((text) => `1700000000: ${text}\n`).join(''));
    const { capture } = await startProbe(t, directory, fileInput(log));
    const asked = request({ socketPath: path.join(directory, 'state/control.sock'), path: '/follow?' }).end();
    const [response] = await once(asked, 'response');
    t.after(() => asked.destroy());
    let text = '';
    response.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    const told = (): string[] => [...text.matchAll(/"message":"(line \d)"/g)].map(([, line = '']) => line);
    const arrive = (count: number): Promise<void> =>
      until(
        () => told().length >= count,
        () => told().join(),
      );
    add('line 1', 'line 2');
    await arrive(2);
    capture.fail(true);
    add('line 3', 'line 4');
    await arrive(4);
    capture.fail(false);
    await until(
      () => capture.messages.length >= 4,
      () => capture.messages.join(),
    );
    add('line 5');
    await arrive(5);
    assert.deepEqual(told(), ['line 1', 'line 2', 'line 3', 'line 4', 'line 5']);
  });

  it('says when its output takes nothing, from the start or later, and when it goes on', async (t) => {
    const directory = tempDir(t);
    const log = path.join(directory, 'a.log');
    writeFileSync(log, '');
    const port = await freePort();
    const probe = new ProbeProcess(
      t,
      directory,
      `inputs: {log: {type: file, broker: mosquitto, paths: "${log}"}}\noutputs: {elk: {type: logstash, hosts: "127.0.0.1:${port}"}}\n`,
    );
    probe.start();
    await until(
      () => probe.stderr.includes('"started"'),
      () => probe.stderr,
    );
    const follower = new Follower(t, probe.config);
    await follower.follows();
    const said = (words: RegExp): Promise<void> =>
      until(
        () => words.test(follower.stderr),
        () => follower.stderr,
      );
    await said(
      /output elk: 127\.0\.0\.1:\d+: connection refused .*: what it does not take is hardly read, and so not shown\n/,
    );
    const receiver = await Receiver.start(port);
    await said(/output elk takes events again\n/);
    await receiver.stop();
    appendFileSync(log, '1700000000: x\n');
    await said(/again\noutput elk: .*: what it does not take is hardly read, and so not shown\n/);
  });

  it('without a probe, and with what cannot be followed, one sentence', async (t) => {
    const { directory, probe } = await running(t);
    const refused = await cli(['follow', '-c', probe.config, '--output', 'nowhere']);
    assert.deepEqual(
      [refused.code, refused.stderr],
      [1, 'the running probe refuses: there is no output "nowhere"; there are archive\n'],
    );
    const wrong = await cli(['follow', '-c', probe.config, '--topic', 'a/#/b']);
    assert.deepEqual(
      [wrong.code, wrong.stderr],
      [2, '--topic a/#/b: # stands only at the end of a topic filter\n'],
    );
    const nowhere = await cli(['follow', '-c', probe.config, '--to', directory]);
    assert.equal(nowhere.code, 2);
    assert.match(nowhere.stderr, /^--to \S+ cannot be written: .*\n$/);
    const follower = new Follower(t, probe.config);
    await follower.follows();
    await probe.kill();
    assert.equal(await follower.ended(), 1);
    assert.match(follower.stderr, /the probe has gone\n$/);
    const alone = await cli(['follow', '-c', probe.config]);
    assert.equal(alone.code, 1);
    assert.match(
      alone.stderr,
      /^no probe runs with the state directory .*: start it with "brokertap run"\n$/,
    );
  });

  it('an output that is connected and takes nothing is told after a while', () => {
    let now = 0;
    const watch = new OutputWatch(undefined, () => now);
    const idle = { ...OUTPUT, read: 3, pending: 0 };
    const held = { ...OUTPUT, read: 9, pending: 6 };
    const said = [];
    for (const [at, output] of [
      [0, idle],
      [60_000, idle],
      [61_000, held],
      [70_000, held],
      [76_000, held],
      [80_000, held],
      [81_000, idle],
    ] as const) {
      now = at;
      said.push(watch.look({ outputs: [output] }));
    }
    assert.deepEqual(said, [
      '',
      '',
      '',
      '',
      'output elk (a:1 connected) has taken none of 6 events for 15 s: what it does not take is hardly read, and so not shown',
      '',
      'output elk takes events again',
    ]);
  });

  it('what the probe sifts by stands in every topic that the filter matches', () => {
    assert.deepEqual(needlesOf('plant/+/temp'), ['plant/', '/temp']);
    assert.deepEqual(needlesOf('plant/a/#'), ['plant/a']);
    assert.deepEqual(needlesOf('+/a"b'), ['/a\\"b']);
    assert.deepEqual(needlesOf('$share/g/x/+'), ['x/']);
    assert.deepEqual([needlesOf('#'), needlesOf('+/+'), needlesOf(undefined)], [[], ['/'], []]);
    assert.equal(isWanted({ mqtt: { subscription: { filter: 'plant/#' } } }, undefined, 'plant/#'), true);
    assert.equal(isWanted({ mqtt: { publisher: { client: { id: 'a' } } } }, 'a', undefined), true);
    assert.equal(isWanted({}, undefined, '#'), false);
  });
});
