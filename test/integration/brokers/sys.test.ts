import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import { Aedes } from 'aedes';
import { startProbe } from '../../support/in-process.ts';
import { MOSQUITTO, Mosquitto } from '../../support/mosquitto.ts';
import { needs } from '../../support/programs.ts';
import type { ReceivedEvent } from '../../support/receiver.ts';
import { tempDir } from '../../support/temp.ts';
import { until } from '../../support/wait.ts';

const SYS: Readonly<Record<string, string>> = { mosquitto: '$SYS/#', emqx: '$SYS/brokers/#' };
const mirror = (port: number, broker: string, more = ''): string =>
  `inputs: {mirror: {type: mqtt, broker: ${broker}, url: "mqtt://127.0.0.1:${port}", client_id: probe, topics: '${SYS[broker]}'${more}}}`;

interface Numbers {
  readonly uptime: number;
  readonly clients: { readonly connected: number };
  readonly bytes: { readonly received: number; readonly sent: number };
}

const numbersOf = (event: ReceivedEvent | undefined): Numbers => event?.mqtt?.broker as Numbers;

describe('$SYS of a real Mosquitto', needs(...MOSQUITTO), () => {
  for (const protocol of ['5', '3.1.1']) {
    it(`one document for each interval, nothing is mirrored beside it (protocol ${protocol})`, async (t) => {
      const directory = tempDir(t);
      const broker = await Mosquitto.start(t, directory, 'sys_interval 1');
      const { capture } = await startProbe(
        t,
        directory,
        mirror(broker.port, 'mosquitto', `, protocol: "${protocol}"`),
      );
      const documents = (): ReceivedEvent[] => capture.actions('sys-metrics');
      await until(
        () => documents().length >= 3,
        () => JSON.stringify(capture.events),
      );
      const all = documents();
      const times = all.map((event) => numbersOf(event).uptime);
      assert.deepEqual(
        times,
        [...new Set(times)].sort((a, b) => a - b),
      );
      for (const event of all) {
        const { clients, bytes } = numbersOf(event);
        assert.equal(clients.connected, 1);
        assert.ok(bytes.sent > bytes.received);
        assert.deepEqual(event.data_stream, { type: 'metrics', dataset: 'mqtt.sys', namespace: 'default' });
        assert.equal(event.mqtt?.sys, undefined);
      }
      assert.match(JSON.stringify(all[0]?.service), /"version":"\d+\.\d+\.\d+"/);
      assert.deepEqual(capture.actions('message-mirrored'), []);
    });
  }

  it('a broker that hangs makes a gap and no document', async (t) => {
    const directory = tempDir(t);
    const broker = await Mosquitto.start(t, directory, 'sys_interval 1');
    const { capture } = await startProbe(t, directory, mirror(broker.port, 'mosquitto'));
    await until(
      () => capture.actions('sys-metrics').length >= 2,
      () => JSON.stringify(capture.events),
    );
    broker.freeze();
    const gaps = (): ReceivedEvent[] => capture.actions('input-gap');
    await until(
      () => gaps().length > 0,
      () => JSON.stringify(capture.events.at(-1)),
      40_000,
    );
    const [gap] = gaps();
    assert.equal(gap?.event.reason, 'sys_silent');
    assert.match(gap?.message ?? '', /the broker has said nothing in \$SYS for \d+ s/);
    const before = capture.actions('sys-metrics').length;
    broker.thaw();
    await until(
      () => capture.actions('sys-metrics').length > before,
      () => JSON.stringify(capture.events.at(-1)),
      40_000,
    );
  });
});

describe('$SYS of EMQX, published by a stand-in', () => {
  /** A broker that says what an EMQX node would. */
  async function standIn(
    t: TestContext,
  ): Promise<{ port: number; say: (topic: string, payload: string | object) => Promise<void> }> {
    const aedes = await Aedes.createBroker();
    const server = createServer((socket) => aedes.handle(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      aedes.close();
      server.close();
    });
    const address = server.address();
    const say = (topic: string, payload: string | object): Promise<void> =>
      new Promise((resolve, reject) => {
        const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
        const packet = { cmd: 'publish', qos: 0, dup: false, retain: false } as const;
        aedes.publish({ ...packet, topic: `$SYS/brokers${topic}`, payload: Buffer.from(text) }, (error) =>
          error ? reject(error) : resolve(),
        );
      });
    return { port: typeof address === 'object' && address !== null ? address.port : 0, say };
  }

  it('numbers of each node, presence, alarms, sysmon, and a node that leaves', async (t) => {
    const { port, say } = await standIn(t);
    const { capture, probe } = await startProbe(t, tempDir(t), mirror(port, 'emqx', ', protocol: "3.1.1"'));
    await until(
      () => probe.status().ready,
      () => probe.status().problems.join(),
    );
    const nodes = ['emqx@10.0.0.1', 'emqx@10.0.0.2'];
    for (const interval of [1, 2]) {
      await say('', nodes.join());
      for (const [i, node] of nodes.entries()) {
        await say(`/${node}/version`, '5.8.9');
        await say(`/${node}/uptime`, `${interval * 60_000}`);
        await say(`/${node}/stats/live_connections/count`, `${10 * interval + i}`);
        await say(`/${node}/metrics/messages/dropped`, `${100 * interval + i}`);
      }
    }
    await say('/emqx@10.0.0.1/clients/ns/dev1/connected', { clientid: 'ns/dev1', ts: 1, protocol: 'mqtt' });
    await say('/emqx@10.0.0.1/clients/ns/dev1/subscribed', { clientid: 'ns/dev1', topic: 'a/#', ts: 1 });
    await say('/emqx@10.0.0.1/clients/ns/dev1/unsubscribed', { clientid: 'ns/dev1', topic: 'a/#', ts: 1 });
    await say('/emqx@10.0.0.1/clients/ns/dev1/disconnected', {
      clientid: 'ns/dev1',
      reason: 'normal',
      ts: 1,
    });
    await say('/emqx@10.0.0.1/alarms/activate', {
      name: 'high_cpu_usage',
      activate_at: 1_685_000_000_123_005,
    });
    await say('/emqx@10.0.0.1/sysmon/long_gc', 'long_gc warning: pid = <0.1.0>');
    await say('', nodes[0] ?? '');
    await until(
      () => capture.actions('input-gap').length > 0,
      () => JSON.stringify(capture.events),
    );
    const documents = capture.actions('sys-metrics').map(({ service, mqtt }) => [service, mqtt?.broker]);
    const service = (node: string): object => ({
      node: { name: node },
      type: 'emqx',
      name: 'emqx',
      version: '5.8.9',
    });
    assert.deepEqual(
      documents,
      nodes.map((node, i) => [
        service(node),
        { uptime: 120, clients: { connected: 20 + i }, messages: { dropped: 200 + i } },
      ]),
    );
    const told = capture.events
      .map(({ event }) => event.action)
      .filter((action) => !/^(probe|sys)-/.test(action));
    assert.deepEqual(told, [
      'client-connected',
      'subscription-added',
      'subscription-removed',
      'client-disconnected',
      'alarm-raised',
      'broker-log',
      'input-gap',
    ]);
    const [gap] = capture.actions('input-gap');
    assert.equal(gap?.event.reason, 'node_gone');
    assert.deepEqual((gap?.service as { node?: object } | undefined)?.node, { name: nodes[1] });
  });
});
