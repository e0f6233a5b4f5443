import assert from 'node:assert/strict';
import { pbkdf2Sync, randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Aedes } from 'aedes';
import { Capture, silentLog, startProbe } from '../../../support/in-process.ts';
import { client, MOSQUITTO, Mosquitto } from '../../../support/mosquitto.ts';
import { needs } from '../../../support/programs.ts';
import type { ReceivedEvent } from '../../../support/receiver.ts';
import { tempDir } from '../../../support/temp.ts';
import { until } from '../../../support/wait.ts';

const mirror = (port: number, more = ''): string =>
  `inputs: {mirror: {type: mqtt, url: "mqtt://127.0.0.1:${port}", client_id: probe, topics: 'plant/#'${more}}}`;
const publish = (port: number, ...args: string[]): Promise<string> =>
  client('mosquitto_pub', ['-p', String(port), ...args]);

describe('mqtt input against a real Mosquitto', needs(...MOSQUITTO), () => {
  for (const protocol of ['5', '3.1.1']) {
    it(`keeps the retain flag of live messages and takes every message as it is (protocol ${protocol})`, async (t) => {
      const directory = tempDir(t);
      const broker = await Mosquitto.start(t, directory);
      const options = `, protocol: "${protocol}", payload: {capture: text, decode: json, redact: [password]}`;
      const { capture, probe } = await startProbe(t, directory, mirror(broker.port, options));
      await until(
        () => probe.status().ready,
        () => JSON.stringify(probe.status().problems),
      );
      if (protocol === '3.1.1') assert.match(broker.log(), /New bridge connected from \S+ as probe/);
      await publish(broker.port, '-q', '1', '-r', '-t', 'plant/a/b/c', '-m', '{"v":1,"password":"hunter2"}');
      await publish(broker.port, '-q', '2', '-t', 'plant/a', '-m', 'grün');
      await until(
        () => capture.actions('message-mirrored').length === 2,
        () => JSON.stringify(capture.events.length),
      );
      const [first, second] = capture.actions('message-mirrored').map((e) => e.mqtt);
      assert.deepEqual(
        {
          topic: first?.topic,
          root: first?.topic_root,
          depth: first?.topic_depth,
          qos: first?.qos,
          retained: first?.retained,
        },
        { topic: 'plant/a/b/c', root: 'plant/a', depth: 4, qos: 1, retained: true },
      );
      assert.deepEqual(first?.payload, {
        size: 28,
        encoding: 'json',
        text: '{"v":1,"password":"[redacted]"}',
        json: { v: 1, password: '[redacted]' },
        redacted: true,
      });
      assert.equal(second?.qos, 1);
      assert.equal(JSON.stringify(capture.events).includes('hunter2'), false);
    });
  }

  it('QoS 1 messages wait for an absent probe, and each comes once', async (t) => {
    const directory = tempDir(t);
    const broker = await Mosquitto.start(t, directory);
    const first = await startProbe(t, directory, mirror(broker.port));
    await until(
      () => first.probe.status().ready,
      () => JSON.stringify(first.probe.status().problems),
    );
    await first.stop();
    for (let i = 0; i < 20; i++) await publish(broker.port, '-q', '1', '-t', `plant/${i}`, '-m', 'x');
    const { capture } = await startProbe(t, directory, mirror(broker.port));
    await until(
      () => capture.actions('message-mirrored').length >= 20,
      () => `${capture.actions('message-mirrored').length}`,
    );
    const topics = capture.actions('message-mirrored').map((e) => e.mqtt?.topic);
    assert.deepEqual(
      topics,
      Array.from({ length: 20 }, (_, i) => `plant/${i}`),
    );
  });

  it('the client id of the first run is used on, also when the host has another name; another one is a gap', async (t) => {
    const directory = tempDir(t);
    const broker = await Mosquitto.start(t, directory);
    const ready = async (more: string): Promise<Awaited<ReturnType<typeof startProbe>>> => {
      const started = await startProbe(t, directory, mirror(broker.port).replace(', client_id: probe', more));
      await until(
        () => started.probe.status().ready,
        () => JSON.stringify(started.probe.status().problems),
      );
      return started;
    };
    // The name that a host had before.
    const first = await ready(', client_id: brokertap-other-mirror');
    await first.stop();
    await publish(broker.port, '-q', '1', '-t', 'plant/1', '-m', 'x');
    const second = await ready('');
    await until(
      () => second.capture.actions('message-mirrored').length === 1,
      () => 'mirrored',
    );
    assert.deepEqual(second.capture.actions('input-gap'), []);
    await second.stop();
    const third = await ready(', client_id: mine');
    await until(
      () => third.capture.actions('input-gap').length === 1,
      () => 'a gap',
    );
    assert.match(third.capture.actions('input-gap')[0]?.message ?? '', /"brokertap-other-mirror" before/);
  });

  it('what a subscription asks for changes with the configuration, in a session that goes on', async (t) => {
    const directory = tempDir(t);
    const broker = await Mosquitto.start(t, directory);
    const publishOne = async (topic: string, topics: string, protocol = '5'): Promise<unknown> => {
      const input = `{type: mqtt, url: "mqtt://127.0.0.1:${broker.port}", client_id: probe, topics: ${topics}, protocol: "${protocol}"}`;
      const { capture, probe, stop } = await startProbe(t, directory, `inputs: {mirror: ${input}}`);
      await until(
        () => probe.status().ready,
        () => JSON.stringify(probe.status().problems),
      );
      await publish(broker.port, '-q', '1', '-r', '-t', topic, '-m', 'x');
      const mirrored = (): ReceivedEvent['mqtt'] =>
        capture.events.find(({ mqtt }) => mqtt?.topic === topic)?.mqtt;
      await until(
        () => mirrored() !== undefined,
        () => 'mirrored',
      );
      await stop();
      const { qos, retained, subscription } = mirrored() ?? {};
      return [qos, retained, subscription];
    };
    assert.deepEqual(
      [
        await publishOne('plant/1', '[{filter: "plant/#", qos: 0}]'),
        await publishOne('plant/2', '["plant/#"]'),
        await publishOne('plant/3', '["room/#", "plant/#"]'),
        await publishOne('plant/4', '["plant/#"]', '3.1.1'),
        await publishOne('plant/5', '["plant/#"]'),
      ],
      [
        [0, true, undefined],
        [1, true, undefined],
        [1, true, { id: [2] }],
        [1, true, undefined],
        [1, true, undefined],
      ],
    );
  });

  it('a broker that comes back without its sessions is subscribed again, and the gap is told', async (t) => {
    const directory = tempDir(t);
    const broker = await Mosquitto.start(t, directory);
    const { capture, probe } = await startProbe(t, directory, mirror(broker.port));
    await until(
      () => probe.status().ready,
      () => JSON.stringify(probe.status().problems),
    );
    await broker.kill();
    await until(
      () => !probe.status().ready,
      () => 'not ready',
    );
    await broker.start();
    await until(
      () => probe.status().ready,
      () => JSON.stringify(probe.status().problems),
      30_000,
    );
    await publish(broker.port, '-q', '1', '-t', 'plant/again', '-m', 'x');
    await until(
      () => capture.actions('message-mirrored').length === 1,
      () => 'mirrored',
    );
    assert.deepEqual(
      capture.actions('input-gap').map((e) => e.event.reason),
      ['session_lost'],
    );
  });

  it('a wrong password is told with the reason, and the right one heals it', async (t) => {
    const directory = tempDir(t);
    const passwords = path.join(directory, 'passwords');
    writeFileSync(passwords, passwordLine('probe', 'right'));
    const broker = await Mosquitto.start(t, directory, `allow_anonymous false\npassword_file ${passwords}`);
    const secret = path.join(directory, 'secret');
    writeFileSync(secret, 'wrong\n');
    const { probe } = await startProbe(
      t,
      directory,
      mirror(broker.port, `, user: probe, password_file: ${secret}`),
    );
    const problems = (): string => probe.status().problems.join();
    await until(() => /refuses us: not authorized/.test(problems()), problems);
    assert.equal(problems().includes('wrong'), false);
    writeFileSync(secret, 'right\n');
    await until(() => probe.status().ready, problems, 30_000);
  });

  for (const protocol of ['5', '3.1.1'])
    it(`a broker that grants less than QoS 1 is told of (protocol ${protocol})`, async (t) => {
      const directory = tempDir(t);
      const broker = await Mosquitto.start(t, directory, 'max_qos 0');
      const said: string[] = [];
      const log = { ...silentLog, warn: (_: object, message: string) => said.push(message) };
      const input = mirror(broker.port, `, protocol: "${protocol}"`);
      const { probe } = await startProbe(t, directory, input, new Capture(), log);
      await until(
        () => probe.status().ready,
        () => probe.status().problems.join(),
      );
      assert.match(said.join(), /^the broker gives "plant\/#" with QoS 0 only: what it has while/);
    });

  it('a refused subscription is told with the ACL lines that would allow it', async (t) => {
    const aedes = await Aedes.createBroker({
      authorizeSubscribe: (_client, _subscription, done) => done(null, null),
    });
    const server = createServer((socket) => aedes.handle(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    t.after(() => {
      aedes.close();
      server.close();
    });
    const { probe } = await startProbe(t, tempDir(t), mirror(port, ', user: eve, protocol: 3.1.1'));
    const problems = (): string => probe.status().problems.join();
    await until(() => problems().includes('does not let us subscribe'), problems);
    assert.match(
      problems(),
      /user eve \/ topic read plant\/#.*\{allow, \{username, "eve"\}, subscribe, \["plant\/#"\]\}\./,
    );
  });
});

/** One line of Mosquitto's password file: `user:$7$iterations$salt$hash`. */
function passwordLine(user: string, password: string): string {
  const salt = randomBytes(12);
  const digest = pbkdf2Sync(password, salt, 101, 64, 'sha512');
  return `${user}:$7$101$${salt.toString('base64')}$${digest.toString('base64')}\n`;
}
