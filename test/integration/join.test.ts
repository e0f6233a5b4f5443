import assert from 'node:assert/strict';
import { connect as connectTcp, createServer, type Socket } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { connectAsync, type MqttClient } from 'mqtt';
import { startProbe } from '../support/in-process.ts';
import { MOSQUITTO, Mosquitto } from '../support/mosquitto.ts';
import { needs } from '../support/programs.ts';
import type { ReceivedEvent } from '../support/receiver.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';

const PUBLISHERS = 8;

/** A TCP relay whose connections can be cut. */
async function relay(t: TestContext, to: number): Promise<{ port: number; cut: () => void }> {
  const sockets = new Set<Socket>();
  const server = createServer((inner) => {
    const outer = connectTcp(to, '127.0.0.1');
    for (const [a, b] of [
      [inner, outer],
      [outer, inner],
    ] as const) {
      sockets.add(a);
      a.pipe(b);
      a.on('error', () => {});
      a.on('close', () => b.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
    sockets.clear();
  };
  t.after(() => {
    cut();
    server.close();
  });
  const address = server.address();
  return { port: typeof address === 'object' && address !== null ? address.port : 0, cut };
}

async function publishers(t: TestContext, port: number): Promise<MqttClient[]> {
  const clients = await Promise.all(
    Array.from({ length: PUBLISHERS }, (_, i) =>
      connectAsync(`mqtt://127.0.0.1:${port}`, {
        clientId: `pub-${i}`,
        username: `user-${i}`,
        reconnectPeriod: 0,
      }),
    ),
  );
  t.after(() => {
    for (const client of clients) client.end(true);
  });
  return clients;
}

/** Each publishes its share; the payload says who it was. */
async function publishAll(
  clients: readonly MqttClient[],
  each: number,
  topicOf: (publisher: number, n: number) => string,
  qos: 0 | 1 | 2,
  during: (done: number) => void = () => {},
): Promise<void> {
  let done = 0;
  await Promise.all(
    clients.map(async (client, i) => {
      for (let n = 0; n < each; n += 10) {
        const part = Array.from({ length: Math.min(10, each - n) }, (_, k) => n + k);
        await Promise.all(
          part.map((k) =>
            client.publishAsync(topicOf(i, k), `pub-${i} ${String(k).padStart(6, '0')}`, { qos }),
          ),
        );
        done += part.length;
        during(done);
      }
    }),
  );
}

interface Mirrored {
  readonly correlation: string;
  readonly publisher?: {
    readonly client: { readonly id: string };
    readonly user?: { readonly name: string };
  };
  readonly payload: { readonly text: string };
}

/** Counts the joined ones and checks each of them against its payload. */
function checkJoined(events: readonly ReceivedEvent[], ports: readonly (number | undefined)[]): number {
  let joined = 0;
  for (const event of events) {
    const { correlation, publisher, payload } = event.mqtt as unknown as Mirrored;
    if (correlation !== 'joined') {
      assert.equal(correlation, 'mirror-only');
      assert.equal(publisher, undefined);
      assert.equal(event.source, undefined);
      continue;
    }
    joined++;
    const number = Number(payload.text.split(' ')[0]?.slice(4));
    assert.equal(publisher?.client.id, `pub-${number}`);
    assert.deepEqual(event.user, { name: `user-${number}` });
    assert.deepEqual(event.source, { ip: '127.0.0.1', port: ports[number] });
  }
  return joined;
}

/** A busy machine writes and reads the log late. */
const PATIENT = '20s';

const config = (log: string, port: number, more = '', join = '2s'): string => `join: ${join}
name: plant
inputs:
  log: {type: file, broker: mosquitto, paths: "${log}"}
  mirror: {type: mqtt, url: "mqtt://127.0.0.1:${port}", client_id: the-probe, topics: '#', payload: {capture: text}${more}}
`;

function portsOf(clients: readonly MqttClient[]): (number | undefined)[] {
  return clients.map((client) =>
    'localPort' in client.stream ? Number(client.stream.localPort) : undefined,
  );
}

describe('log and traffic of a real Mosquitto, joined', needs(...MOSQUITTO), () => {
  it('names the right publisher of 20,000 QoS 1 messages, through lost connections and backlog', async (t) => {
    const directory = tempDir(t);
    const broker = await Mosquitto.start(t, directory, 'max_queued_messages 100000');
    const through = await relay(t, broker.port);
    const { capture, probe } = await startProbe(
      t,
      directory,
      config(broker.logFile, through.port, '', PATIENT),
    );
    await until(
      () => probe.status().ready,
      () => JSON.stringify(probe.status().problems),
    );
    const clients = await publishers(t, broker.port);
    const mirrored = (): ReceivedEvent[] => capture.actions('message-mirrored');
    const each = 20_000 / PUBLISHERS;
    let cuts = 0;
    await publishAll(
      clients,
      each,
      (i, n) => `plant/${i}/${n % 7}`,
      1,
      (done) => {
        if (done < (cuts + 1) * 5000 || cuts === 3) return;
        cuts++;
        through.cut();
      },
    );
    await until(
      () => new Set(mirrored().map((e) => (e.mqtt as unknown as Mirrored).payload.text)).size === 20_000,
      () => `${mirrored().length} mirrored`,
      60_000,
    );
    const joined = checkJoined(mirrored(), portsOf(clients));
    t.diagnostic(`${joined} of ${mirrored().length} joined`);
    assert.ok(joined >= 0.999 * mirrored().length, `${joined} of ${mirrored().length} joined`);
    assert.equal(cuts, 3);
  });

  for (const qos of [0, 1, 2] as const) {
    it(`never names a wrong one where all publish the same topic and size (QoS ${qos})`, async (t) => {
      const directory = tempDir(t);
      const broker = await Mosquitto.start(t, directory, 'max_queued_messages 100000');
      const through = await relay(t, broker.port);
      const { capture, probe } = await startProbe(t, directory, config(broker.logFile, through.port));
      await until(
        () => probe.status().ready,
        () => JSON.stringify(probe.status().problems),
      );
      const clients = await publishers(t, broker.port);
      const mirrored = (): ReceivedEvent[] => capture.actions('message-mirrored');
      let cut = qos === 0;
      await publishAll(
        clients,
        250,
        () => 'one/for/all',
        qos,
        (done) => {
          if (cut || done < 1000) return;
          cut = true;
          through.cut();
        },
      );
      await until(
        () => mirrored().length >= 2000,
        () => `${mirrored().length} mirrored`,
        60_000,
      );
      const joined = checkJoined(mirrored(), portsOf(clients));
      t.diagnostic(`${joined} of ${mirrored().length} joined`);
      if (qos > 0) assert.ok(joined > 0);
    });
  }

  it("retained messages at the subscription, wills and messages without their line are nobody's", async (t) => {
    const directory = tempDir(t);
    const broker = await Mosquitto.start(t, directory);
    const url = `mqtt://127.0.0.1:${broker.port}`;
    const early = await connectAsync(url, { clientId: 'early' });
    await early.publishAsync('plant/kept', 'x', { qos: 1, retain: true });
    await early.endAsync();
    const { capture, probe } = await startProbe(t, directory, config(broker.logFile, broker.port));
    await until(
      () => probe.status().ready,
      () => JSON.stringify(probe.status().problems),
    );
    const mortal = await connectAsync(url, {
      clientId: 'mortal',
      reconnectPeriod: 0,
      will: { topic: 'plant/will', payload: Buffer.from('x'), qos: 1, retain: false },
    });
    await mortal.publishAsync('plant/live', 'x', { qos: 1 });
    t.after(() => mortal.end(true));
    mortal.stream.destroy();
    const byTopic = (): Record<string, unknown> =>
      Object.fromEntries(
        capture
          .actions('message-mirrored')
          .map(({ mqtt }) => [mqtt?.topic, mqtt?.publisher ?? mqtt?.correlation]),
      );
    await until(
      () => Object.keys(byTopic()).length === 3,
      () => JSON.stringify(byTopic()),
    );
    assert.deepEqual(byTopic(), {
      'plant/kept': 'mirror-only',
      'plant/live': { client: { id: 'mortal' } },
      'plant/will': 'mirror-only',
    });
  });

  it('a log without lines about messages holds nothing up for long', async (t) => {
    const directory = tempDir(t);
    const broker = await Mosquitto.start(t, directory, 'log_type none\nlog_type error');
    const { capture, probe } = await startProbe(t, directory, config(broker.logFile, broker.port));
    await until(
      () => probe.status().ready,
      () => JSON.stringify(probe.status().problems),
    );
    const clients = await publishers(t, broker.port);
    await publishAll(clients, 250, (i) => `plant/${i}`, 1);
    await until(
      () => capture.actions('message-mirrored').length === 2000,
      () => `${capture.actions('message-mirrored').length}`,
      20_000,
    );
    assert.equal(checkJoined(capture.actions('message-mirrored'), []), 0);
  });
});
