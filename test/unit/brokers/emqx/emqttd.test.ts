import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dialect } from '../../../../src/brokers/emqx/index.ts';
import { one, type Read } from '../../../support/emqx.ts';

const STAMP = '10:46:58.481 <0.26701.0> [error]';

const read = (words: string, stamp = STAMP): Read => {
  const event = one(`${stamp} ${words}`);
  assert.ok(event !== undefined);
  return event;
};

/** Action, client, address and port, reason, and further fields. */
const told = (words: string, ...fields: string[]): unknown[] => {
  const { action, values } = read(words);
  const names = ['mqtt.client.id', 'source.ip', 'source.port', 'event.reason', ...fields];
  return [action, ...names.map((name) => values[name])];
};

describe('emqttd 0.x: who it is about', () => {
  it('stands before the words, in the forms of 0.6 to 0.10', () => {
    assert.deepEqual(
      [
        told("c7@10.1.2.3:51022: username 'bob' login failed - bad username or password", 'user.name'),
        told("c7@10.1.2.3:51022: username 'bob', login failed - timeout", 'user.name'),
        told('Client c7@10.1.2.3:51022: shutdown keepalive_timeout'),
        told('Protocol c7@10.1.2.3:51022 Shutdown: keepalive_timeout'),
        told('Client 10.1.2.3:51022: <0.433.0> terminated, reason: {shutdown,normal}'),
        told('Client(10.1.2.3:51022) terminated, reason: tcp_closed'),
        told('Client(WebSocket) 10.1.2.3:51022: Keepalive Timeout!'),
        told("Client 10.1.2.3:51022: MQTT detected network error 'etimedout'"),
        told('Session(c7) expired, shutdown now.'),
        told('TODO: unsubscribed c7, [<<"a/b">>]'),
        told('TODO: subscribed c7, [{<<"a/b">>,1}]'),
        told('Invalid ClientId: c7, ProtoVer: 3, CleanSess: true'),
        told('Session(c7) cannot find PUBREL 7'),
        told('Session(c (7)): unexpected DOWN: client_pid=<0.1.2>, down_pid=<0.1.2>, reason=killed'),
        told('Session: client c7@<0.911.0> exited, caused by {shutdown,keepalive_timeout}'),
        told("Session c7: PUBREC PacketId '7' not found!"),
        told('Session c7 resumed by <0.1.2>'),
        told("Session 'c7' is duplicated: pid=<0.1.2>, oldpid=<0.1.3>"),
        told('Session c7@<0.1.2> died unexpectedly!'),
        told("Destroy session c7 on remote node 'a@h2' failed for {badrpc,nodedown}"),
        told("clientId 'c7' is duplicated: pid=<0.1.2>, oldpid=<0.1.3>"),
        told("ClientId 'c7' has been registered with <0.1.2>"),
        told("cannot find clientId 'c7' with <0.1.2>"),
        told('Client c7: publish qos1 error - timeout'),
        told('ACL: nomatch when c7 publish a/b'),
        told('ACL: nomatch for c7 subscribe a/b'),
        told('RECV from 10.1.2.3:51022(WebSocket): <<16,0>>'),
        told('SENT to 10.1.2.3:51022: <<16,0>>'),
        told('Connect from 10.1.2.3:51022 -> 10.0.0.1:1883'),
        told('MQTT(WebSocket) detected framing error invalid_mqtt_frame_len for connection 10.1.2.3:51022'),
      ],
      [
        [
          ...['client-authentication-failed', 'c7', '10.1.2.3', 51022],
          ...['bad_user_name_or_password', 'bob'],
        ],
        ['client-authentication-failed', 'c7', '10.1.2.3', 51022, 'timeout', 'bob'],
        ['broker-log', 'c7', '10.1.2.3', 51022, 'keep_alive_timeout'],
        ['broker-log', 'c7', '10.1.2.3', 51022, 'keep_alive_timeout'],
        ['broker-log', undefined, '10.1.2.3', 51022, 'normal'],
        ['broker-log', undefined, '10.1.2.3', 51022, 'connection_lost'],
        ['broker-log', undefined, '10.1.2.3', 51022, 'keep_alive_timeout'],
        ['broker-log', undefined, '10.1.2.3', 51022, 'socket_error'],
        ['broker-log', 'c7', undefined, undefined, undefined],
        ['broker-log', 'c7', undefined, undefined, undefined],
        ['broker-log', 'c7', undefined, undefined, undefined],
        ['broker-log', 'c7', undefined, undefined, undefined],
        ['broker-log', 'c7', undefined, undefined, 'packet_identifier_not_found'],
        ['broker-log', 'c (7)', undefined, undefined, 'killed'],
        ['broker-log', 'c7', undefined, undefined, 'keep_alive_timeout'],
        ['broker-log', 'c7', undefined, undefined, 'packet_identifier_not_found'],
        ['broker-log', 'c7', undefined, undefined, undefined],
        ['broker-log', 'c7', undefined, undefined, 'session_taken_over'],
        ['broker-log', 'c7', undefined, undefined, undefined],
        ['broker-log', 'c7', undefined, undefined, 'badrpc'],
        ['broker-log', 'c7', undefined, undefined, 'session_taken_over'],
        ['broker-log', 'c7', undefined, undefined, undefined],
        ['broker-log', 'c7', undefined, undefined, undefined],
        ['broker-log', 'c7', undefined, undefined, 'timeout'],
        ['broker-log', 'c7', undefined, undefined, undefined],
        ['broker-log', 'c7', undefined, undefined, undefined],
        ['broker-log', undefined, '10.1.2.3', 51022, undefined],
        ['broker-log', undefined, '10.1.2.3', 51022, undefined],
        ['broker-log', undefined, '10.1.2.3', 51022, undefined],
        ['protocol-error', undefined, '10.1.2.3', 51022, 'packet_too_large'],
      ],
    );
  });

  it('of gateways, an address', () => {
    assert.deepEqual(
      [
        told('Stomp(10.1.2.3:51022): terminated for {shutdown,tcp_closed}'),
        told('MQTT-SN(10.1.2.3:51022): Parse frame error: function_clause at state idle, Stacktrace: []'),
        told('MQTT-SN(ASLEEP-TIMER): shutdown due to timeout'),
        told("CoAP-MQTT: clientid 'c7' conflict with <0.1.0>"),
        told("LWM2M-RESOURCE: lwm2m 'c7' conflict with <0.1.0>, shutdown"),
        told('MQTT-SN(10.1.2.3:51022): Client id=<<"c7">> receives a publish with Qos=-1 in idle mode!'),
        told(
          'CoAP-MQTT: try to start adapter ClientId=<<"c7">>, Username=<<"bob">>, Password=<<"x">>',
          'user.name',
        ),
      ],
      [
        ['broker-log', undefined, '10.1.2.3', 51022, 'connection_lost'],
        ['protocol-error', undefined, '10.1.2.3', 51022, 'malformed_packet'],
        ['broker-log', undefined, undefined, undefined, 'timeout'],
        ['broker-log', 'c7', undefined, undefined, 'session_taken_over'],
        ['broker-log', 'c7', undefined, undefined, 'session_taken_over'],
        ['broker-log', 'c7', '10.1.2.3', 51022, undefined],
        ['broker-log', 'c7', undefined, undefined, undefined, 'bob'],
      ],
    );
    const data = read('Stomp(10.1.2.3:51022): Error data: <<"hunter2">>');
    assert.ok(!JSON.stringify(data).includes('hunter2'), data.message);
  });

  it('is not believed where a client may have written it', () => {
    for (const words of [
      "c@9.9.9.9:1: username 'a' login failed - x@10.1.2.3:51022: username 'bob' login failed - timeout",
      'Session(c) expired, shutdown now.) cannot find PUBREL 7',
      'Session(c): Dropped Qos2 Message for too many awaiting_rel: x) destroyed',
    ]) {
      const { marks, values } = read(words);
      assert.deepEqual(
        [marks, values['mqtt.client.id'], values['source.ip']],
        ['ambiguous', undefined, undefined],
      );
    }
    assert.equal(read('ACL: nomatch when admin publish a publish b').values['mqtt.client.id'], undefined);
    // Words of the broker's stand before what a client has written.
    const values = ['mqtt.client.id', 'source.ip', 'user.name'];
    for (const [words, ...expected] of [
      ['Failed to start session <<"a@9.9.9.9:5: shutdown x">>: badarg', 'a@9.9.9.9:5: shutdown x'],
      ["Cannot read a@9.9.9.9:5: username 'x' login failed - y"],
      ["Client 9.9.9.9:5: x (Username: 'u') login failed for badarg", '9.9.9.9:5: x', undefined, 'u'],
      ['Foo a Client id=<<"admin">>, Username=<<"admin">>'],
    ] as const) {
      const event = read(words);
      assert.deepEqual(
        values.map((name) => event.values[name]),
        values.map((_, i) => expected[i]),
        words,
      );
    }
    const head = '2021-08-20 15:19:58.276 [info] <<"c7">>@10.1.2.3:51022 [Channel]';
    const known = read('Client id=<<"admin">> x', head);
    assert.equal(known.values['mqtt.client.id'], 'c7');
    // A client id that looks like a process.
    const forged = read('<0.1.2> admin@10.1.2.3:51022 [Session] expired', '2019-08-20 15:19:58.276 [info]');
    assert.equal(forged.values['mqtt.client.id'], '<0.1.2> admin');
  });
});

