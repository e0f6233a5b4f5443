import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connect } from 'mqtt';
import type { Logger } from '../../../../src/core/log.ts';
import { cli } from '../../../support/cli.ts';
import { Capture, silentLog, startProbe } from '../../../support/in-process.ts';
import { client, MOSQUITTO, Mosquitto } from '../../../support/mosquitto.ts';
import { needs } from '../../../support/programs.ts';
import { tempDir } from '../../../support/temp.ts';
import { until } from '../../../support/wait.ts';

const PLUGIN = ['x86_64-linux-gnu', 'aarch64-linux-gnu', '.']
  .map((triple) => path.join('/usr/lib', triple, 'mosquitto_dynamic_security.so'))
  .find(existsSync);

interface Running {
  readonly broker: Mosquitto;
  readonly capture: Capture;
  readonly ready: () => Promise<void>;
  readonly problems: () => string;
  readonly said: string[];
  readonly stop: () => Promise<void>;
}

/** A probe that mirrors a real broker. @param inputs further settings of its mirror, or whole inputs with PORT and LOG */
async function mirroring(
  t: TestContext,
  broker: Mosquitto,
  directory: string,
  settings: string,
): Promise<Running> {
  const said: string[] = [];
  const log: Logger = {
    ...silentLog,
    warn: (_, message) => said.push(message),
    error: (_, message) => said.push(message),
  };
  const inputs = settings.startsWith('inputs:')
    ? settings.replaceAll('PORT', `${broker.port}`).replaceAll('LOG', broker.logFile)
    : `inputs: {mirror: {type: mqtt, url: "mqtt://127.0.0.1:${broker.port}", client_id: probe, ${settings}}}`;
  const { capture, probe, stop } = await startProbe(t, directory, inputs, new Capture(), log);
  const problems = (): string => probe.status().problems.join();
  return {
    broker,
    capture,
    problems,
    said,
    stop,
    ready: () => until(() => probe.status().ready, problems, 30_000),
  };
}

const publish = (port: number, topic: string, ...more: string[]): Promise<string> =>
  client('mosquitto_pub', ['-p', `${port}`, '-q', '1', '-i', 'writer', '-t', topic, '-m', 'x', ...more]);
const topics = (capture: Capture): unknown[] => capture.actions('message-mirrored').map((e) => e.mqtt?.topic);
const arrive = (capture: Capture, count: number): Promise<void> =>
  until(
    () => capture.actions('message-mirrored').length >= count,
    () => `${capture.actions('message-mirrored').length} of ${count}`,
    60_000,
  );

