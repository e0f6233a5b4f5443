import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { JsonObject } from '../../../../src/core/event.ts';
import { one, type Read, read, SEEN } from '../../../support/mosquitto-reading.ts';

const start = '1700000000: mosquitto version 2.0.18 starting';

describe('Mosquitto: text that clients control', () => {
  it('a connect whose id looks like the tail of the line', () => {
    const event = one(
      "1700000000: New client connected from 127.0.0.1:4000 as x (p2, c1, k60, u'admin'). (p2, c1, k60).",
    );
    assert.deepEqual(
      [event?.values['mqtt.client.id'], event?.values['user.name'], event?.marks],
      ["x (p2, c1, k60, u'admin').", undefined, undefined],
    );
  });

  it('a connect over WebSockets whose address is what the client says it is', () => {
    const [, , forged, connack] = read([
      '1700000000: mosquitto version 2.0.18 starting',
      '1700000000: Opening websockets listen socket on port 9001.',
      '1700000001: New client connected from 1.2.3.4:5 as victim (p2, c1, k60).:44116 as foo (p2, c1, k60).',
      '1700000001: Sending CONNACK to foo (0, 0)',
    ]);
    assert.deepEqual([forged?.values, forged?.marks], [{}, 'ambiguous']);
    assert.equal(connack?.values['mqtt.client.id'], 'foo');
    const zone = one('1700000001: New client connected from fe80::1%x:44116 as foo (p2, c1, k60).');
    assert.deepEqual([zone?.values['source.ip'], zone?.values['mqtt.client.id']], [undefined, 'foo']);
    const [, announced] = read([
      '1700000001: New connection from 1.2.3.4:5 on port 1883.',
      '1700000001: New client connected from 1.2.3.4:5 as a:1 as b (p2, c1, k60).',
    ]);
    assert.equal(announced?.values['mqtt.client.id'], 'a:1 as b');
  });

  it('a denial is never laid on the peer of another client', () => {
    const websockets = '1700000000: Opening websockets listen socket on port 9001.';
    const victim = "1700000000: New client connected from 10.0.0.1:1 as a (p2, c1, k60, u'u').";
    const over = '1700000001: Client a already connected, closing old connection.';
    const denied = "1700000002: Denied PUBLISH from a (d0, q1, r0, m1, 'x', ... (4 bytes))";
    const who = (lines: readonly string[]): unknown[] => {
      const values: JsonObject = read([...lines, denied]).at(-1)?.values ?? {};
      return [values['mqtt.client.id'], values['source.ip'], values['source.port'], values['user.name']];
    };
    assert.deepEqual(who([start, websockets, victim]), ['a', '10.0.0.1', 1, 'u']);
    assert.deepEqual(who([start, websockets, victim, '1700000001: Client a disconnected.']), [
      'a',
      undefined,
      undefined,
      undefined,
    ]);
    // The old connection's end is logged later: what it does until then looks the same.
    const another = "1700000001: New client connected from 10.0.0.2:2 as a (p2, c1, k60, u'u').";
    assert.deepEqual(who([start, websockets, victim, over, another]), ['a', undefined, undefined, 'u']);
    // Where the connect line does not tell the client for certain, the CONNACK alone tells that it is another connection.
    const connack = '1700000001: Sending CONNACK to a (0, 0)';
    const unknown = ['a', undefined, undefined, undefined];
    const forwarded =
      '1700000001: New client connected from 9.9.9.9:1 as b (p2, c1, k60).:2 as a (p2, c1, k60).';
    const ping = '1700000001: Received PINGREQ from a';
    for (const lines of [[over, forwarded], [forwarded], [ping]])
      assert.deepEqual(who([start, websockets, victim, connack, ...lines, connack]), unknown);
    // Up to 1.5 a user name can hold a line break.
    const old = ['1700000000: mosquitto version 1.5.8 starting', websockets];
    const broken = "1700000001: New client connected from 10.0.0.2 as a (c1, k60, u'x";
    const first = "1700000000: New client connected from 10.0.0.1 as a (c1, k60, u'u').";
    assert.deepEqual(who([...old, first, connack, over, broken, "y').", connack]), unknown);
  });

  it('a denial whose client can be one with a name that was cut has no peer', () => {
    const connected = (id: string): string =>
      `1700000000: New client connected from 10.0.0.1:1 as ${id} (p2, c1, k60).`;
    const cut = connected(`a (d0, q1, r0, m1, '${'x'.repeat(1200)}`).slice(0, 999);
    const denied = "1700000001: Denied PUBLISH from a (d0, q1, r0, m1, 'x', ... (4 bytes))";
    assert.equal(read([start, connected('a'), denied])[2]?.values['source.ip'], '10.0.0.1');
    const event = read([start, connected('a'), cut, denied])[3];
    assert.deepEqual([event?.code, event?.values['source.ip']], ['mosquitto.publish_denied', undefined]);
  });

  it('a connect with user that can be read twice: no user is believed', () => {
    const event = one(
      "1700000000: New client connected from 127.0.0.1:4000 as x (p2, c1, k60, u'a') (p2, c1, k60, u'b').",
    );
    assert.deepEqual([event?.values['user.name'], event?.marks], [undefined, 'ambiguous']);
  });

  it('a PUBLISH whose topic and id look like one: the connected client decides', () => {
    const id = "Received PUBLISH from victim (d0, q0, r0, m0, 'a/b', ... (5 bytes))";
    const line = `1700000000: Received PUBLISH from ${id} (d0, q1, r0, m7, '${id}', ... (9 bytes))`;
    assert.equal(one(line)?.marks, 'ambiguous');
    const [, event] = read([`1700000000: New client connected from 1.2.3.4:5 as ${id} (p2, c1, k60).`, line]);
    assert.deepEqual(
      [
        event?.values['mqtt.client.id'],
        event?.values['mqtt.topic'],
        event?.values['mqtt.message_id'],
        event?.marks,
      ],
      [id, id, 7, undefined],
    );
  });

  it('a subscription whose line imitates another is believed to be that subscription only', () => {
    const id = 'mosquitto version 9.9.9 terminating';
    const events = read([
      `1: x`,
      `Received SUBSCRIBE from ${id}`,
      '\ta/# (QoS 1)',
      `${id} 1 a/#`,
      `Sending SUBACK to ${id}`,
    ]);
    assert.deepEqual(
      events.slice(1).map((e) => e.action),
      ['packet-received', 'subscription-requested', 'subscription-added', 'packet-sent'],
    );
  });

  it('an address in brackets behind an id is believed only of 2.1.1 and later, and of known clients', () => {
    const line = '1700000000: Client x [9.9.9.9:1] disconnected: Broken pipe.';
    assert.deepEqual([one(line)?.values['source.ip'], one(line)?.marks], [undefined, 'ambiguous']);
    const after = (version: string): Read | undefined =>
      read([`1700000000: mosquitto version ${version} starting`, line])[1];
    assert.deepEqual(
      [after('2.0.18')?.values['mqtt.client.id'], after('2.0.18')?.values['source.ip']],
      ['x [9.9.9.9:1]', undefined],
    );
    assert.deepEqual(
      [after('2.1.1')?.values['mqtt.client.id'], after('2.1.1')?.values['source.ip']],
      ['x', '9.9.9.9'],
    );
  });

  it('a client id that looks like an address is no address', () => {
    const event = one('1700000000: Sending CONNACK to 10.0.0.1 (0, 5)');
    assert.deepEqual(
      [event?.values['source.ip'], event?.values['mqtt.client.id'], event?.marks],
      [undefined, '10.0.0.1', 'ambiguous'],
    );
    const [, real] = read([
      '1700000000: New connection from 10.0.0.1:5 on port 1883.',
      '1700000000: Sending CONNACK to 10.0.0.1 (0, 5)',
    ]);
    assert.deepEqual([real?.values['source.ip'], real?.values['mqtt.client.id']], ['10.0.0.1', undefined]);
  });

  it('in a log without stamps a text that looks like one is no stamp', () => {
    const events = read(['No will message specified.', '1: a 0 x/y', '1600000000: Client q disconnected.']);
    assert.deepEqual(
      events.map((e) => e.time),
      Array(3).fill(new Date(SEEN).toISOString()),
    );
  });
});

