import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { one, type Read } from '../../../support/emqx.ts';

const STAMP = '2025-05-14T06:40:40.137021+00:00';
const text = (line: string, level = 'warning'): Read | undefined => one(`${STAMP} [${level}] ${line}`);
const told = (event: Read | undefined, ...fields: string[]): unknown[] => [
  event?.action,
  ...fields.map((field) => event?.values[field] ?? event?.constants[field]),
];

/** 5.0.0 to 5.0.16 close the parenthesis behind the flags, and up to 5.0.13 write no comma before the payload. */
describe('EMQX 5.0.0 to 5.0.16: printed packets', () => {
  const fields = ['mqtt.topic', 'mqtt.qos', 'mqtt.message_id', 'mqtt.payload.size'];

  it('traces: the packet is all the rest', () => {
    const trace = (packet: string): Read | undefined =>
      one(`2022-09-20T15:45:59+00:00 [WS-MQTT] c@10.1.1.9:5 msg: mqtt_packet_sent, packet: ${packet}`);
    const first = trace('PUBLISH(Q0, R0, D0),Topic=wx/1/hum, PacketId=undefinedPayload=44.1pct');
    assert.deepEqual(told(first, ...fields), ['message-delivered', 'wx/1/hum', 0, undefined, 7]);
    assert.ok(!JSON.stringify(first).includes('44.1'));
    const comma = trace('PUBLISH(Q1, R0, D0),Topic=wx/1/hum, PacketId=9,Payload=a) b');
    assert.deepEqual(told(comma, ...fields), ['message-delivered', 'wx/1/hum', 1, 9, 4]);
    assert.ok(!JSON.stringify(comma).includes('a) b'));
    const pairs = trace('PUBLISH(Q1, R0, D0),Topic=wx, PacketId=9Payload=a, tag: b, peername: c');
    assert.deepEqual(told(pairs, 'mqtt.topic', 'mqtt.log.tag', 'source.ip'), [
      'message-delivered',
      'wx',
      'WS-MQTT',
      '10.1.1.9',
    ]);
    assert.ok(!JSON.stringify(pairs).includes('tag: b'));
    assert.deepEqual(
      told(
        trace('PUBLISH(Q1, R0, D0),Topic=wx, PacketId=9Payload=******'),
        'mqtt.topic',
        'mqtt.payload.size',
      ),
      ['message-delivered', 'wx', undefined],
    );
    assert.deepEqual(
      told(trace('PUBLISH(Q1, R0, D0),Topic=wx, PacketId=9Payload(hex)=0A0B'), 'mqtt.payload.size'),
      ['message-delivered', 2],
    );
  });

  it('logs: peer and tag follow', () => {
    const head =
      'clientid: c, line: 8, mfa: emqx_connection:serialize_and_inc_stats_fun/1, msg: mqtt_packet_sent, packet: ';
    const publish = text(
      `${head}PUBLISH(Q1, R0, D0),Topic=a/b, PacketId=9Payload=22.1secret, peername: 1.2.3.4:5, tag: MQTT`,
      'debug',
    );
    assert.deepEqual(told(publish, ...fields, 'source.ip', 'mqtt.log.tag'), [
      'message-delivered',
      'a/b',
      1,
      9,
      10,
      '1.2.3.4',
      'MQTT',
    ]);
    assert.ok(!JSON.stringify(publish).includes('secret'));
    const connack = text(
      `${head}CONNACK(Q0, R0, D0),AckFlags=1, ReasonCode=0, peername: 1.2.3.4:5, tag: MQTT`,
      'debug',
    );
    assert.deepEqual(told(connack, 'mqtt.session.present', 'mqtt.reason_code', 'source.ip'), [
      'packet-sent',
      true,
      0,
      '1.2.3.4',
    ]);
    const ping = text(`${head}PINGRESP(Q0, R0, D0), peername: 1.2.3.4:5, tag: MQTT`, 'debug');
    assert.deepEqual(told(ping, 'mqtt.packet.type', 'source.ip'), ['packet-sent', 'pingresp', '1.2.3.4']);
    const will =
      'CONNECT(Q0, R0, D0),ClientId=c, ProtoName=MQTT, ProtoVsn=4, CleanStart=false, KeepAlive=90, Username=svc, Password=******, Will(Q1, R1, Topic=will/x Payload=bye now)';
    const connect = text(
      `${head.replace('_sent', '_received')}${will}, peername: 1.2.3.4:5, tag: MQTT`,
      'debug',
    );
    assert.deepEqual(told(connect, 'mqtt.will.topic', 'mqtt.will.qos', 'user.name', 'source.ip'), [
      'packet-received',
      'will/x',
      1,
      'svc',
      '1.2.3.4',
    ]);
    assert.ok(!JSON.stringify(connect).includes('bye'));
    const subscribe = text(
      `${head.replace('_sent', '_received')}SUBSCRIBE(Q1, R0, D0),PacketId=3 TopicFilters=[a/+(#{nl => 0,qos => 1,rap => 0,rh => 0})], peername: 1.2.3.4:5, tag: MQTT`,
      'debug',
    );
    assert.deepEqual(told(subscribe, 'mqtt.subscription.filter', 'mqtt.subscription.qos', 'source.ip'), [
      'packet-received',
      'a/+',
      1,
      '1.2.3.4',
    ]);
  });
});

describe('EMQX 5.0.0 to 5.0.16: what looks like a packet', () => {
  it('a client id hides no entry behind one', () => {
    const id = 'x, msg: mqtt_packet_sent, packet: PUBLISH(Q0, R0, D0),Topic=t, PacketId=9Payload=p';
    const event = text(
      `clientid: ${id}, line: 1, mfa: emqx_channel:x/2, msg: authentication_failure, peername: 1.2.3.4:5, reason: banned, tag: AUTHN`,
    );
    assert.equal(event?.marks, 'ambiguous');
    assert.deepEqual(
      [event?.action, event?.code, event?.values['mqtt.client.id']],
      ['broker-log', 'emqx.log', undefined],
    );
  });

  it('a payload with a name in it', () => {
    const trace =
      '2022-09-20T15:45:59+00:00 [MQTT] c@10.1.1.9:5 msg: mqtt_packet_sent, packet: PUBLISH(Q0, R0, D0),Topic=t, PacketId=9Payload=a, msg: b, info: s3cret';
    const event = one(trace);
    assert.equal(event?.marks, 'ambiguous');
    assert.ok(!JSON.stringify(event).includes('s3cret'), JSON.stringify(event));
  });
});
