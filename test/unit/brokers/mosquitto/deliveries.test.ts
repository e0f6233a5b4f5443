import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dialect } from '../../../../src/brokers/mosquitto/index.ts';
import type { Delivery } from '../../../../src/core/dialect.ts';

/** Who published what was sent to the probe, by the log alone: `packet id:publisher`, `?` where it is not certain. */
function publishers(log: string): string[] {
  const told: Delivery[] = [];
  const stream = {
    ownClients: new Set(['probe']),
    topicRoot: 2,
    deliveries: (delivery: Delivery) => void told.push(delivery),
  };
  const session = dialect.open(stream, () => {});
  for (const line of log.trim().split('\n')) session.line(`1795532077: ${line.trim()}`, 0, 0);
  return told.map(({ packetId, publisher }) => `${packetId ?? 0}:${publisher?.client ?? '?'}`);
}

const received = (client: string, id: number, topic = 't', qos = 1, retain = 0): string =>
  `Received PUBLISH from ${client} (d0, q${qos}, r${retain}, m${id}, '${topic}', ... (5 bytes))`;
const sending = (id: number, topic = 't', client = 'probe', flags = 'd0, q1, r0'): string =>
  `Sending PUBLISH to ${client} (${flags}, m${id}, '${topic}', ... (5 bytes))`;
const puback = (id: number): string => `Received PUBACK from probe (Mid: ${id}, RC:0)`;
const JOINED = 'Sending CONNACK to probe (0, 0)';
const log = (...lines: string[]): string => lines.join('\n');

describe('publishers of what a Mosquitto sends to the probe', () => {
  it('the line before names the publisher, also behind other receivers', () => {
    const lines = log(
      received('a', 1),
      sending(9, 't', 'x'),
      sending(1),
      sending(4, 't', 'y'),
      received('b', 7),
      sending(2),
    );
    assert.deepEqual(publishers(lines), ['1:a', '2:b']);
  });

  it('QoS 2 is handed out after the PUBREL', () => {
    const lines = log(
      received('a', 1, 't', 2),
      'Sending PUBREC to a (m1, rc0)',
      received('b', 1, 't', 2),
      'Sending PUBREC to b (m1, rc0)',
      'Received PUBREL from b (Mid: 1)',
      sending(1),
      'Sending PUBCOMP to b (m1)',
      'Received PUBREL from a (Mid: 1)',
      sending(2),
    );
    assert.deepEqual(publishers(lines), ['1:b', '2:a']);
  });

  it('another topic or size, a line between, a will, a retained message: nobody', () => {
    assert.deepEqual(publishers(log(received('a', 1), sending(1, 'u'))), ['1:?']);
    assert.deepEqual(publishers(log(received('a', 1), 'Sending PUBACK to a (m1, rc0)', sending(1))), ['1:?']);
    assert.deepEqual(publishers(log(JOINED, 'Client z closed its connection.', sending(1))), ['1:?']);
    const subscribed = log(
      'Received SUBSCRIBE from probe',
      '\t# (QoS 1)',
      'probe 1 #',
      'Sending SUBACK to probe',
    );
    assert.deepEqual(publishers(log(JOINED, subscribed, sending(1, 't', 'probe', 'd0, q1, r1'))), ['1:?']);
  });

  it('what waited in the queue is certain when one publisher alone can have sent it', () => {
    const queue = log(
      JOINED,
      received('a', 1),
      received('b', 1, 'u'),
      received('b', 2, 'u'),
      received('c', 1, 'v'),
    );
    const sent = log(puback(9), sending(1), sending(2, 'u'), sending(3, 'u'), sending(4, 'v'));
    assert.deepEqual(publishers(log(queue, sent)), ['1:a', '2:b', '3:b', '4:c']);
    const two = log(JOINED, received('a', 1), received('b', 1));
    assert.deepEqual(publishers(log(two, puback(9), sending(1), sending(2))), ['1:?', '2:?']);
  });

  it('nothing is said of a queue that the log has not told from its beginning', () => {
    assert.deepEqual(publishers(log(received('a', 1), puback(9), sending(1))), ['1:?']);
    const dropped = 'Outgoing messages are being dropped for client probe.';
    assert.deepEqual(publishers(log(JOINED, received('a', 1), dropped, puback(9), sending(1))), ['1:?']);
    const restarted = 'mosquitto version 2.0.18 starting';
    assert.deepEqual(publishers(log(JOINED, received('a', 1), restarted, puback(9), sending(1))), ['1:?']);
    const resumed = 'Sending CONNACK to probe (1, 0)';
    assert.deepEqual(publishers(log(resumed, received('a', 1), puback(9), sending(1))), ['1:?']);
    assert.deepEqual(
      publishers(
        log(resumed, received('a', 1), sending(1), received('b', 1, 'u'), puback(1), sending(2, 'u')),
      ),
      ['1:a', '2:b'],
    );
  });

  it('what is sent again after a reconnect has the publisher that it had', () => {
    const lines = log(
      JOINED,
      received('a', 1),
      sending(1),
      received('b', 1),
      sending(2),
      'Client probe closed its connection.',
      'Sending CONNACK to probe (1, 0)',
      sending(1, 't', 'probe', 'd1, q1, r0'),
      sending(2, 't', 'probe', 'd1, q1, r0'),
    );
    assert.deepEqual(publishers(lines), ['1:a', '2:b', '1:a', '2:b']);
  });

  it('a connection that is going: the message before is tried again in the place of the one in hand', () => {
    const lines = log(
      JOINED,
      received('a', 1),
      sending(1),
      received('b', 1),
      sending(1),
      'Client probe closed its connection.',
      'Sending CONNACK to probe (1, 0)',
      sending(1),
      sending(2),
    );
    assert.deepEqual(publishers(lines), ['1:a', '1:a', '1:a', '2:b']);
  });
});
