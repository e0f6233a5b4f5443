import assert from 'node:assert/strict';
import type { Socket } from 'node:net';
import { describe, it } from 'node:test';
import { startProbe } from '../../../support/in-process.ts';
import { startMqttStandIn } from '../../../support/mqtt-stand-in.ts';
import { tempDir } from '../../../support/temp.ts';
import { until } from '../../../support/wait.ts';

const [CONNECT, PUBACK, SUBSCRIBE, PINGREQ] = [0x10, 0x40, 0x82, 0xc0];
/** With MQTT 5; the broker asks for a ping every second. */
const connack = (isPresent: boolean): Buffer => Buffer.of(0x20, 6, isPresent ? 1 : 0, 0, 3, 0x13, 0, 1);
const suback = (subscribe: Buffer, code: number): Buffer =>
  Buffer.of(0x90, 4, subscribe[2] ?? 0, subscribe[3] ?? 0, 0, code);
const PINGRESP = Buffer.of(0xd0, 0);

describe('mqtt input: what a real broker seldom does', () => {
  it('a message like one whose PUBACK the broker has read is another one, though it comes again', async (t) => {
    const acknowledged: Socket[] = [];
    const pings: Socket[] = [];
    /** Topic `a`, packet identifier 1, payload `x`. */
    const publish = (isAgain: boolean): Buffer =>
      Buffer.of(isAgain ? 0x3a : 0x32, 7, 0, 1, 0x61, 0, 1, 0, 0x78);
    const broker = await startMqttStandIn(t, (packet, socket) => {
      const [type] = packet;
      if (type === CONNECT) socket.write(connack(broker.connections.length > 1));
      else if (type === SUBSCRIBE) socket.write(suback(packet, 1));
      else if (type === PUBACK) acknowledged.push(socket);
      else if (type === PINGREQ) {
        pings.push(socket);
        socket.write(PINGRESP);
      }
    });
    const input = `inputs: {mirror: {type: mqtt, url: "mqtt://127.0.0.1:${broker.port}", topics: '#'}}`;
    const { probe, capture } = await startProbe(t, tempDir(t), input);
    const send = async (count: number, isAgain: boolean): Promise<void> => {
      await until(
        () => broker.connections.length === count && probe.status().ready,
        () => probe.status().problems.join(),
      );
      broker.connections.at(-1)?.write(publish(isAgain));
      await until(
        () => acknowledged.length === count,
        () => `${acknowledged.length} acknowledged`,
      );
    };
    await send(1, false);
    broker.connections[0]?.destroy();
    // Its PUBACK may have got lost: it is the same message.
    await send(2, true);
    assert.equal(capture.actions('message-mirrored').length, 1);
    const before = pings.length;
    await until(
      () => pings.length >= before + 2,
      () => 'no pings',
    );
    broker.connections[1]?.destroy();
    // It has not: the next message of that identifier got lost with the connection.
    await send(3, true);
    await until(
      () => capture.actions('message-mirrored').length === 2,
      () => 'a message is missing',
      3000,
    );
  });

  for (const [code, words] of [
    [143, /subscribe to "plant\/#": it takes no such filter \(code 143\)$/],
    [162, /subscribe to "plant\/#": it knows no wildcards \(code 162\)$/],
    [135, /subscribe to "plant\/#"; Mosquitto's acl_file: /],
  ] as const)
    it(`a subscription that is refused with ${code} is told with what that means`, async (t) => {
      const { port } = await startMqttStandIn(t, (packet, socket) => {
        if (packet[0] === CONNECT) socket.write(connack(false));
        else if (packet[0] === SUBSCRIBE) socket.write(suback(packet, code));
      });
      const input = `inputs: {mirror: {type: mqtt, url: "mqtt://127.0.0.1:${port}", topics: 'plant/#'}}`;
      const { probe } = await startProbe(t, tempDir(t), input);
      const problems = (): string => probe.status().problems.join();
      await until(() => words.test(problems()), problems, 5000);
    });
});