describe('emqttd: subscriptions', () => {
  const subscription = (words: string): unknown[] =>
    told(words, 'mqtt.subscription.filter', 'mqtt.subscription.qos').filter((_, i) => ![2, 3, 4].includes(i));

  it('are asked for', () => {
    assert.deepEqual(
      [
        'Session(c7): Subscribe [{<<"a/+">>,1}]',
        'Session(c7): subscribe [{<<"a/+">>,1}], Granted QoS: [1]',
        'Session(c7): Subscribe [{<<"a/+">>,[{qos,2}]}]',
        'Session(c7) unsubscribe [<<"a/+">>]',
        'Session(c7): unsubscribe [<<"a/+">>]',
        'Client c7 subscribe [{<<"a/+">>,1}]. Granted QoS: [1]',
        'Client c7 unsubscribe [<<"a/+">>].',
      ].map(subscription),
      [
        ['subscription-requested', 'c7', 'a/+', 1],
        ['subscription-requested', 'c7', 'a/+', 1],
        ['subscription-requested', 'c7', 'a/+', 2],
        ['unsubscription-requested', 'c7', 'a/+', undefined],
        ['unsubscription-requested', 'c7', 'a/+', undefined],
        ['subscription-requested', 'c7', 'a/+', 1],
        ['unsubscription-requested', 'c7', 'a/+', undefined],
      ],
    );
    const several = read('Session(c7): unsubscribe [<<"a">>,<<"b">>]');
    assert.deepEqual(several.values['mqtt.log.fields'], {
      pid: '<0.26701.0>',
      filters: [
        { filter: 'a', qos: null },
        { filter: 'b', qos: null },
      ],
    });
  });

  it('are refused', () => {
    assert.deepEqual(
      [
        'Session(c7): Cannot subscribe: [{<<"a/+">>,0}]',
        'SUBSCRIBE from \'c7\' Denied: [{<<"a/+">>,0}]',
        'Session(c7): Cannot subscribe [<<"a/+">>] for [<<"Not authorized">>]',
      ].map(subscription),
      [
        ['subscribe-denied', 'c7', 'a/+', 0],
        ['subscribe-denied', 'c7', 'a/+', 0],
        ['subscribe-denied', 'c7', 'a/+', undefined],
      ],
    );
  });
});

