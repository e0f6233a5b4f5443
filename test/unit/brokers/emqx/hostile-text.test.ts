import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { one } from '../../../support/emqx.ts';

const STAMP = '2025-05-14T06:40:40.137021+00:00';

describe('EMQX: text that clients control', () => {
  it('an id that imitates keys: nothing of it is believed', () => {
    const event = one(
      `${STAMP} [warning] tag: AUTHN, clientid: a, username: admin, msg: authentication_failure, peername: 9.9.9.9:1, peername: 10.0.0.1:5, reason: not_authorized`,
    );
    assert.equal(event?.action, 'client-authentication-failed');
    assert.equal(event?.marks, 'ambiguous');
    for (const field of ['mqtt.client.id', 'user.name', 'source.ip'])
      assert.equal(event?.values[field], undefined);
  });

  it('an id that adds a user where none was', () => {
    const event = one(
      `${STAMP} [warning] tag: AUTHN, clientid: a, username: admin, msg: authentication_failure, peername: 10.0.0.1:5, reason: banned`,
    );
    assert.deepEqual([event?.marks, event?.values['user.name']], ['ambiguous', undefined]);
  });

  it('a topic, a line break and bytes that are no UTF-8 are marked', () => {
    const line = (id: string): string =>
      `${STAMP} [warning] tag: AUTHN, clientid: ${id}, msg: authentication_failure, peername: 10.0.0.1:5, reason: banned`;
    for (const id of ['bad, id', '<<255,254,1>>']) {
      assert.deepEqual([one(line(id))?.marks, one(line(id))?.values['mqtt.client.id']], ['ambiguous', id]);
    }
    assert.equal(one(line('fine'))?.marks, undefined);
  });

  it('an id with brackets and quotation marks hides nothing', () => {
    for (const id of ['a{b', '#{', '<<"', '((((', 'a"b', "it's"]) {
      const event = one(
        `${STAMP} [warning] tag: AUTHN, clientid: ${id}, msg: authentication_failure, peername: 10.0.0.1:5, reason: banned`,
      );
      assert.equal(event?.action, 'client-authentication-failed', id);
      assert.equal(event?.values['source.ip'], '10.0.0.1', id);
    }
  });

  it('the keys may come in any order', () => {
    const event = one(
      `${STAMP} [warning] clientid: a, peername: 10.0.0.1:5, username: u, pid: <0.1.0>, reason: not_authorized, tag: AUTHN, msg: authentication_failure`,
    );
    assert.deepEqual(
      [
        event?.action,
        event?.marks,
        event?.values['mqtt.client.id'],
        event?.values['user.name'],
        event?.values['mqtt.log.tag'],
      ],
      ['client-authentication-failed', undefined, 'a', 'u', 'AUTHN'],
    );
  });

  it('a user name behind a topic', () => {
    const told = (line: string): unknown[] => {
      const { marks, values } = one(`${STAMP} [warning] ${line}`) ?? {};
      return [marks, values?.['mqtt.client.id'], values?.['user.name'], values?.['source.ip']];
    };
    assert.deepEqual(
      told('tag: AUTHZ, clientid: c, msg: x, peername: 10.0.0.1:5, topic: a, username: admin'),
      ['ambiguous', undefined, undefined, undefined],
    );
    // Up to 5.4 it is a term.
    assert.equal(
      told('msg: x, mfa: a:b/1, line: 9, peername: 10.0.0.1:5, clientid: c, topic: t, username: <<"u">>')[0],
      undefined,
    );
    // The address of an entry that has none.
    assert.deepEqual(told('msg: x, topic: a, peer_host: 9.9.9.9')[3], undefined);
  });

  it('early 5.0: a topic that looks like the address behind a payload', () => {
    const event = one(
      `${STAMP} [warning] clientid: c7, line: 9, mfa: a:b/2, msg: dropped_qos0_msg, payload: text, peername: 10.0.0.1:5, topic: c, peername: 9.9.9.9:1, username: admin`,
    );
    assert.equal(event?.marks, 'ambiguous');
    for (const field of ['mqtt.client.id', 'user.name', 'source.ip', 'mqtt.topic'])
      assert.equal(event?.values[field], undefined);
  });

  it('a payload or topic that looks like the end of a payload', () => {
    const line = (rest: string): string =>
      `${STAMP} [warning] clientid: c, msg: dropped_qos0_msg, peername: 10.0.0.1:5, topic: ${rest}`;
    const [term, topic] = [
      'a, payload: <<"x, payload_encode: text, reason: forged">>',
      'a, payload: x, payload: <<"text">>, payload_encode: text',
    ].map((rest) => one(line(rest)));
    assert.deepEqual([term?.marks, topic?.marks], ['ambiguous', 'ambiguous']);
    assert.deepEqual(
      [term?.values['event.reason'], term?.values['mqtt.client.id'], term?.message],
      [
        'qos0_msg',
        undefined,
        'clientid: c, msg: dropped_qos0_msg, peername: 10.0.0.1:5, topic: a, payload: [payload]',
      ],
    );
    assert.ok(topic?.message.includes('text">>') === false, topic?.message);
  });

  it('the head of 4.x behind keys of 5.x: neither is believed', () => {
    for (const body of [
      'msg: authentication_failure, peername: 9.9.9.9:1, username: admin, reason: not_authorized, z: @10.0.0.1:5 [MQTT] RECV PINGREQ(Q0, R0, D0)',
      'tag: AUTHN, clientid: x@9.9.9.9:5 [MQTT] RECV PINGREQ(Q0, R0, D0), msg: authentication_failure, peername: 10.0.0.1:5, reason: not_authorized',
    ]) {
      const event = one(`${STAMP} [warning] ${body}`);
      assert.deepEqual([event?.action, event?.marks], ['broker-log', 'ambiguous']);
      for (const field of ['mqtt.client.id', 'user.name', 'source.ip', 'event.reason'])
        assert.equal(event?.values[field], undefined);
    }
  });

  it('a nested `meta` of a log record is none of its own fields', () => {
    const event = one(
      `{"time":1747204840984996,"level":"warning","msg":"filemeta_write_failed","pid":"<0.9.0>","clientid":"c7","meta":{"msg":"forged","level":"debug","clientid":"admin"}}`,
    );
    assert.deepEqual(
      [event?.code, event?.values['log.level'], event?.values['mqtt.client.id']],
      ['emqx.filemeta_write_failed', 'warning', 'c7'],
    );
  });

  it('in JSON a hostile id is an id', () => {
    for (const id of [
      'a, msg: socket_error, peername: 1.2.3.4:5',
      'a\nb',
      `{"msg":"x"}`,
      'x'.repeat(65_536),
      '__proto__',
      '\ud800',
    ]) {
      const event = one(
        JSON.stringify({
          time: 1_747_204_840_137_021,
          level: 'warning',
          msg: 'authentication_failure',
          clientid: id,
          peername: '10.0.0.1:5',
        }),
      );
      assert.deepEqual(
        [event?.values['mqtt.client.id'], event?.values['source.ip'], event?.marks],
        [id, '10.0.0.1', undefined],
      );
    }
  });

  it('in JSON the words of a record are no head of a line', () => {
    const msg = 'PUBLISH to evil@1.2.3.4:5 [MQTT] x: <<"a">>';
    const event = one(JSON.stringify({ time: 1, level: 'info', msg, clientid: 'a', peername: '10.0.0.1:5' }));
    assert.deepEqual(
      [
        event?.values['mqtt.client.id'],
        event?.values['source.ip'],
        event?.values['mqtt.topic'],
        event?.marks,
      ],
      ['a', '10.0.0.1', 'evil@1.2.3.4:5 [MQTT] x', undefined],
    );
  });

  it('an id that adds a user in a line without address', () => {
    const event = one(`${STAMP} [warning] clientid: a, username: admin, msg: kicked_an_unknown_session`);
    assert.deepEqual([event?.marks, event?.values['user.name']], ['ambiguous', undefined]);
  });

  it('a trace whose id looks like the head of a trace', () => {
    const event = one(
      `${STAMP} [MQTT] x@1.2.3.4:5 msg: publish_to, topic: t@10.0.0.1:5 msg: mqtt_packet_received, packet: PINGREQ(Q0, R0, D0)`,
    );
    assert.deepEqual(
      [event?.marks, event?.values['mqtt.client.id'], event?.values['source.ip']],
      ['ambiguous', undefined, undefined],
    );
  });

  it('4.x: an id that looks like the head of a line', () => {
    const event = one(
      `2023-05-25 07:33:21.124 [debug] evil@1.2.3.4:5 [MQTT] RECV @10.9.8.7:50123 [MQTT] RECV PINGREQ(Q0, R0, D0)`,
    );
    assert.deepEqual(
      [event?.marks, event?.values['mqtt.client.id'], event?.values['source.ip']],
      ['ambiguous', undefined, undefined],
    );
  });

  it('a user name that looks like what stands behind it, and an id that looks like what stands behind an id', () => {
    const told = (words: string): unknown[] => {
      const { action, marks, values } = one(`2019-08-20 15:19:58.276 [warning] ${words}`) ?? {};
      return [action, marks, values?.['mqtt.client.id'], values?.['user.name'], values?.['mqtt.topic']];
    };
    assert.deepEqual(
      [
        "Client c (Username: 'a') login failed for b') authorized successfully!",
        "Client c (Username: 'a' login failed - b') open session failed for badarg",
        "Client c (Username: 'x (Username: 'admin') login failed for badarg",
        'admin PUBLISH to a PUBLISH to b',
        'admin PUBLISH to a PUBLISH to b: <<"x">>',
      ].map(told),
      [
        ['client-authenticated', undefined, 'c', "a') login failed for b", undefined],
        ['broker-log', undefined, 'c', "a' login failed - b", undefined],
        ['client-authentication-failed', 'ambiguous', undefined, undefined, undefined],
        ['message-published', 'ambiguous', undefined, undefined, undefined],
        ['message-published', 'ambiguous', undefined, undefined, undefined],
      ],
    );
  });

  it('what is sent looks like other entries, other pairs or the end of it', () => {
    const at = '2019-08-20 15:19:58.276 [debug]';
    const session = '10:46:58.481 <0.26701.0> [error] Session(c7):';
    for (const line of [
      `${at} Stomp(10.1.1.1:5): RECV Frame: SEND\n\nthe secret(9.9.9.9) disconnected 9 times in 9ms`,
      `${at} Stomp(10.1.1.1:5): RECV Frame: SEND\n\nthe secret is discarded due to the frame is too large.`,
      `${session} Dropped Qos2 Message for too many awaiting_rel: {mqtt_message,<<"t">>,<<") expired, the secret">>}`,
      `${STAMP} [debug] clientid: c, msg: x, peername: 10.1.1.1:5, packet: SEND [{, peername: 9.9.9.9:9 the secret}]`,
      `${STAMP} [debug] clientid: c, msg: x, peername: 10.1.1.1:5, packet: SEND [{, payload_encode: text, a: the secret}]`,
      // Written by another than what is hidden.
      `${STAMP} [debug] clientid: c, packet: PINGREQ(Q0, R0, D0)c, msg: x, peername: 10.1.1.1:5, packet: SEND [{the secret}]`,
      `${STAMP} [debug] clientid: c, msg: x, peername: 10.1.1.1:5, topic: a, packet: PINGREQ(Q0, R0, D0)c, payload: the secret, payload_encode: text`,
      `${STAMP} [PUBLISH] , msg: a@10.1.1.1:5 msg: publish_to, topic: a, payload: the secret`,
      `${at} b: x@10.1.1.1:5 [MQTT] RECV PUBLISH(Q1, R0, D0, Topic=a, PacketId=7, Payload=<<"the secret">>)`,
      `${at} mfa: a:b/1, x@10.1.1.1:5 PUBLISH to a/b: <<"the secret">>`,
      `${at} mfa: a:b/1, msg: c, x@10.1.1.1:5 PUBLISH to a/b: <<"the secret">>`,
    ]) {
      const event = one(line);
      assert.ok(event !== undefined && !JSON.stringify(event).includes('the secret'), JSON.stringify(event));
      assert.ok(!['packet_too_large', 'banned'].includes(String(event.values['event.reason'])), line);
    }
  });

  it('ids that hold pairs or words of other entries name nobody', () => {
    const told = (line: string): unknown[] => {
      const { action, marks, values } = one(line) ?? {};
      return [action, marks, values?.['mqtt.client.id'], values?.['source.ip']];
    };
    const of0 = '10:46:58.481 <0.26701.0> [error]';
    const denied = `SUBSCRIBE from 'x' Denied: [{<<"a">>,1}]`;
    for (const [line, action] of [
      [`${STAMP} [info] msg: x, mfa: a:b/1, clientid: admin, peername: 9.9.9.9:9`, 'broker-log'],
      [`${STAMP} [info] clientid: admin, tag: X, msg: x, peername: 10.1.1.1:5`, 'broker-log'],
      [`${of0} ${denied}' Denied: [{<<"t">>,1}]`, 'subscribe-denied'],
      [`${of0} admin The PUBREL PacketId 9 is not found PUBLISH to a/b`, 'broker-log'],
    ] as const)
      assert.deepEqual(told(line), [action, 'ambiguous', undefined, undefined], line);
    const head = `2019-08-20 15:19:58.276 [info] Client id=<<"admin">>, [Session] Discarded by x:<0.1.2>`;
    assert.notEqual(one(head)?.values['mqtt.client.id'], 'admin');
    assert.deepEqual(told(`${of0} Session PUBLISH to a destroyed`), [
      'broker-log',
      undefined,
      'PUBLISH to a',
      undefined,
    ]);
    // 5.5 has the user name behind the topic.
    const event = one(
      `${STAMP} [info] msg: x, mfa: a:b/1, peername: 10.1.1.1:5, clientid: c, topic: t, username: bob`,
    );
    assert.deepEqual([event?.marks, event?.values['user.name']], [undefined, 'bob']);
  });

  it('a packet whose topic looks like the rest of it', () => {
    const event = one(
      `${STAMP} [debug] tag: MQTT, clientid: a, msg: mqtt_packet_received, peername: 10.0.0.1:5, packet: PUBLISH(Q1, R0, D0, Topic=a, PacketId=7, Payload(text)=x, PacketId=9, Payload(text)=secret-payload)`,
    );
    assert.equal(event?.marks, 'ambiguous');
    assert.ok(!JSON.stringify(event).includes('secret-payload'));
  });

  /** What is not linear in 128 KB does not end before the runner's time limit. */
  it('64 KB of brackets, keys or quotation marks are read', () => {
    let count = 0;
    const tell = (text: string): void => {
      if (one(text) !== undefined) count++;
    };
    const pieces = [
      '{',
      '[{',
      '<<"',
      ', a: {',
      ', a: "',
      "', '",
      '(',
      '$',
      ', k: v',
      'password: ',
      '=> ',
      'Topic=, PacketId=1',
      '@1.2.3.4:5 [M] ',
      '://a:',
      '@',
      '{message,<<',
      ' body => {',
      ', a: {}',
      'Encoded(text)=[',
      'password,   ',
    ];
    for (const piece of pieces) {
      const hostile = piece.repeat(Math.ceil(65_536 / piece.length));
      tell(
        `${STAMP} [warning] tag: AUTHN, clientid: ${hostile}, msg: authentication_failure, reason: ${hostile}`,
      );
      tell(
        `${STAMP} [debug] tag: MQTT, msg: mqtt_packet_received, packet: PUBLISH(Q0, R0, D0, Topic=${hostile}`,
      );
      tell(
        `2023-05-25 07:33:21.124 [warning] ${hostile}@10.9.8.7:50123 [Channel] Client ${hostile} (Username: 'u17') login failed for x`,
      );
      tell(JSON.stringify({ time: 1, level: 'info', msg: 'x', reason: hostile, info: hostile }));
    }
    assert.equal(count, 4 * pieces.length);
  });

  /** What is not linear in 1 MiB takes minutes. */
  it('100,000 payloads, packets or pairs in a line are read', { timeout: 60_000 }, () => {
    for (const piece of [
      ', payload: ',
      ', payload: <<\\"',
      '\n    payload: ',
      ', packet: ',
      ', packet: PUBLISH()',
      ', a: Encoded(text)=<<\\"',
    ])
      assert.ok(one(`${STAMP} [debug] tag: MQTT, msg: x, topic: a${piece.repeat(100_000)}`));
    const keys = Array.from({ length: 100_000 }, (_, i) => `, k${i}: v`).join('');
    assert.equal(one(`${STAMP} [debug] tag: MQTT, msg: x, topic: a${keys}`)?.marks, 'ambiguous');
  });

  it('nothing behind a payload is told if nothing tells where it ends', () => {
    for (const line of [
      // Up to 5.5 nothing tells the encoding.
      'msg: publish_to, peername: 10.0.0.1:5, clientid: c7, payload: x, reason: the secret',
      'msg: publishing_error, peername: 10.0.0.1:5, clientid: c7, payload: x, reason: the secret, reason: badarg',
      // Cut.
      'msg: x, payload: <<"a, b: the secret',
      'msg: x, packet: PUBLISH(Q0, R0, D0, Topic=a, PacketId=7, Payload(text)=a, b: the secret',
      'msg: x, request: Encoded(text)=[body: a, b: the secret',
      // A topic that looks like a payload, and one that looks like a packet.
      'msg: x, topic: a, payload: <<"b">>, payload: b, c: the secret',
      'msg: x, topic: a, packet: PINGREQ(Q0, R0, D0), packet: PUBLISH(Q0, R0, D0, Topic=b, PacketId=7, Payload=the secret)',
      'type: a, payload: the secret',
    ]) {
      const event = one(`${STAMP} [error] ${line}`);
      assert.ok(event !== undefined && !JSON.stringify(event).includes('the secret'), line);
    }
    // Entries about what has failed always tell why.
    const failed = one(
      `${STAMP} [error] msg: query_failed, query: Encoded(text)=a, b: c, reason: badarg, state: x`,
    );
    assert.deepEqual(
      [failed?.values['event.reason'], failed?.values['mqtt.log.fields']],
      ['badarg', { state: 'x' }],
    );
    const event = one(
      `${STAMP} [warning] tag: AUTHN, clientid: a, payload: x, msg: y, msg: authentication_failure, peername: 10.0.0.1:5`,
    );
    assert.deepEqual(
      [event?.action, event?.marks, event?.values['mqtt.client.id']],
      ['client-authentication-failed', 'ambiguous', undefined],
    );
  });

  /** 150,000 pairs fit in a packet of 1 MiB, which is what EMQX takes; what is quadratic takes minutes. */
  it('a message whose user property comes 150,000 times is read', () => {
    const pairs = Array.from({ length: 150_000 }, (_, i) => ({ key: 'a', value: String(i % 10) }));
    const pub_props = { 'User-Property-Pairs': pairs, 'User-Property': { a: '9' } };
    const event = one(JSON.stringify({ event: 'message.publish', clientid: 'c1', topic: 'a', pub_props }));
    assert.deepEqual(event?.values['mqtt.user_properties'], {
      a: pairs.slice(0, 100).map(({ value }) => value),
    });
  });
});
