import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dialect } from '../../../../src/brokers/mosquitto/index.ts';
import { collect, type Read, SEEN, STREAM } from '../../../support/mosquitto-reading.ts';

describe('Mosquitto: $SYS/broker/log', () => {
  it('messages of $SYS/broker/log: the topic tells the log type, and what a line about subscriptions is', () => {
    const events: Read[] = [];
    const session = dialect.open(STREAM, collect(events));
    const send = (letter: string, text: string): void =>
      session.message({
        topic: `$SYS/broker/log/${letter}`,
        payload: Buffer.from(text),
        qos: 2,
        retain: false,
        dup: false,
        seen: SEEN,
      });
    send('M/subscribe', '1795289455: Client admin disconnected. 2 a/b');
    send('M/unsubscribe', '1795289455: sensor-01 a/#');
    send('M/unsubscribe', '1795289455: Client admin disconnected.');
    send('N', '1795289455: Client admin disconnected.');
    send('E', '1795289455: words of a plugin');
    assert.deepEqual(
      events.map((e) => [e.action, e.level, e.values['mqtt.client.id'], e.marks]),
      [
        ['subscription-added', 'notice', 'Client admin disconnected.', undefined],
        ['subscription-removed', 'notice', 'sensor-01', undefined],
        ['subscription-removed', 'notice', undefined, 'ambiguous'],
        ['client-disconnected', 'notice', 'admin', undefined],
        ['broker-log', 'error', undefined, undefined],
      ],
    );
  });

  it('the first message of $SYS/broker/log is a subscription: the probe’s own is known, of another nothing is told', () => {
    for (const stamp of ['', '1795289455: ', '24/Nov/2026 10:00:00: ', 'Broker 10:00:00: ']) {
      for (const [topic, own, other] of [
        ['M/subscribe', 'own 1 $SYS/a 2 b', 'c1 1 a/b'],
        ['M/unsubscribe', 'own $SYS/retained messages/#', 'c1 a/b'],
      ] as const) {
        const first = (line: string): Read[] => {
          const events: Read[] = [];
          const session = dialect.open(STREAM, collect(events));
          for (const [letter, text] of [
            [topic, line],
            ['N', 'Client c1 disconnected.'],
          ]) {
            const payload = Buffer.from(stamp + text);
            const about = { qos: 2, retain: false, dup: false, seen: SEEN };
            session.message({ topic: `$SYS/broker/log/${letter}`, payload, ...about });
          }
          assert.deepEqual(
            [events[1]?.message, events[1]?.values['mqtt.client.id']],
            ['Client c1 disconnected.', 'c1'],
          );
          return events;
        };
        assert.equal(first(own)[0]?.values['mqtt.client.id'], 'own', stamp + own);
        const [event] = first(other);
        const isTold = !stamp.startsWith('Broker');
        assert.equal(event?.action, topic === 'M/subscribe' ? 'subscription-added' : 'subscription-removed');
        assert.deepEqual(
          [event?.values['mqtt.client.id'], event?.marks],
          isTold ? ['c1', undefined] : [undefined, 'ambiguous'],
        );
      }
    }
  });

  it('a message without a stamp among others is a message all the same: each came by itself', () => {
    const events: Read[] = [];
    const session = dialect.open(STREAM, collect(events));
    for (const [letter, text] of [
      ['N', '1795289455: New client connected from 10.0.0.5:51234 as sensor-1 (p2, c1, k60).'],
      ['M/subscribe', '1795289455: sensor-1 1 a/#'],
      ['N', 'Client sensor-1 has exceeded timeout, disconnecting.'],
      ['M/unsubscribe', 'sensor-1 a/#'],
      ['M/subscribe', '24/Nov/2026 10:00:00: sensor-1 1 a/#'],
      ['N', '1795289460: Client sensor-2 disconnected.'],
    ]) {
      const about = { qos: 2, retain: false, dup: false, seen: SEEN };
      session.message({ topic: `$SYS/broker/log/${letter}`, payload: Buffer.from(text ?? ''), ...about });
    }
    assert.deepEqual(
      events.map((e) => [e.action, e.values['mqtt.client.id'], e.marks]),
      [
        ['client-connected', 'sensor-1', undefined],
        ['subscription-added', 'sensor-1', undefined],
        ['client-disconnected', 'sensor-1', undefined],
        ['subscription-removed', 'sensor-1', undefined],
        ['subscription-added', undefined, 'ambiguous'],
        ['client-disconnected', 'sensor-2', undefined],
      ],
    );
  });
});
