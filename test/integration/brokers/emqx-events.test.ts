import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { Aedes } from 'aedes';
import { type Capture, startProbe } from '../../support/in-process.ts';
import type { ReceivedEvent } from '../../support/receiver.ts';
import { tempDir } from '../../support/temp.ts';
import { until } from '../../support/wait.ts';

const GOLDEN = new URL('../../golden/emqx/', import.meta.url);

/** Stands in for EMQX as the transport of messages; what they say was made by EMQX's own code. */
async function startTransport(
  t: TestContext,
): Promise<{ port: number; publish: (topic: string, payload: string) => Promise<void> }> {
  const aedes = await Aedes.createBroker();
  const server = createServer(aedes.handle);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(async () => {
    await new Promise<void>((resolve) => aedes.close(resolve));
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  const address = server.address();
  const publish = (topic: string, payload: string): Promise<void> =>
    new Promise((resolve, reject) => {
      const packet = { cmd: 'publish', topic, payload, qos: 1, retain: false, dup: false } as const;
      aedes.publish(packet, (error) => (error ? reject(error) : resolve()));
    });
  return { port: typeof address === 'object' && address !== null ? address.port : 0, publish };
}

async function startMirror(
  t: TestContext,
  port: number,
  keys: string,
  directory: string = tempDir(t),
): Promise<{ arrive: (count: number) => Promise<ReceivedEvent[]>; capture: Capture }> {
  const input = `inputs: {m: {type: mqtt, broker: emqx, protocol: "3.1.1", url: "mqtt://127.0.0.1:${port}", ${keys}}}`;
  const { probe, capture } = await startProbe(t, directory, input);
  await until(
    () => probe.status().problems.length === 0,
    () => probe.status().problems.join(),
  );
  const events = (): ReceivedEvent[] =>
    capture.events.filter(({ event }) => ['emqx-event', 'mqtt-mirror'].includes(event.provider ?? ''));
  const arrive = async (count: number): Promise<ReceivedEvent[]> => {
    await until(
      () => events().length >= count,
      () => `${events().length} of ${count} events`,
    );
    return events();
  };
  return { arrive, capture };
}

/** Bodies of a golden file, and the events that they are. */
function golden(file: string): {
  bodies: string[];
  want: { code: string; action: string; message: string }[];
} {
  const lines = (name: string): string[] => readFileSync(new URL(name, GOLDEN), 'utf8').trim().split('\n');
  const want = lines(`${file}-jsonl.events`).map((line) => JSON.parse(line));
  return { bodies: lines(`${file}.jsonl`), want };
}

describe("EMQX's events over MQTT", () => {
  it('subscribed directly, as 4.x publishes them and as rules republish them below $events', async (t) => {
    const { port, publish } = await startTransport(t);
    const { arrive } = await startMirror(t, port, "topics: ['$events/#', 'plant/#']");
    const files = ['emqx44-events', 'emqx58-events', 'emqx62-events'].map(golden);
    const bodies = files.flatMap((file) => file.bodies);
    for (const body of bodies) {
      const name = String(JSON.parse(body).event).replace(/[.]/g, '_');
      await publish(`$events/${name}`, body);
    }
    await publish('plant/a', '21.5');
    const events = await arrive(bodies.length + 1);
    assert.deepEqual(
      events.slice(0, -1).map(({ event, message }) => [event.code, event.action, message]),
      files.flatMap(({ want }) => want.map(({ code, action, message }) => [code, action, message])),
    );
    assert.equal(events.at(-1)?.event.action, 'message-mirrored');
  });

  it('republished to topics of their own', async (t) => {
    const { port, publish } = await startTransport(t);
    const { arrive } = await startMirror(t, port, "topics: ['bt/#'], events: 'bt/events/#'");
    const { bodies, want } = golden('emqx58-events');
    for (const body of bodies) await publish('bt/events/all', body);
    await publish('bt/other', bodies[0] ?? '');
    const events = await arrive(bodies.length + 1);
    assert.deepEqual(
      events.slice(0, -1).map(({ event, message }) => [event.code, event.action, message]),
      want.map(({ code, action, message }) => [code, action, message]),
    );
    assert.equal(events.at(-1)?.event.action, 'message-mirrored');
  });

  it('what events do not tell of a payload is not on disk', async (t) => {
    const { port, publish } = await startTransport(t);
    const directory = tempDir(t);
    const { arrive } = await startMirror(t, port, "topics: ['bt/#'], events: 'bt/events/#'", directory);
    const body = {
      event: 'message.publish',
      clientid: 'a',
      topic: 'plant/a',
      payload: 'SECRET-IN-PAYLOAD',
      qos: 1,
    };
    await publish('bt/events/all', JSON.stringify(body));
    const [event] = await arrive(1);
    assert.deepEqual([event?.event.action, event?.mqtt?.topic], ['message-published', 'plant/a']);
    const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
    const kept = files.map((file) => readFileSync(path.join(file.parentPath, file.name), 'latin1')).join();
    assert.ok(kept.includes('message.publish'), 'the record is in the spool');
    assert.ok(!kept.includes('SECRET-IN-PAYLOAD'));
  });

  it('an event that the topic alone names; what is no JSON is unparsed', async (t) => {
    const { port, publish } = await startTransport(t);
    const { arrive, capture } = await startMirror(t, port, "topics: '$events/#'");
    await publish('$events/client_connected', '{"clientid":"a"}');
    await publish('$events/client/disconnected', '{"clientid":"a","reason":"kicked"}');
    await publish('$events/message/delivery_dropped', 'undefined');
    await publish('$events/session_subscribed', '{"clientid":"a","topic":"t/#"}');
    const events = await arrive(3);
    assert.deepEqual(
      events.map(({ event }) => event.action),
      ['client-connected', 'client-disconnected', 'subscription-added'],
    );
    assert.equal(capture.actions('line-unparsed').length, 1);
  });

  it('the payload setting of the mirror holds for the payloads of events too', async (t) => {
    const { port, publish } = await startTransport(t);
    const { arrive } = await startMirror(t, port, "topics: '$events/#', payload: {capture: hash}");
    await publish('$events/message_delivered', '{"event":"message.delivered","topic":"a","payload":"21.5"}');
    const [event] = await arrive(1);
    assert.equal(event?.event.action, 'message-delivered');
    assert.match(JSON.stringify(event?.mqtt?.payload), /"sha256":"[0-9a-f]{64}"/);
  });
});