describe('emqttd: messages', () => {
  it('that are refused, dropped or published', () => {
    const message = (words: string): unknown[] =>
      told(words, 'mqtt.topic', 'mqtt.qos', 'mqtt.message_id').filter((_, i) => ![2, 3].includes(i));
    assert.deepEqual(
      [
        'ACL Deny: c7 cannot publish to a/b',
        'Queue c7 drop message: {mqtt_message,<<"a/b">>,1,false,false,12,<<"hunter2">>}',
        'Queue c7 drop qos0 message: {mqtt_message,<<"a/b">>,0,false,false,undefined,<<"hunter2">>}',
        'Session(c7) dropped Qos2 message for too many awaiting_rel: {mqtt_message,<<"hunter2">>}',
        'Session(c7) AwaitingRel Timout!\nDrop Message:{mqtt_message,<<"hunter2">>}',
        'Bridge Dropped Msg for \'a@h2\' Down:\n{mqtt_message,<<"a/b">>,1,false,false,12,<<"hunter2">>}',
        'c7 PUBLISH to a/b',
        'event PUBLISH to $SYS/a/b',
      ].map(message),
      [
        ['publish-denied', 'c7', 'not_authorized', 'a/b', undefined, undefined],
        ['message-dropped', 'c7', 'queue_full', 'a/b', 1, 12],
        ['message-dropped', 'c7', 'qos0_msg', 'a/b', 0, undefined],
        ['message-dropped', 'c7', 'receive_maximum_exceeded', undefined, 2, undefined],
        ['message-dropped', 'c7', 'await_rel_timeout', undefined, 2, undefined],
        ['message-dropped', undefined, 'nodedown', 'a/b', 1, 12],
        ['message-published', 'c7', undefined, 'a/b', undefined, undefined],
        ['message-published', undefined, undefined, '$SYS/a/b', undefined, undefined],
      ],
    );
    const dropped = 'Queue c7 drop message: {mqtt_message,<<"a/b">>,1,false,false,12,<<"hunter2">>}';
    assert.ok(
      !`${JSON.stringify(read(dropped))}${dialect.original?.(`${STAMP} ${dropped}`)}`.includes('hunter2'),
    );
    const nested = read(
      'Queue c7 drop message: {mqtt_message,<<"a/b">>,1,false,false,12,<<" drop message: {mqtt_message,<<\\"x">>}',
    );
    assert.deepEqual([nested.values['mqtt.client.id'], nested.values['mqtt.topic']], ['c7', 'a/b']);
    for (const [words, ...fields] of [
      ['ACL Deny: c cannot publish to a cannot publish to b', 'mqtt.topic', 'mqtt.client.id'],
    ] as const) {
      const { marks, values } = read(words);
      assert.equal(marks, 'ambiguous', words);
      for (const field of fields) assert.equal(values[field], undefined, words);
    }
    // What Mosquitto writes.
    const foreign = one("1465207041: Sending PUBLISH to c7 (d0, q0, r0, m0, 'a/b', ... (3 bytes))");
    assert.equal(foreign?.action, 'broker-log');
    assert.equal(read('c7 PUBLISH to a: {"hunter2":1}').values['mqtt.topic'], undefined);
  });
});

