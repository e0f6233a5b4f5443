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

/** A broker of MQTT 5 that asks for a ping every second, gives every message the same packet identifier, and loses connections. */
it('mqtt input: a message like one that the broker knows to be acknowledged is another one, though it comes again', async (t) => {
  const acknowledged: Socket[] = [];
  const pings: Socket[] = [];
  const connections: Socket[] = [];
  /** Topic `a`, packet identifier 1, payload `x`. */
  const publish = (isAgain: boolean): Buffer =>
    Buffer.of(isAgain ? 0x3a : 0x32, 7, 0, 1, 0x61, 0, 1, 0, 0x78);
  const server = createServer((socket) => {
    connections.push(socket);
    socket.on('error', () => {});
    socket.on('data', (bytes) => {
      for (let at = 0; at < bytes.length; at += 2 + (bytes[at + 1] ?? 0)) {
        const type = bytes[at] ?? 0;
        // CONNACK with Server Keep Alive, SUBACK, PINGRESP.
        if (type === 0x10) socket.write(Buffer.of(0x20, 6, connections.length > 1 ? 1 : 0, 0, 3, 0x13, 0, 1));
        else if (type === 0x82)
          socket.write(Buffer.of(0x90, 4, bytes[at + 2] ?? 0, bytes[at + 3] ?? 0, 0, 1));
        else if (type === 0xc0) {
          pings.push(socket);
          socket.write(Buffer.of(0xd0, 0));
        } else if (type === 0x40) acknowledged.push(socket);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.close();
    for (const socket of connections) socket.destroy();
  });
  const { port } = server.address() as AddressInfo;
  const input = `inputs: {mirror: {type: mqtt, url: "mqtt://127.0.0.1:${port}", topics: '#'}}`;
  const { probe, capture } = await startProbe(t, tempDir(t), input);
  const connected = (count: number): Promise<void> =>
    until(
      () => connections.length === count && probe.status().ready,
      () => probe.status().problems.join(),
    );
  const acknowledgements = (count: number): Promise<void> =>
    until(
      () => acknowledged.length === count,
      () => `${acknowledged.length} acknowledged`,
    );
  await connected(1);
  connections[0]?.write(publish(false));
  await acknowledgements(1);
  // Its PUBACK may have got lost: it is the same message.
  connections[0]?.destroy();
  await connected(2);
  connections[1]?.write(publish(true));
  await acknowledgements(2);
  assert.equal(capture.actions('message-mirrored').length, 1);
  const before = pings.length;
  await until(
    () => pings.length >= before + 2,
    () => 'no pings',
  );
  // It has not: the next message of that identifier got lost with the connection.
  connections[1]?.destroy();
  await connected(3);
  connections[2]?.write(publish(true));
  await acknowledgements(3);
  await until(
    () => capture.actions('message-mirrored').length === 2,
    () => 'a message is missing',
    3000,
  );
});
