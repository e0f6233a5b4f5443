import assert from 'node:assert/strict';
import { readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { ProbeProcess } from '../support/cli.ts';
import { client, MOSQUITTO, Mosquitto } from '../support/mosquitto.ts';
import { needs } from '../support/programs.ts';
import { Receiver } from '../support/receiver.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';

const publish = (port: number, topic: string, count: number, from = 0): Promise<string> =>
  client(
    'mosquitto_pub',
    ['-p', String(port), '-i', 'writer', '-q', '1', '-t', topic, '-l'],
    Array.from({ length: count }, (_, i) => `n${from + i}\n`).join(''),
  );

/** Text of the log lines that are not about a client id, without their stamps. */
function linesWithout(file: string, own: string): string[] {
  const lines = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return lines.filter((line) => !line.includes(own)).map((line) => line.slice(line.indexOf(': ') + 2));
}

describe('a real Mosquitto, from its log and its traffic to a TCP receiver', needs(...MOSQUITTO), () => {
  it('every log line is one event with an id of its own, every QoS 1 message one mirrored event', async (t) => {
    const directory = tempDir(t);
    const broker = await Mosquitto.start(t, directory);
    const receiver = await Receiver.start();
    t.after(() => receiver.stop());
    const probe = new ProbeProcess(
      t,
      directory,
      `name: plant
inputs:
  log: {type: file, broker: mosquitto, paths: ${broker.logFile}}
  mirror: {type: mqtt, url: "mqtt://127.0.0.1:${broker.port}", topics: '#', client_id: the-probe}
outputs:
  elk: {type: logstash, hosts: "127.0.0.1:${receiver.port}", confirm_after: 300ms}
`,
    );
    probe.start();
    await until(
      () => broker.log().includes('Sending SUBACK to the-probe'),
      () => probe.stderr,
    );
    await publish(broker.port, 'plant/a/line1', 300);
    await client('mosquitto_sub', ['-p', String(broker.port), '-i', 'reader', '-t', 'none/#', '-W', '1']);
    const mirrored = (): number =>
      receiver.events.filter((e) => e.event.action === 'message-mirrored').length;
    const fromLog = () => receiver.events.filter((e) => e.log?.file?.path === broker.logFile);
    await until(
      () => mirrored() === 300,
      () => `${mirrored()} of 300 mirrored; ${probe.stderr}`,
    );
    const own = (message: string): boolean => message.includes('the-probe');
    const wanted = (): string[] => linesWithout(broker.logFile, 'the-probe');
    // The probe's SUBSCRIBE has a TAB line, its connect a line about its will: they carry no name in their text.
    const unnamed = ['\t# (QoS 1)', 'No will message specified.'];
    const sortedWant = (): string[] => {
      const want = wanted();
      for (const line of unnamed) want.splice(want.indexOf(line), 1);
      return want.sort();
    };
    await until(
      () => fromLog().length >= sortedWant().length,
      () => `${fromLog().length} of ${sortedWant().length} lines`,
    );
    const got = fromLog().map((e) => e.message);
    assert.deepEqual(got.filter(own), []);
    assert.deepEqual(got.sort(), sortedWant());
    const ids = receiver.events.map((e) => e.event.id);
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(ids.every((id) => /^[0-9a-f]{40}$/.test(id)));
    assert.equal(await probe.stop(), 0);
  });

  it('after rotation, receiver restarts, kill -9 and SIGTERM exactly the written lines have arrived', async (t) => {
    const directory = tempDir(t);
    const broker = await Mosquitto.start(t, directory);
    let receiver = await Receiver.start();
    const { port } = receiver;
    const before: Receiver[] = [];
    t.after(() => receiver.stop());
    const probe = new ProbeProcess(
      t,
      directory,
      `inputs:
  log: {type: file, broker: mosquitto, paths: ${broker.logFile}}
outputs:
  elk: {type: logstash, hosts: "127.0.0.1:${port}", confirm_after: 200ms}
`,
    );
    probe.start();
    const arrived = (): Set<string> =>
      new Set([...before, receiver].flatMap((r) => r.lines.map(sequenceOf)).filter((n) => n !== ''));
    await publish(broker.port, 'seq/1', 500, 0);
    await until(
      () => arrived().size > 200,
      () => probe.stderr,
    );
    await probe.kill();
    await publish(broker.port, 'seq/2', 500, 500);
    renameSync(broker.logFile, path.join(directory, 'mosquitto.log.1'));
    probe.start();
    await publish(broker.port, 'seq/3', 500, 1000);
    broker.reopenLog();
    await publish(broker.port, 'seq/4', 500, 1500);
    before.push(receiver);
    await receiver.stop();
    await publish(broker.port, 'seq/5', 500, 2000);
    receiver = await Receiver.start(port);
    await publish(broker.port, 'seq/6', 500, 2500);
    await until(
      () => probe.stderr.split('"started"').length === 3,
      () => probe.stderr,
    );
    assert.equal(await probe.stop(), 0);
    await publish(broker.port, 'seq/7', 500, 3000);
    probe.start();
    const wanted = (): Set<string> =>
      new Set(
        ['mosquitto.log', 'mosquitto.log.1']
          .flatMap((name) => readFileSync(path.join(directory, name), 'utf8').split('\n'))
          .map(sequenceOf)
          .filter((n) => n !== ''),
      );
    await until(
      () => arrived().size >= wanted().size,
      () => `${arrived().size} of ${wanted().size}; ${probe.stderr}`,
    );
    assert.deepEqual([...arrived()].sort(), [...wanted()].sort());
    assert.equal(wanted().size, 7 * 500);
  });
});

/** Topic and packet id of a received PUBLISH name one message; the empty string for any other line. */
function sequenceOf(line: string): string {
  const found = /Received PUBLISH from writer \(d0, q1, r0, m(\d+), '(seq\/\d)'/.exec(line);
  return found === null ? '' : `${found[2]} ${found[1]}`;
}