describe('emqttd: reports that lager takes from OTP', () => {
  it('tell why in words of their own', () => {
    const crash = (why: string): unknown =>
      one(`2018-03-03 04:27:59.504 [error] <0.3131.0> gen_server a terminated with reason: ${why}`)?.values[
        'event.reason'
      ];
    assert.deepEqual(
      [
        'no such process or port in call to gen_server:call(a, x)',
        'maximum number of file descriptors exhausted, check ulimit -n',
        'no true branch found while evaluating if expression in a:b/1 line 7',
        'bad arithmetic expression in a:b/1 line 7',
        'bad record {a} in a:b/1',
        'bad return value: x in a:b/1',
        'system limit: maximum number of ports exceeded',
      ].map(crash),
      ['noproc', 'emfile', 'if_clause', 'badarith', 'badrecord', 'bad_return_value', 'system_limit'],
    );
    const plain = one('2018-03-03 03:39:15.013 [error] <0.1211.0> invalid host "mq.example" - nxdomain');
    assert.deepEqual(
      [plain?.values['event.reason'], plain?.values['mqtt.log.fields']],
      ['nxdomain', { pid: '<0.1211.0>' }],
    );
  });

  it('a level that stands twice is no module', () => {
    const event = one(
      '14:01:12.068 [error] [error] acceptor on 0.0.0.0:1883 suspend 100(ms) for 2600 emfile errors!!!',
    );
    assert.deepEqual(
      ['log.level', 'mqtt.log.tag', 'event.reason'].map((name) => event?.values[name]),
      ['error', undefined, 'emfile'],
    );
  });
});
