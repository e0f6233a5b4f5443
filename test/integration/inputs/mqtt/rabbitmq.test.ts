import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { connect } from 'mqtt';
import { cli } from '../../../support/cli.ts';
import { Capture, silentLog, startProbe } from '../../../support/in-process.ts';
import { needs } from '../../../support/programs.ts';
import { RABBITMQ, RabbitMq } from '../../../support/rabbitmq.ts';
import type { ReceivedEvent } from '../../../support/receiver.ts';
import { tempDir } from '../../../support/temp.ts';
import { until } from '../../../support/wait.ts';

describe('mqtt input against a real RabbitMQ', needs(...RABBITMQ), () => {
  let broker: RabbitMq;
  const cleanups: (() => unknown)[] = [];
  const suite = { after: (act: () => unknown): unknown => cleanups.unshift(act) };

  before(async () => {
    broker = await RabbitMq.start(suite, tempDir(suite));
  });
  after(async () => {
    for (const act of cleanups) await act();
  });

  const mirror = (client: string): string =>
    `inputs: {mirror: {type: mqtt, url: "mqtt://127.0.0.1:${broker.port}", client_id: ${client}, protocol: "3.1.1", topics: 'plant/#', payload: {capture: text}}}`;

  async function publish(
    ...messages: (readonly [topic: string, payload: string, qos: 0 | 1])[]
  ): Promise<void> {
    const client = connect(`mqtt://127.0.0.1:${broker.port}`, { protocolVersion: 4, clientId: 'writer' });
    for (const [topic, payload, qos] of messages) await client.publishAsync(topic, payload, { qos });
    await client.endAsync();
  }

  it('takes every message as it is from a broker that takes no bridges, and says what is lost', async (t) => {
    const said: string[] = [];
    const log = { ...silentLog, warn: (_: object, message: string) => said.push(message) };
    const { capture, probe } = await startProbe(t, tempDir(t), mirror('probe-a'), new Capture(), log);
    await until(
      () => probe.status().ready,
      () => probe.status().problems.join(),
    );
    await publish(
      ['plant/a/temp', 'grün', 0],
      ['plant/b', '{"v":1}', 1],
      ['other', 'x', 1],
      ['plant', 'y', 1],
    );
    const mirrored = (): ReceivedEvent[] => capture.actions('message-mirrored');
    await until(
      () => mirrored().length >= 3,
      () => JSON.stringify(mirrored()),
    );
    assert.deepEqual(
      mirrored().map(({ mqtt }) => [
        mqtt?.topic,
        (mqtt?.payload as { text?: string } | undefined)?.text,
        mqtt?.qos,
      ]),
      [
        ['plant/a/temp', 'grün', 0],
        ['plant/b', '{"v":1}', 1],
        ['plant', 'y', 1],
      ],
    );
    assert.match(broker.log(), /protocol_header_corrupt[\s\S]*client id: probe-a/);
    assert.match(said.join(), /this broker takes no bridges: messages come without their retain flag/);
  });

  it('check --connect finds that it works', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'brokertap.yaml');
    const state = path.join(directory, 'state');
    writeFileSync(
      file,
      `state: ${state}\ntelemetry: {listen: "off"}\n${mirror('probe-d')}\noutputs: {none: {type: stdout}}\n`,
    );
    const { code, stdout, stderr } = await cli(['check', '--connect', '-c', file]);
    assert.equal(code, 0, stdout + stderr);
  });

  it('QoS 1 messages wait for an absent probe, and each comes once', async (t) => {
    const directory = tempDir(t);
    const first = await startProbe(t, directory, mirror('probe-b'));
    await until(
      () => first.probe.status().ready,
      () => first.probe.status().problems.join(),
    );
    await first.stop();
    await publish(...Array.from({ length: 20 }, (_, i) => [`plant/${i}`, 'x', 1] as const));
    const { capture } = await startProbe(t, directory, mirror('probe-b'));
    await until(
      () => capture.actions('message-mirrored').length >= 20,
      () => `${capture.actions('message-mirrored').length}`,
    );
    assert.deepEqual(
      capture.actions('message-mirrored').map(({ mqtt }) => mqtt?.topic),
      Array.from({ length: 20 }, (_, i) => `plant/${i}`),
    );
  });

  it('messages that were not acknowledged come again after the probe was cut off, each once', async (t) => {
    const { capture, probe } = await startProbe(t, tempDir(t), mirror('probe-c'));
    await until(
      () => probe.status().ready,
      () => probe.status().problems.join(),
    );
    // A second client with the same id takes over the session.
    const thief = connect(`mqtt://127.0.0.1:${broker.port}`, {
      protocolVersion: 4,
      clientId: 'probe-c',
      clean: false,
      reconnectPeriod: 0,
    });
    await until(
      () => !probe.status().ready,
      () => 'the probe was not cut off',
    );
    await thief.endAsync(true);
    await publish(...Array.from({ length: 5 }, (_, i) => [`plant/again/${i}`, 'x', 1] as const));
    await until(
      () => capture.actions('message-mirrored').length >= 5,
      () => `${capture.actions('message-mirrored').length} ${probe.status().problems.join()}`,
      60_000,
    );
    assert.deepEqual(
      [...new Set(capture.actions('message-mirrored').map(({ mqtt }) => mqtt?.topic))].sort(),
      [...Array.from({ length: 5 }, (_, i) => `plant/again/${i}`)],
    );
    assert.equal(capture.actions('message-mirrored').length, 5);
  });
});