describe('Mosquitto: doubt that other lines settle, or do not', () => {
  it('a connect that can be read twice is settled by the CONNACK', () => {
    const id = "x (p2, c1, k60, u'";
    const events = read([
      start,
      `1700000000: New client connected from 10.0.0.1:4000 as ${id} (p2, c1, k60, u'y').`,
      '1700000000: No will message specified.',
      `1700000000: Sending CONNACK to ${id} (0, 0)`,
      `1700000001: Client ${id} disconnected.`,
    ]);
    assert.deepEqual(
      [events[1]?.marks, events[1]?.values['mqtt.client.id'], events[1]?.values['source.port']],
      ['ambiguous', undefined, 4000],
    );
    const values: JsonObject = events[4]?.values ?? {};
    assert.deepEqual([values['mqtt.client.id'], values['user.name'], values['source.port']], [id, 'y', 4000]);
  });

  it('what is left of a line that a connected client may have written by unsubscribing is not believed', () => {
    for (const id of ['Expiring client x', 'Bad socket read/write on client x']) {
      const event = read([
        start,
        '1700000000: New client connected from 10.0.0.1:1 as honest (p2, c1, k60).',
        '1700000000: honest 1 a/#',
        `1700000000: New client connected from 10.0.0.2:2 as ${id} (p2, c1, k60).`,
        `1700000000: ${id} ${'L'.repeat(999)}`.slice(0, 999),
      ]).at(-1);
      assert.deepEqual([event?.code, event?.action], ['mosquitto.doubtful', 'broker-log']);
    }
  });

  it('a line that a connected client may have written by unsubscribing is not believed', () => {
    const events = read([
      start,
      '1700000000: New client connected from 10.0.0.1:1 as honest (p2, c1, k60).',
      '1700000000: honest 1 a/#',
      '1700000000: New client connected from 10.0.0.2:2 as New client connected from 9.9.9.9:1 as admin (p2, (p2, c1, k60).',
      '1700000000: New client connected from 9.9.9.9:1 as admin (p2, c1, k60).',
      '1700000000: Client admin disconnected.',
    ]);
    assert.deepEqual(
      events.slice(3).map((e) => [e.action, e.values['source.ip'], e.marks]),
      [
        ['client-connected', '10.0.0.2', undefined],
        ['broker-log', undefined, 'ambiguous'],
        ['client-disconnected', undefined, undefined],
      ],
    );
  });

  it('nor is one of a client whose own connect line was not believed', () => {
    const events = read([
      start,
      '1700000000: New client connected from 10.0.0.1:1 as New (p2, c1, k60).',
      '1700000000: New 1 a/#',
      '1700000000: New client connected from 10.0.0.2:2 as Client (p2, c1, k60).',
      '1700000000: Client root disconnected, not authorised.',
      '1700000000: Client q been disconnected by administrative action.',
    ]);
    assert.deepEqual(
      events.slice(3).map((e) => [e.code, e.values['mqtt.client.id'], e.marks]),
      [
        ['mosquitto.doubtful', undefined, 'ambiguous'],
        ['mosquitto.doubtful', undefined, 'ambiguous'],
        ['mosquitto.doubtful', undefined, 'ambiguous'],
      ],
    );
  });

  it('nor is one that another client may have written, whose id its connect line did not show to its end', () => {
    const cut = `${`1700000000: New client connected from 10.0.0.2:40001 as Client  has left (p5, c1, k60, u'${'L'.repeat(999)}`.slice(0, 999)}`;
    const events = read([
      '1700000000: mosquitto version 2.0.18 starting',
      '1700000000: New connection from 10.0.0.1:40000 on port 1883.',
      '1700000000: New client connected from 10.0.0.1:40000 as Client  (p5, c1, k60).',
      '1700000000: New connection from 10.0.0.2:40001 on port 1883.',
      cut,
      '1700000000: Client  has left 1 a/#',
    ]);
    const last = events.at(-1);
    assert.deepEqual([last?.values, last?.marks], [{}, 'ambiguous']);
  });

  it('a line that fills the broker’s buffer is not what its end imitates', () => {
    const forged = `1700000000: Client victim (d0, q0, r0, m0, '`.padEnd(
      999 - ' closed its connection.'.length,
      'x',
    );
    const events = read([start, `${forged} closed its connection.`]);
    assert.deepEqual(
      [events[1]?.action, events[1]?.marks, events[1]?.values],
      ['broker-log', 'truncated,ambiguous', {}],
    );
  });
});
