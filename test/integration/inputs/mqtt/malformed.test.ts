import assert from 'node:assert/strict';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { startProbe } from '../../../support/in-process.ts';
import { client, MOSQUITTO, Mosquitto } from '../../../support/mosquitto.ts';
import { needs } from '../../../support/programs.ts';
import { tempDir } from '../../../support/temp.ts';
import { until } from '../../../support/wait.ts';

/** A PUBLISH with QoS 3 (MQTT 3.1.1 §3.3.1.2). */
const MALFORMED = Buffer.from([0x36, 5, 0, 1, 0x61, 0, 1]);

describe('mqtt input: a packet that is none', needs(...MOSQUITTO), () => {
  for (const protocol of ['3.1.1', '5'])
    it(`ends the connection: what came with it comes again (protocol ${protocol})`, async (t) => {
      const directory = tempDir(t);
      const broker = await Mosquitto.start(t, directory);
      // A Mosquitto sends none: it is put before what it sends next.
      let isDue = false;
      const ways: Socket[] = [];
      const proxy = createServer((near) => {
        const far = connect(broker.port, '127.0.0.1');
        ways.push(near, far);
        near.pipe(far).on('error', () => near.destroy());
        near.on('error', () => far.destroy()).on('close', () => far.destroy());
        far.on('close', () => near.destroy());
        far.on('data', (bytes) => {
          near.write(isDue ? Buffer.concat([MALFORMED, bytes]) : bytes);
          isDue = false;
        });
      });
      await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
      t.after(() => {
        proxy.close();
        for (const socket of ways) socket.destroy();
      });
      const { port } = proxy.address() as AddressInfo;
      const input = `inputs: {mirror: {type: mqtt, url: "mqtt://127.0.0.1:${port}", client_id: probe, protocol: "${protocol}", topics: 'plant/#'}}`;
      const { probe, capture } = await startProbe(t, directory, input);
      const ready = (): Promise<void> =>
        until(
          () => probe.status().ready,
          () => probe.status().problems.join(),
        );
      await ready();
      isDue = true;
      await client('mosquitto_pub', ['-p', `${broker.port}`, '-q', '1', '-t', 'plant/1', '-m', 'x']);
      await until(
        () => capture.actions('message-mirrored').length === 1,
        () => JSON.stringify(probe.status().problems),
        5000,
      );
      await ready();
      assert.equal(ways.length, 4);
      assert.deepEqual(
        capture.actions('input-gap').map((e) => e.event.reason),
        ['connection_lost'],
      );
    });
});

it('mqtt input: a broker that sends something of QoS 2 to a probe that stops while it connects', async (t) => {
  const sockets: Socket[] = [];
  const received: number[] = [];
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => {});
    socket.on('data', ([type = 0]) => received.push(type));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => server.close());
  const { port } = server.address() as AddressInfo;
  const input = `inputs: {mirror: {type: mqtt, url: "mqtt://127.0.0.1:${port}", protocol: "3.1.1", topics: 'plant/#'}}`;
  const { stop } = await startProbe(t, tempDir(t), input);
  await until(
    () => sockets.length === 1,
    () => 'no connection',
  );
  const stopped = stop();
  await delay(100);
  // CONNACK, PUBREL, and a PUBLISH.
  sockets[0]?.write(Buffer.of(0x20, 2, 0, 0, 0x62, 2, 0, 1, 0x34, 5, 0, 1, 0x61, 0, 1));
  await stopped;
  await delay(100);
  assert.deepEqual(received, [0x10], 'nothing is subscribed any more');
});