describe('mqtt input: what a real Mosquitto does', needs(...MOSQUITTO), () => {
  it('named levels, subscription identifiers, properties and user properties reach the events', async (t) => {
    const directory = tempDir(t);
    const broker = await Mosquitto.start(t, directory);
    const { capture, ready } = await mirroring(
      t,
      broker,
      directory,
      "topics: ['plant/{site}/{device}/#', 'other/#'], labels: {region: north}",
    );
    await ready();
    const properties = ['-V', '5', '-D', 'publish', 'user-property', 'trace', 'abc'];
    for (const [name, value] of [
      ['content-type', 'text/plain'],
      ['response-topic', 'answers/1'],
      ['correlation-data', 'c1'],
    ] as const)
      properties.push('-D', 'publish', name, value);
    await publish(broker.port, 'plant/berlin/pump/speed', ...properties);
    await publish(broker.port, 'other/x');
    await publish(broker.port, 'plant//pump');
    await arrive(capture, 3);
    const [first, second, third] = capture.actions('message-mirrored');
    assert.deepEqual(first?.labels, { region: 'north', site: 'berlin', device: 'pump' });
    assert.deepEqual(first?.mqtt?.user_properties, { trace: 'abc' });
    assert.deepEqual(first?.mqtt?.properties, {
      content_type: 'text/plain',
      response_topic: 'answers/1',
      correlation_data: Buffer.from('c1').toString('base64'),
    });
    assert.deepEqual([first?.mqtt?.subscription, second?.mqtt?.subscription], [{ id: [1] }, { id: [2] }]);
    assert.deepEqual(second?.labels, { region: 'north' });
    assert.deepEqual(third?.labels, { region: 'north', device: 'pump' });
    assert.equal(broker.log().includes('Received PUBLISH from probe'), false);
  });

  it('a shared subscription takes its part', async (t) => {
    const directory = tempDir(t);
    const broker = await Mosquitto.start(t, directory);
    const { capture, ready } = await mirroring(
      t,
      broker,
      directory,
      "topics: '$share/probes/plant/{site}/#'",
    );
    await ready();
    await publish(broker.port, 'plant/berlin/1');
    await arrive(capture, 1);
    assert.deepEqual(capture.actions('message-mirrored')[0]?.labels, { site: 'berlin' });
  });

  it('log topics: level by the letter, each line once, also beside $SYS/#', async (t) => {
    const directory = tempDir(t);
    const broker = await Mosquitto.start(t, directory, 'log_dest topic\nsys_interval 0');
    const { capture, ready } = await mirroring(
      t,
      broker,
      directory,
      "topics: ['$SYS/#', '$SYS/broker/log/#'], protocol: 5",
    );
    await ready();
    await client('mosquitto_sub', ['-p', `${broker.port}`, '-i', 'reader', '-t', 'none/#', '-W', '1']);
    const of = (action: string) =>
      capture.actions(action).filter((e) => (e.mqtt?.client as { id?: string })?.id === 'reader');
    await until(
      () => of('client-disconnected').length > 0,
      () => JSON.stringify(capture.events.map((e) => e.message)),
    );
    for (const [action, level] of [
      ['client-connected', 'notice'],
      ['subscription-added', 'notice'],
      ['client-disconnected', 'notice'],
    ] as const) {
      assert.equal(of(action).length, 1, action);
      assert.equal((of(action)[0]?.log as { level?: string })?.level, level, action);
    }
    // The first line that we get is the grant of our subscription: nothing before it says that "probe" is a client.
    const own = capture.events.map((e) => e.message).filter((message) => message.includes('probe'));
    assert.deepEqual(
      own.filter((message) => message !== 'probe 1 $SYS/#'),
      [],
    );
  });

  it('log topics of a broker whose file is read: left out, or, when listed, warned of as doubles', async (t) => {
    for (const [listed, copies] of [
      ['', 1],
      [", '$SYS/broker/log/#'", 2],
    ] as const) {
      const directory = tempDir(t);
      const broker = await Mosquitto.start(t, directory, 'log_dest topic\nsys_interval 0');
      const { capture, ready, said, stop } = await mirroring(
        t,
        broker,
        directory,
        `inputs: {log: {type: file, broker: mosquitto, paths: "LOG"}, mirror: {type: mqtt, url: "mqtt://127.0.0.1:PORT", client_id: probe, topics: ['$SYS/#'${listed}]}}`,
      );
      await ready();
      await publish(broker.port, 'a/b');
      const lines = () => capture.actions('client-disconnected').filter((e) => e.message.includes('writer'));
      await until(
        () => lines().length === copies,
        () => `${lines().length}`,
      );
      await stop();
      assert.equal(lines().length, copies);
      assert.equal(said.filter((text) => text.includes('twice')).length, copies - 1);
    }
  });

  it('a refused subscription: the ACL lines that would allow it, and it heals by itself', async (t) => {
    if (PLUGIN === undefined)
      return t.skip('mosquitto_dynamic_security.so is not installed: apt-get install mosquitto');
    const directory = tempDir(t);
    const rules = path.join(directory, 'dynsec.json');
    const init = spawnSync('mosquitto_ctrl', ['dynsec', 'init', rules, 'admin', 'secret'], {
      encoding: 'utf8',
    });
    if (init.error) return t.skip('mosquitto_ctrl is not installed: apt-get install mosquitto');
    const broker = await Mosquitto.start(
      t,
      directory,
      `allow_anonymous true\nplugin ${PLUGIN}\nplugin_opt_config_file ${rules}`,
    );
    const control = (...args: string[]): void => {
      const login = ['-p', `${broker.port}`, '-u', 'admin', '-P', 'secret'];
      assert.equal(spawnSync('mosquitto_ctrl', [...login, 'dynsec', ...args]).status, 0);
    };
    const { problems, said, ready, capture } = await mirroring(t, broker, directory, "topics: 'plant/#'");
    await until(() => problems().includes('does not let us subscribe to "plant/#"'), problems);
    const config = path.join(directory, 'check.yaml');
    writeFileSync(
      config,
      `inputs: {mirror: {type: mqtt, url: "mqtt://127.0.0.1:${broker.port}", topics: 'plant/#'}}\noutputs: {o: {type: stdout}}\n`,
    );
    const checked = await cli(['check', '-c', config, '--connect']);
    assert.match(checked.stdout, /input mirror: the broker does not let us subscribe to "plant\/#"/);
    assert.equal(checked.code, 1);
    assert.match(problems(), /acl_file: topic read plant\/#.*\{allow, all, subscribe, \["plant\/#"\]\}/);
    control('createRole', 'reader');
    control('addRoleACL', 'reader', 'subscribePattern', 'plant/#', 'allow');
    control('addRoleACL', 'reader', 'publishClientSend', '#', 'allow');
    control('createGroup', 'everybody');
    control('addGroupRole', 'everybody', 'reader');
    control('setAnonymousGroup', 'everybody');
    await ready();
    await publish(broker.port, 'plant/1');
    await arrive(capture, 1);
    assert.match((await cli(['check', '-c', config, '--connect'])).stdout, /input mirror: works/);
    assert.equal(said.filter((text) => text.includes('does not let us subscribe')).length, 1, 'said once');
  });

  for (const [protocol, words] of [
    [
      '3.1.1',
      /the broker has closed the connection: it stopped, or another client came with our client id "probe"$/,
    ],
    [
      '5',
      /the broker has closed the connection: it (is shutting down \(code 139\)|stopped, or another client .*)$/,
    ],
  ] as const)
    it(`a broker that is stopped, MQTT ${protocol}: a warning that blames nobody`, async (t) => {
      const directory = tempDir(t);
      const broker = await Mosquitto.start(t, directory);
      const warnings: string[] = [];
      const inputs = `inputs: {mirror: {type: mqtt, url: "mqtt://127.0.0.1:${broker.port}", client_id: probe, protocol: ${protocol}, topics: '#'}}`;
      const log: Logger = { ...silentLog, warn: (_, message) => warnings.push(message) };
      const { probe } = await startProbe(t, directory, inputs, new Capture(), log);
      await until(
        () => probe.status().ready,
        () => probe.status().problems.join(),
      );
      await broker.stop();
      await until(
        () => warnings.length > 0,
        () => probe.status().problems.join(),
      );
      assert.match(warnings.join('\n'), words);
    });

  it('another client with our id: told, and no storm of connections', async (t) => {
    const directory = tempDir(t);
    const broker = await Mosquitto.start(t, directory);
    const { ready, said } = await mirroring(t, broker, directory, "topics: '#'");
    await ready();
    const rival = connect(`mqtt://127.0.0.1:${broker.port}`, { clientId: 'probe', reconnectPeriod: 1 });
    rival.on('error', () => {});
    t.after(() => rival.end(true));
    await until(
      () =>
        said.some((text) =>
          /closes one connection after the other, .* another client comes with our client id "probe"/.test(
            text,
          ),
        ),
      () => said.join('\n'),
    );
    await delay(6000);
    const takeovers = broker.log().match(/Client probe already connected/g)?.length ?? 0;
    assert.ok(
      takeovers < 24,
      `${takeovers} takeovers: the rival comes back at once, we wait longer each time`,
    );
  });

  it('a broker that loses its sessions while the probe is away, and filters that are no longer wanted', async (t) => {
    const directory = tempDir(t);
    const broker = await Mosquitto.start(t, directory);
    const first = await mirroring(t, broker, directory, "topics: ['plant/#', 'old/#']");
    await first.ready();
    await first.stop();
    const second = await mirroring(t, broker, directory, "topics: 'plant/#'");
    await second.ready();
    await publish(broker.port, 'old/1');
    await publish(broker.port, 'plant/1');
    await arrive(second.capture, 1);
    assert.deepEqual(topics(second.capture), ['plant/1']);
    assert.deepEqual(second.capture.actions('input-gap'), []);
    await second.stop();
    await broker.kill();
    await broker.start();
    const third = await mirroring(t, broker, directory, "topics: 'plant/#'");
    await third.ready();
    await until(
      () => third.capture.actions('input-gap').length > 0,
      () => 'a gap',
    );
    assert.deepEqual(
      third.capture.actions('input-gap').map((e) => e.event.reason),
      ['session_lost'],
    );
  });

  it('a stalled output, longer than 1.5 keep-alives: stays connected, everything arrives later', async (t) => {
    const directory = tempDir(t);
    // The broker may set the keep-alive of a client that speaks MQTT 5: 10 s is the least that it takes.
    const broker = await Mosquitto.start(t, directory, 'max_keepalive 10\nmax_queued_messages 0');
    const { capture, ready } = await mirroring(t, broker, directory, "topics: 'plant/#'");
    await ready();
    await publish(broker.port, 'plant/first');
    await arrive(capture, 1);
    capture.stalled = true;
    const writer = connect(`mqtt://127.0.0.1:${broker.port}`, { clientId: 'writer' });
    t.after(() => writer.end(true));
    const payload = Buffer.alloc(10_000, 'x');
    for (let i = 0; i < 2000; i++) await writer.publishAsync(`plant/${i}`, payload, { qos: 1 });
    await delay(17_000);
    capture.go();
    await arrive(capture, 2001);
    assert.equal(new Set(topics(capture)).size, 2001);
    assert.equal(capture.actions('message-mirrored').length, 2001);
    assert.equal(/Client probe (disconnected|closed|has exceeded)/.test(broker.log()), false);
    assert.match(broker.log(), /Received PINGREQ from probe/);
  });

  it('more than the spool holds while the output takes nothing: QoS 1 comes again, each once', async (t) => {
    const directory = tempDir(t);
    const broker = await Mosquitto.start(t, directory, 'max_queued_messages 0');
    const { capture, ready, said } = await mirroring(
      t,
      broker,
      directory,
      `inputs: {mirror: {type: mqtt, url: "mqtt://127.0.0.1:PORT", client_id: probe, topics: 'plant/#', payload: {capture: text, limit: 1MiB}}}\nspool: {size: 16MiB}`,
    );
    await ready();
    await publish(broker.port, 'plant/first');
    await arrive(capture, 1);
    capture.stalled = true;
    const writer = connect(`mqtt://127.0.0.1:${broker.port}`, { clientId: 'writer' });
    t.after(() => writer.end(true));
    const payload = Buffer.alloc(500_000, 'x');
    for (let i = 0; i < 120; i++) await writer.publishAsync(`plant/${i}`, payload, { qos: 1 });
    await until(
      () => said.some((text) => text.includes('no room for messages')),
      () => said.join(),
    );
    capture.go();
    await arrive(capture, 121);
    assert.equal(new Set(topics(capture)).size, 121);
    assert.equal(capture.actions('message-mirrored').length, 121);
  });

  it('the broker drops messages for the probe: its log line becomes a gap', async (t) => {
    const directory = tempDir(t);
    const broker = await Mosquitto.start(t, directory, 'max_queued_messages 10');
    const inputs =
      'inputs: {log: {type: file, broker: mosquitto, paths: "LOG"}, mirror: {type: mqtt, url: "mqtt://127.0.0.1:PORT", client_id: probe, topics: "plant/#", own_traffic: OWN}}';
    for (const own of ['drop', 'keep']) {
      const one = await mirroring(t, broker, directory, inputs.replace('OWN', own));
      await one.ready();
      await one.stop();
      for (let i = 0; i < 15; i++) await publish(broker.port, `plant/${i}`);
      const { capture, stop } = await mirroring(t, broker, directory, inputs.replace('OWN', own));
      await until(
        () => capture.actions('input-gap').length > 0,
        () => JSON.stringify(capture.events.map((e) => e.message)),
      );
      const [gap] = capture.actions('input-gap');
      assert.equal(gap?.message, 'Outgoing messages are being dropped for client probe.', own);
      assert.equal(gap?.event.code, 'mosquitto.own_messages_dropped');
      await stop();
    }
    assert.match(
      readFileSync(broker.logFile, 'utf8'),
      /Outgoing messages are being dropped for client probe/,
    );
  });

  it('the broker leaves out what is larger than max_packet: its log line becomes a gap', async (t) => {
    const directory = tempDir(t);
    const broker = await Mosquitto.start(t, directory);
    const { capture, ready } = await mirroring(
      t,
      broker,
      directory,
      'inputs: {log: {type: file, broker: mosquitto, paths: "LOG"}, mirror: {type: mqtt, url: "mqtt://127.0.0.1:PORT", client_id: probe, topics: "plant/#", max_packet: 128KiB}}',
    );
    await ready();
    await client(
      'mosquitto_pub',
      ['-p', `${broker.port}`, '-q', '1', '-t', 'plant/1', '-s'],
      'x'.repeat(200_000),
    );
    await until(
      () => capture.actions('input-gap').length > 0,
      () => JSON.stringify(capture.events.map((e) => e.message)),
    );
    const [gap] = capture.actions('input-gap');
    assert.match(gap?.message ?? '', /^Dropping too large outgoing PUBLISH for probe \(200\d{3} bytes\)$/);
    assert.deepEqual(
      [gap?.event.code, gap?.event.reason],
      ['mosquitto.own_outgoing_too_large', 'packet_too_large'],
    );
    assert.deepEqual(capture.actions('message-mirrored'), []);
  });

  it('100,000 retained messages of QoS 1 arrive in one burst', {
    timeout: 110_000,
  }, async (t) => {
    const directory = tempDir(t);
    const broker = await Mosquitto.start(t, directory, 'log_type none\nmax_queued_messages 0');
    const writer = connect(`mqtt://127.0.0.1:${broker.port}`, { clientId: 'writer' });
    const count = 100_000;
    for (let i = 0; i < count; i += 1000) {
      const some = Array.from({ length: 1000 }, (_, k) =>
        writer.publishAsync(`plant/${i + k}`, `${i + k}`, { qos: 1, retain: true }),
      );
      await Promise.all(some);
    }
    await writer.endAsync();
    const { capture, ready, said } = await mirroring(t, broker, directory, "topics: 'plant/#'");
    await ready();
    await arrive(capture, count);
    assert.equal(new Set(topics(capture)).size, count);
    assert.ok(capture.actions('message-mirrored').every((e) => e.mqtt?.retained === true));
    assert.deepEqual(said, []);
  });
});
