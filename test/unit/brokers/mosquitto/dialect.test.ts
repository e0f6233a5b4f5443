import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dialect } from '../../../../src/brokers/mosquitto/index.ts';
import type { JsonObject } from '../../../../src/core/event.ts';
import { one, type Read, read, SEEN, STREAM } from '../../../support/mosquitto-reading.ts';

describe('Mosquitto: what lines tell of each other', () => {
  const start = '1700000000: mosquitto version 2.0.18 starting';
  const opened = (ip: string, port: number): string =>
    `1700000000: New connection from ${ip}:${port} on port 1883.`;

  it('the end of a connection has peer, user, protocol and times of its begin; unknown ones are absent', () => {
    const [, , end, other] = read([
      start,
      "1700000000: New client connected from 10.0.0.1:4000 as a (p5, c1, k60, u'u').",
      '1700000090: Client a has exceeded timeout, disconnecting.',
      '1700000091: Client b closed its connection.',
    ]);
    assert.deepEqual(end?.values, {
      'event.reason': 'keep_alive_timeout',
      'mqtt.client.id': 'a',
      'source.ip': '10.0.0.1',
      'source.port': 4000,
      'user.name': 'u',
      'mqtt.protocol_version': '5.0',
      'event.start': '2023-11-14T22:13:20.000Z',
      'event.end': '2023-11-14T22:14:50.000Z',
      'event.duration': 90_000_000_000,
    });
    assert.deepEqual(other?.values, { 'event.reason': 'connection_lost', 'mqtt.client.id': 'b' });
  });

  it('a denial has peer and user of the connected client; unknown ones are absent', () => {
    const who = { 'source.ip': '10.0.0.1', 'source.port': 4000, 'user.name': 'u"' };
    const denials = (client: string): Record<string, unknown>[] =>
      read([
        start,
        opened('10.0.0.1', 4000),
        `1700000000: New client connected from 10.0.0.1:4000 as a (p5, c1, k60, u'u"').`,
        `1700000001: Denied PUBLISH from ${client} (d0, q1, r0, m1, 'x/y', ... (4 bytes))`,
        `1700000001: Denied PUBLISH to ${client} (q1, r0, 'x/y', ... (4 bytes))`,
        `1700000001: Received SUBSCRIBE from ${client}`,
        '1700000001: \tx (QoS 1)',
        `1700000001: ${client} 1 x`,
        '1700000001: \ty (QoS 1)',
        '1700000001: \tz (denied)',
        `1700000001: Sending SUBACK to ${client}`,
      ])
        .filter(({ action }) => action.endsWith('-denied'))
        .map(({ code, values }) => ({
          code,
          'mqtt.client.id': values['mqtt.client.id'],
          'source.ip': values['source.ip'],
          'source.port': values['source.port'],
          'user.name': values['user.name'],
        }));
    const codes = ['publish_denied', 'delivery_denied', 'subscription_not_granted', 'subscription_denied'];
    assert.deepEqual(
      denials('a'),
      codes.map((code) => ({ code: `mosquitto.${code}`, 'mqtt.client.id': 'a', ...who })),
    );
    const nobody = { 'source.ip': undefined, 'source.port': undefined, 'user.name': undefined };
    assert.deepEqual(
      denials('b'),
      codes.map((code) => ({ code: `mosquitto.${code}`, 'mqtt.client.id': 'b', ...nobody })),
    );
  });

  it('a denial behind a line that is cut has peer and user where the client is certain', () => {
    const line = `1700000001: Denied PUBLISH from a (d0, q1, r0, m1, '${'x'.repeat(1200)}`;
    const [, , event] = read([
      start,
      "1700000000: New client connected from 10.0.0.1:1 as a (p2, c1, k60, u'u').",
      line.slice(0, 999),
    ]);
    assert.deepEqual(
      [event?.code, event?.marks, event?.values['source.ip'], event?.values['user.name']],
      ['mosquitto.publish_denied', 'truncated', '10.0.0.1', 'u'],
    );
  });

  it('a refused login has the address only where no other connection can be meant', () => {
    const refused = '1700000000: Client a disconnected, not authorised.';
    const address = (lines: readonly string[]): unknown => read(lines).at(-1)?.values['source.ip'];
    assert.equal(address([start, opened('10.0.0.1', 1), refused]), '10.0.0.1');
    assert.equal(address([start, opened('10.0.0.1', 1), opened('10.0.0.2', 2), refused]), undefined);
    assert.equal(address([start, opened('10.0.0.1', 1), opened('10.0.0.1', 2), refused]), '10.0.0.1');
    assert.equal(address([opened('10.0.0.1', 1), refused]), undefined);
    const websockets = '1700000000: Opening websockets listen socket on port 9001.';
    assert.equal(address([start, websockets, opened('10.0.0.1', 1), refused]), undefined);
    const connected = '1700000000: New client connected from 10.0.0.1:1 as b (p2, c1, k60).';
    assert.equal(
      address([start, opened('10.0.0.1', 1), connected, opened('10.0.0.2', 2), refused]),
      '10.0.0.2',
    );
  });

  it('a client that is called as the broker calls nobody: its end is its own while no other connection waits', () => {
    const connected = '1700000000: New client connected from 10.0.0.1:1 as <unknown> (p2, c1, k60).';
    const end = '1700000001: Client <unknown> closed its connection.';
    const lines = [start, opened('10.0.0.1', 1), connected, end];
    const own = read(lines).at(-1);
    assert.deepEqual([own?.values['mqtt.client.id'], own?.values['source.port']], ['<unknown>', 1]);
    const after = read([...lines, opened('10.0.0.2', 2), end]).at(-1);
    assert.deepEqual([after?.values['mqtt.client.id'], after?.values['source.ip']], [undefined, '10.0.0.2']);
    const either = read([start, opened('10.0.0.1', 1), connected, opened('10.0.0.2', 2), end]).at(-1);
    assert.deepEqual([either?.values, either?.marks], [{ 'event.reason': 'connection_lost' }, 'ambiguous']);
    const refused = read([
      '1700000000: Opening websockets listen socket on port 9001.',
      connected,
      opened('10.0.0.2', 2),
      '1700000001: Sending CONNACK to 10.0.0.2 (0, 5)',
      '1700000001: Client <unknown> disconnected, not authorised.',
    ]).at(-1);
    assert.deepEqual([refused?.values['source.ip'], refused?.marks], ['10.0.0.2', undefined]);
    const named = read([
      '1700000000: Opening websockets listen socket on port 9001.',
      connected,
      '1700000001: Invalid protocol "x" in CONNECT from 10.0.0.3.',
      '1700000001: Client <unknown> disconnected due to protocol error.',
    ]).at(-1);
    assert.deepEqual([named?.values['source.ip'], named?.marks], ['10.0.0.3', undefined]);
  });

  it('2.1.0 calls a connection without client id by its address, as a client may call itself', () => {
    const start21 = '1700000000: mosquitto version 2.1.0 starting';
    const end = '1700000001: Client 10.0.0.1 disconnected due to protocol error.';
    const ended = (...lines: string[]): unknown[] => {
      const event = read([...lines, end]).at(-1);
      const { values, marks } = event ?? {};
      return [values?.['mqtt.client.id'], values?.['source.ip'], values?.['source.port'], marks];
    };
    const nobody = [undefined, '10.0.0.1', 5, undefined];
    assert.deepEqual(ended(start21, opened('10.0.0.1', 5)), nobody);
    assert.deepEqual(ended(start21, opened('10.0.0.1', 5), opened('10.0.0.2', 6)), nobody);
    const unseen = [undefined, '10.0.0.1', undefined, undefined];
    assert.deepEqual(ended(start21), unseen);
    const refused = '1700000001: Sending CONNACK to 10.0.0.1 (0, 5)';
    assert.deepEqual(ended(start21, opened('10.0.0.1', 5), refused), nobody);
    const connected = '1700000000: New client connected from 10.0.0.9:1 as 10.0.0.1 (p4, c1, k60).';
    const named = ['10.0.0.1', '10.0.0.9', 1, undefined];
    assert.deepEqual(ended(start21, opened('10.0.0.9', 1), connected), named);
    const either = [undefined, undefined, undefined, 'ambiguous'];
    assert.deepEqual(ended(start21, opened('10.0.0.9', 1), connected, opened('10.0.0.1', 5)), either);
    // Other versions have a word of their own for such a connection: this is a client's id.
    assert.deepEqual(ended(start, opened('10.0.0.1', 5)), ['10.0.0.1', undefined, undefined, undefined]);
  });

  it('an end that is told twice, the second time of nobody, is not the end of a connection that waits', () => {
    const [end, echo, other] = read([
      start,
      opened('10.0.0.1', 1),
      '1700000000: New client connected from 10.0.0.1:1 as a (p5, c1, k60).',
      opened('10.0.0.2', 2),
      '1700000001: Client a disconnected due to protocol error.',
      '1700000001: Client <unknown> disconnected due to protocol error.',
      '1700000002: Client <unknown> closed its connection.',
    ]).slice(-3);
    assert.equal(end?.values['source.ip'], '10.0.0.1');
    assert.deepEqual(echo?.values, { 'event.reason': 'protocol_error' });
    assert.deepEqual(other?.values, { 'event.reason': 'connection_lost' });
  });

  it('the end of a session whose client has left before is no end of a connection', () => {
    const last = (version: string, ...lines: string[]): unknown[] => {
      const start = `mosquitto version ${version} starting`;
      const event = read([start, ...lines].map((text) => `1700000000: ${text}`)).at(-1);
      return [event?.action, event?.values['mqtt.client.id'], event?.values['event.duration']];
    };
    const none = ['broker-log', 'a', undefined];
    const own = ['client-disconnected', 'a', 0];
    const came = 'New client connected from 10.0.0.1:5 as a (p4, c0, k60).';
    const closed = 'Client a [10.0.0.1:5] disconnected: connection closed by client.';
    const taken = 'Client a [10.0.0.1:5] disconnected: session taken over.';
    assert.deepEqual(last('2.1.2', came, closed, taken), none);
    assert.deepEqual(last('2.1.2', came, taken), own);
    assert.deepEqual(last('2.1.2', came, closed, came, taken), own);
    const five = 'New client connected from 10.0.0.1:5 as a (p5, c1, k60).';
    assert.deepEqual(last('2.1.2', five, closed, taken), none);
    // A reload tells of sessions without connection, also of those that a restart has found on disk.
    const before = 'New client connected from 10.0.0.1:5 as a (p2, c0, k60).';
    const normal = 'Client a disconnected.';
    assert.deepEqual(last('2.0.22', before, normal, 'Reloading config.', normal), none);
    assert.deepEqual(last('2.0.22', before, 'mosquitto version 2.0.22 starting', normal), none);
    assert.deepEqual(last('2.0.22', before, normal, before, normal), own);
    // 1.4 ends the old session when its client comes back.
    const old = 'New client connected from 10.0.0.1 as a (c0, k60).';
    assert.deepEqual(last('1.4.15', old, 'Socket error on client a, disconnecting.', normal), none);
    // Nothing is known of a client that has come before the log begins.
    assert.deepEqual(last('2.0.22', normal), ['client-disconnected', 'a', undefined]);
  });

  it('a timeout that 1.5 tells in two lines is one end', () => {
    const connected = '1700000000: New client connected from 10.0.0.1 as a (c1, k60).';
    const timeout = '1700000090: Client a has exceeded timeout, disconnecting.';
    const socket = (id: string): string => `1700000090: Socket error on client ${id}, disconnecting.`;
    const ends = (...lines: string[]): unknown[] =>
      read(lines)
        .slice(1)
        .map(({ code, action, values }) => [code.slice(10), action, values['mqtt.client.id']]);
    const end = ['client_timeout', 'client-disconnected', 'a'];
    assert.deepEqual(ends(connected, timeout, socket('a')), [end, ['socket_error', 'broker-log', 'a']]);
    assert.deepEqual(ends(connected, timeout, socket('b')), [
      end,
      ['socket_error', 'client-disconnected', 'b'],
    ]);
    assert.deepEqual(ends(connected, timeout, connected, socket('a')).at(-1), [
      'socket_error',
      'client-disconnected',
      'a',
    ]);
    // Nor does the second line take another connection for the one that has ended.
    const open = (ip: string): string => `1700000000: New connection from ${ip} on port 1883.`;
    const nobody = '1700000090: Client <unknown> has exceeded timeout, disconnecting.';
    const start15 = '1700000000: mosquitto version 1.5.8 starting';
    const unnamed = read([start15, open('10.0.0.1'), nobody, open('10.0.0.2'), nobody, socket('<unknown>')]);
    assert.deepEqual(
      unnamed.slice(4).map(({ action, values }) => [action, values['source.ip']]),
      [
        ['client-disconnected', '10.0.0.2'],
        ['broker-log', undefined],
      ],
    );
    const health = read([
      start15,
      open('10.0.0.1'),
      socket('<unknown>'),
      open('10.0.0.2'),
      socket('<unknown>'),
    ]);
    assert.deepEqual(
      health.slice(2).map(({ action, values }) => [action, values['source.ip']]),
      [
        ['client-disconnected', '10.0.0.1'],
        ['network-connection-opened', '10.0.0.2'],
        ['client-disconnected', '10.0.0.2'],
      ],
    );
    assert.deepEqual(ends(connected, socket('a'), socket('a')), [
      ['socket_error', 'client-disconnected', 'a'],
      ['socket_error', 'client-disconnected', 'a'],
    ]);
  });

  it('the last words of 2.0 for a socket end a connection', () => {
    const [, , , bad, none] = read([
      start,
      opened('10.0.0.1', 1),
      '1700000000: New client connected from 10.0.0.1:1 as a (p5, c1, k60).',
      '1700000004: Bad socket read/write on client a: Unknown error.',
      '1700000005: Bad socket read/write on client <unknown>: Malformed UTF-8',
    ]);
    assert.deepEqual(
      [bad?.action, bad?.values['event.reason'], bad?.values['source.port'], bad?.values['event.duration']],
      ['client-disconnected', 'socket_error', 1, 4_000_000_000],
    );
    assert.equal(none?.values['mqtt.client.id'], undefined);
  });

  it('a connection that is refused with the id of a connected client does not end that client', () => {
    const allowed = '(QoS too high, retain not supported, or bad AUTH method).';
    const lines = (refusal: readonly string[], end: string): Read[] =>
      read([
        start,
        opened('10.0.0.1', 1),
        '1700000000: New client connected from 10.0.0.1:1 as a (p5, c1, k60).',
        opened('10.0.0.2', 2),
        ...refusal,
        end,
      ]).slice(-2);
    const [refused, own] = lines(
      [
        '1700000001: Sending CONNACK to a (0, 140)',
        `1700000001: Client a disconnected due to using not allowed feature ${allowed}`,
      ],
      '1700000002: Client a closed its connection.',
    );
    assert.deepEqual(
      [refused?.action, refused?.values['source.ip'], refused?.values['event.start']],
      ['client-connection-rejected', '10.0.0.2', undefined],
    );
    assert.deepEqual([own?.action, own?.values['source.ip']], ['client-disconnected', '10.0.0.1']);
    const [untold, still] = lines(
      [`1700000001: Client a disconnected due to using not allowed feature ${allowed}`],
      '1700000002: Client a closed its connection.',
    );
    assert.deepEqual([untold?.values['source.ip'], still?.values['source.ip']], [undefined, '10.0.0.1']);
    const [peer, last] = lines(
      ['1700000001: Client a [10.0.0.2:2] disconnected: connection closed by client.'],
      '1700000002: Client a [10.0.0.1:1] disconnected: connection closed by client.',
    );
    assert.deepEqual(
      [peer?.action, peer?.values['event.start'], last?.values['event.start']],
      ['client-connection-rejected', undefined, '2023-11-14T22:13:20.000Z'],
    );
  });

  it('a connection without address: of a bridge, or behind a proxy', () => {
    const end = (text: string): Read | undefined =>
      read(['1700000000: mosquitto version 2.1.2 starting', opened('10.0.0.1', 1), `1700000001: ${text}`]).at(
        -1,
      );
    const bridge = end('Client local.b [(null):0] disconnected: connection closed by client.');
    assert.deepEqual(bridge?.values, { 'event.reason': 'connection_lost', 'mqtt.client.id': 'local.b' });
    assert.equal(bridge?.action, 'bridge-disconnected');
    const nobody = end('Client (null) [(null):0] disconnected: bad socket read/write: Invalid input');
    assert.deepEqual(nobody?.values, { 'event.reason': 'socket_error', 'error.message': 'Invalid input' });
    const unbound = end('Client a [:0] disconnected: exceeded timeout.');
    assert.deepEqual(unbound?.values, { 'event.reason': 'keep_alive_timeout', 'mqtt.client.id': 'a' });
    const full = end('Client connection from (null) denied: max_connections exceeded.');
    assert.deepEqual(
      [full?.action, full?.values],
      ['client-connection-rejected', { 'event.reason': 'quota_exceeded' }],
    );
  });

  it('a bridge that could not send its CONNECT has its id where the line before tells it', () => {
    const failed = '1700000000: Error creating bridge: Broken pipe.';
    const [, told] = read(['1700000000: Bridge vm.b sending CONNECT', failed]);
    assert.deepEqual(told?.values, { 'mqtt.client.id': 'vm.b', 'error.message': 'Broken pipe' });
    assert.deepEqual(one(failed)?.values, { 'error.message': 'Broken pipe' });
  });

  it('a bridge that fails at once has its name and its other broker', () => {
    const failed = '1700000000: Error creating bridge: Name does not resolve.';
    const connecting = '1700000000: Connecting bridge cloud (broker.example.org:8883)';
    const bridge = {
      'mqtt.bridge.name': 'cloud',
      'destination.address': 'broker.example.org',
      'destination.port': 8883,
    };
    const error = { 'error.message': 'Name does not resolve' };
    assert.deepEqual(read([connecting, failed])[1]?.values, { ...error, ...bridge });
    assert.deepEqual(read([connecting, '1700000000: Bridge vm.cloud sending CONNECT', failed])[2]?.values, {
      'mqtt.client.id': 'vm.cloud',
      ...error,
      ...bridge,
    });
    const between = '1700000000: mosquitto version 2.0.20 running';
    assert.deepEqual(read([connecting, between, failed])[2]?.values, error);
    // Where names are looked up in the background, another bridge's line may follow.
    const step = '1700000000: Connecting bridge (step 1) cloud (broker.example.org:8883)';
    assert.deepEqual(read([step, failed])[1]?.values, error);
  });

  it('the end of a bridge’s own connection is none of a client, since the other broker’s answer is known', () => {
    const [, , connected, end] = read([
      start,
      '1700000000: Received CONNACK on connection local.b.',
      '1700000000: Bridge local.b sending SUBSCRIBE (Mid: 1, Topic: a/#, QoS: 1, Options: 0x2c)',
      '1700000009: Client local.b closed its connection.',
    ]).filter((event) => event.code !== 'mosquitto.bridge_subscribe_sent');
    assert.equal(connected?.action, 'bridge-connected');
    assert.deepEqual(
      [end?.action, end?.values['mqtt.client.id'], end?.values['event.duration']],
      ['bridge-disconnected', 'local.b', 9_000_000_000],
    );
    const idle = one('1700000000: Bridge connection local.b has exceeded idle timeout, disconnecting.');
    assert.deepEqual([idle?.action, idle?.values], ['bridge-disconnected', { 'mqtt.client.id': 'local.b' }]);
  });

  it('a bridge that the other broker refuses for its version of MQTT, or at once, is not connected', () => {
    const connack = '1700000000: Received CONNACK on connection local.b.';
    const downgrade = 'Warning: Remote bridge b does not support MQTT v5.0, reconnecting using MQTT v3.1.1.';
    const actions = (...lines: string[]): string[] =>
      read([connack, ...lines.map((text) => `1700000000: ${text}`)]).map(({ action }) => action);
    const end = 'Client local.b disconnected due to protocol error.';
    assert.deepEqual(actions(downgrade, end), ['packet-received', 'broker-log', 'bridge-disconnected']);
    assert.deepEqual(actions(end), ['packet-received', 'bridge-disconnected']);
    assert.equal(actions('Client local.bb closed its connection.')[1], 'bridge-connected');
  });

  it('a session that was kept over a restart of the broker, and is taken over, is neither a bridge nor a connection', () => {
    const end = (words: string): unknown[] => {
      const event = one(`1700000000: Client keeper [(null):0] disconnected: ${words}.`);
      return [event?.action, event?.values];
    };
    const taken = { 'event.reason': 'session_taken_over', 'mqtt.client.id': 'keeper' };
    assert.deepEqual(end('session taken over'), ['broker-log', taken]);
    assert.equal(end('connection closed by client')[0], 'bridge-disconnected');
  });

  it('a connected client that sends a CONNACK is no bridge', () => {
    const [, , connack, next, end] = read([
      start,
      '1700000000: New client connected from 10.0.0.5:51234 as local.b (p2, c1, k60).',
      '1700000001: Received CONNACK on connection local.b.',
      '1700000001: No will message specified.',
      '1700000002: Client local.b closed its connection.',
    ]);
    assert.deepEqual(
      [connack?.action, connack?.values['mqtt.client.id'], next?.action],
      ['packet-received', 'local.b', 'broker-log'],
    );
    assert.deepEqual([end?.action, end?.values['source.ip']], ['client-disconnected', '10.0.0.5']);
    const before = (...lines: string[]): unknown[] =>
      read(['1700000000: mosquitto version 2.0.9 starting', opened('10.0.0.5', 51234), ...lines])
        .slice(2)
        .map(({ action, values }) => [action, values['mqtt.client.id'] ?? values['error.message']]);
    const nobody = '1700000000: Received CONNACK on connection (null).';
    const closed = '1700000000: Client <unknown> closed its connection.';
    assert.deepEqual(before(nobody, closed), [
      ['packet-received', undefined],
      ['client-disconnected', undefined],
    ]);
    assert.deepEqual(before(nobody, '1700000000: Connection Refused: not authorised', closed), [
      ['packet-received', undefined],
      ['broker-log', 'not authorised'],
      ['client-disconnected', undefined],
    ]);
    assert.deepEqual(before('1700000000: Received DISCONNECT from (null)'), [['packet-received', undefined]]);
  });

  it('a bridge that the other broker leaves without an answer is known by its local subscriptions', () => {
    const end = '1700000002: Socket error on client local.b, disconnecting.';
    const local = '1700000000: Bridge local.b doing local SUBSCRIBE on topic a/#';
    const last = (...lines: string[]): Read | undefined => read([start, ...lines]).at(-1);
    const bridge = last(local, '1700000001: Bridge b sending CONNECT', end);
    assert.deepEqual(
      [bridge?.action, bridge?.code, bridge?.values['mqtt.client.id'], bridge?.values['event.reason']],
      ['bridge-disconnected', 'mosquitto.socket_error', 'local.b', 'socket_error'],
    );
    assert.equal(last(local, end, end)?.action, 'client-disconnected');
    // A client with the same id is one, whichever comes first.
    const client = '1700000001: New client connected from 10.0.0.5:51234 as local.b (p2, c1, k60).';
    assert.equal(last(local, client, end)?.action, 'client-disconnected');
    assert.equal(last(client, local, end)?.action, 'client-disconnected');
    // Nor does a line that can be read in two ways tell of one.
    const unsure = '1700000000: Bridge x doing local SUBSCRIBE on topic y doing local SUBSCRIBE on topic a';
    assert.equal(
      last(unsure, '1700000002: Socket error on client x, disconnecting.')?.action,
      'client-disconnected',
    );
  });

  it('what OpenSSL says to a key that cannot be read is no failed handshake', () => {
    const events = read([
      start,
      '1700000000: Error: Unable to load server key file "/k.pem". Check keyfile.',
      '1700000000: OpenSSL Error[0]: error:8000000D:system library::Permission denied',
      '1700000000: OpenSSL Error[1]: error:10080002:BIO routines::system lib',
      '1700000000: Client a closed its connection.',
      '1700000000: OpenSSL Error[0]: error:0A00010B:SSL routines::wrong version number',
    ]);
    assert.deepEqual(
      events.slice(2).map(({ action, values }) => [action, values['error.message']]),
      [
        ['broker-log', 'error:8000000D:system library::Permission denied'],
        ['broker-log', 'error:10080002:BIO routines::system lib'],
        ['client-disconnected', undefined],
        ['tls-handshake-failed', 'error:0A00010B:SSL routines::wrong version number'],
      ],
    );
  });

  it('a line that several versions write alike tells none of them', () => {
    const [file, end] = read([
      '1700000000: Warning: File /m/pw has world readable permissions. Future versions will refuse to load this file.',
      '1700000001: Client a [10.0.0.1:1] disconnected.',
    ]);
    assert.equal(file?.code, 'mosquitto.file_has_world_readable_permissions');
    assert.deepEqual([end?.values['mqtt.client.id'], end?.marks], [undefined, 'ambiguous']);
    const config = one('1700000000: Error loading Dynamic security plugin config: Permission denied');
    assert.equal(config?.level, 'error');
  });

  it('a refusal that names the address ends the connection, whether its end is told or not', () => {
    const refused = '1700000000: Sending CONNACK to 10.0.0.1 (0, 5)';
    const silent = read([
      '1700000000: mosquitto version 1.6.15 starting',
      '1700000000: New connection from 10.0.0.1 on port 1883.',
      refused,
      '1700000001: New connection from 10.0.0.2 on port 1883.',
      '1700000001: Socket error on client <unknown>, disconnecting.',
    ]).at(-1);
    assert.equal(silent?.values['source.ip'], '10.0.0.2');
    const told = read([
      start,
      opened('10.0.0.1', 7),
      refused,
      '1700000000: Client <unknown> disconnected, not authorised.',
    ]).at(-1);
    assert.deepEqual([told?.values['source.ip'], told?.values['source.port']], ['10.0.0.1', 7]);
  });

  it('an unsupported protocol version is refused before the client id is read: only the address can be named', () => {
    for (const code of [1, 132]) {
      const refusal = one(`1700000000: Sending CONNACK to 10.0.0.1 (0, ${code})`);
      const { values, marks } = refusal ?? {};
      assert.deepEqual(
        [values?.['mqtt.client.id'], values?.['source.ip'], marks],
        [undefined, '10.0.0.1', undefined],
      );
    }
  });

  it('the end of a connection over a Unix socket has the path of the socket', () => {
    const path = '/run/mqtt.sock';
    const ends = [
      `Client a disconnected.`,
      `Client a [${path}:0] disconnected: connection closed by client.`,
    ];
    for (const end of ends) {
      const { values } =
        read([
          start,
          `1700000000: New connection from ${path}:0 on port 0.`,
          `1700000000: New client connected from ${path}:0 as a (p5, c1, k60).`,
          `1700000001: ${end}`,
        ]).at(-1) ?? {};
      assert.deepEqual(
        [values?.['mqtt.client.id'], values?.['source.address'], values?.['event.duration']],
        ['a', path, 1_000_000_000],
      );
    }
    const alone = one(`1700000000: Client a [${path}:0] disconnected: exceeded timeout.`);
    assert.deepEqual(alone?.values['source.address'], path);
  });

  it('before 2.0 the end of the connection that was taken over follows, with what is known of it', () => {
    const session = ['a', '10.0.0.1', 'u', 3_000_000_000];
    for (const end of ['Socket error on client a, disconnecting.', 'Client a disconnected.']) {
      const ended = read([
        '1700000000: mosquitto version 1.5.8 starting',
        '1700000000: New connection from 10.0.0.1 on port 1883.',
        "1700000000: New client connected from 10.0.0.1 as a (c1, k60, u'u').",
        '1700000003: New connection from 10.0.0.2 on port 1883.',
        '1700000003: Client a already connected, closing old connection.',
        `1700000003: ${end}`,
        '1700000003: New client connected from 10.0.0.2 as a (c1, k60).',
        '1700000004: Client a has exceeded timeout, disconnecting.',
      ]);
      const facts = [ended[5], ended[7]].map((event) => {
        const { action, values } = event ?? {};
        return [
          action,
          values?.['mqtt.client.id'],
          values?.['source.ip'],
          values?.['user.name'],
          values?.['event.duration'],
        ];
      });
      assert.deepEqual(facts, [
        ['client-disconnected', ...session],
        ['client-disconnected', 'a', '10.0.0.2', undefined, 1_000_000_000],
      ]);
    }
  });

  it('a message that 1.6 has cut within a character is cut', () => {
    const ping = 'Received PINGREQ from ';
    const limit = ping.length + 2 + 499;
    for (const [character, cut] of [
      ['a', ''],
      ['ü', '\ufffd'],
      ['€', '\ufffd'],
    ] as const) {
      const size = Buffer.byteLength(character);
      const whole = Math.floor((limit - ping.length - (cut === '' ? 0 : 1)) / size);
      const shown = `${ping}${'a'.repeat(limit - ping.length - whole * size - (cut === '' ? 0 : 1))}`;
      const text = `${shown}${character.repeat(whole)}${cut}`;
      const event = read(['1700000000: mosquitto version 1.6.15 starting', `1700000000: ${text}`])[1];
      assert.deepEqual([event?.values, event?.marks], [{}, 'truncated'], character);
    }
  });

  it('rare lines have the fields that they tell', () => {
    const values = (text: string): JsonObject | undefined => one(`1700000000: ${text}`)?.values;
    assert.deepEqual(values('ACL denying access to client with dangerous username "a#"'), {
      'event.reason': 'dangerous_name',
      'user.name': 'a#',
    });
    assert.deepEqual(values('Protocol error from a: PUBACK with reason code = 24.'), {
      'event.reason': 'protocol_error',
      'mqtt.client.id': 'a',
      'mqtt.packet.type': 'puback',
      'mqtt.reason_code': 24,
    });
    assert.deepEqual(values('Drop message clientid a store_id 77 direction 1'), { 'mqtt.client.id': 'a' });
  });

  it('a start of the broker ends all sessions', () => {
    const events = read([
      start,
      '1700000000: New client connected from 10.0.0.1:4000 as a (p5, c1, k60).',
      start,
      '1700000001: Client a disconnected.',
    ]);
    assert.deepEqual(events.at(-1)?.values, { 'event.reason': 'normal', 'mqtt.client.id': 'a' });
  });

  it('1.4 and older tell when they were built, and write what 1.5 writes', () => {
    for (const built of [
      'Fri, 22 Dec 2017 08:19:25 +0000',
      '2017-06-01 13:03:46+0000',
      '2017-06-01',
      '28/08/2013 10:51:02.19',
    ]) {
      const [, started, ended, opened14, client] = read([
        "1700000000: New client connected from 10.0.0.1 as a (c1, k60, u'joe').",
        `1700000000: mosquitto version 1.4.12 (build date ${built}) starting`,
        '1700000000: Client a disconnected.',
        '1700000000: New connection from 10.0.0.2 on port 1883.',
        "1700000000: New client connected from 10.0.0.2 as a (c1, k60, u'joe').",
      ]);
      assert.deepEqual([started?.code, started?.action], ['mosquitto.starting', 'broker-started'], built);
      // Its sessions are over.
      assert.deepEqual(ended?.values, { 'event.reason': 'normal', 'mqtt.client.id': 'a' });
      assert.equal(opened14?.values['source.ip'], '10.0.0.2');
      assert.deepEqual([client?.values['mqtt.client.id'], client?.values['user.name']], ['a', 'joe']);
    }
    const session = dialect.open(STREAM, () => {});
    session.line('1700000000: mosquitto version 1.4.12 (build date 2017-06-01) starting', SEEN, 0);
    assert.equal(session.version, '1.4.12');
    for (const other of ['(build date )', '(built on 2017-06-01)', '(build date 2017) (c1)'])
      assert.equal(
        one(`1700000000: mosquitto version 1.4.12 ${other} starting`)?.action,
        'broker-log',
        other,
      );
  });

  it('1.3 writes the user without quotes', () => {
    const user = (tail: string): unknown[] => {
      const event = one(`1700000000: New client connected from 10.0.0.1 as a ${tail}`);
      return [event?.values['mqtt.client.id'], event?.values['user.name'], event?.marks];
    };
    assert.deepEqual(user('(c1, k60, ujoe).'), ['a', 'joe', undefined]);
    assert.deepEqual(user("(c1, k60, u'joe')."), ['a', 'joe', undefined]);
    // The beginning of a user that holds a line break: 1.4 and 1.5 write the first quote.
    assert.deepEqual(user("(c1, k60, u'joe)."), [undefined, undefined, 'ambiguous']);
    assert.deepEqual(user('(c1, k60, ujoe) (c1, k60, ujoe).'), [undefined, undefined, 'ambiguous']);
    assert.deepEqual(user("(c1, k60, ux (c1, k60, u'joe')."), [undefined, undefined, 'ambiguous']);
  });

  it('Windows has words of its own', () => {
    const words =
      'Only one usage of each socket address (protocol/network address/port) is normally permitted.';
    const event = one(`1700000000: Error: ${words}`);
    assert.deepEqual(
      [event?.code, event?.level, event?.values],
      ['mosquitto.socket_error_words', 'error', { 'error.message': words }],
    );
  });
});
