import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dialect } from '../../../../src/brokers/emqx/index.ts';
import { one } from '../../../support/emqx.ts';

/** What gateways print of their own protocols, each in its own way; only MQTT-SN's looks like MQTT. */
const PACKETS: readonly string[] = [
  // ExProto.
  '<<"s3cret one">>',
  // GB/T 32960, JT/T 808.
  '{frame,1,254,<<"LSV1">>,1,32,#{<<"A">> => <<"s3cret two">>},<<"s3cret raw">>}',
  '#{<<"header">> => #{<<"msg_id">> => 512},<<"body">> => #{<<"x">> => <<"s3cret">>}}',
  // STOMP; a line break of a frame is written as `, `.
  'SEND, destination:/q, receipt:7, , s3cret, info: s3cret too',
  '{stomp_frame,<<"SEND">>,[{<<"destination">>,<<"/q">>}],[<<"s3cret">>,<<" more">>]}',
  // NATS, OCPP.
  'PUB: #{subject => <<"a">>,payload => <<"s3cret">>}',
  '[2,"19223","BootNotification",{"chargePointSerialNumber":"s3cret"}]',
  'SN_PUBLISH(D0, Q1, R0, TopicIdType=0, TopicId=1, MsgId=2, Payload=<<"s3cret">>)',
];
const STAMP = '2025-05-14T06:40:40.137021+00:00 [debug] ';

describe('EMQX: packets of gateways', () => {
  for (const packet of PACKETS)
    it(`${packet.slice(0, 24)}: what it carries is left out`, () => {
      for (const line of [
        `clientid: c, msg: packet_received, mfa: emqx_gateway_conn:handle_incoming/2(875), peername: 10.1.2.3:5, packet: ${packet}, payload_encode: text`,
        `msg: send_packet, mfa: emqx_gateway_conn:serialize/1(9), peername: 10.1.2.3:5, clientid: c, packet: ${packet}`,
        `clientid: c, line: 8, mfa: emqx_gateway_conn:handle_incoming/2, msg: RECV_packet, packet: ${packet}, peername: 10.1.2.3:5`,
      ]) {
        const event = one(STAMP + line);
        assert.ok(!JSON.stringify(event).includes('s3cret'), JSON.stringify(event));
        assert.ok(!dialect.original?.(STAMP + line).includes('s3cret'));
        assert.deepEqual(
          [event?.action, event?.values['mqtt.client.id'], event?.values['source.ip']],
          ['broker-log', 'c', '10.1.2.3'],
          line,
        );
      }
      const json = one(
        JSON.stringify({ time: 1747204840685105, level: 'debug', msg: 'packet_received', packet }),
      );
      assert.ok(!JSON.stringify(json).includes('s3cret'));
    });

  it('a client id hides no entry behind one', () => {
    for (const id of ['x, packet: hello', 'x, msg: send_packet, packet: hello']) {
      const line = `clientid: ${id}, msg: authentication_failure, peername: 1.2.3.4:5, reason: banned`;
      const event = one(STAMP.replace('debug', 'warning') + line);
      assert.notEqual(event?.code, 'emqx.send_packet');
      assert.ok(event?.message.includes('authentication_failure') || event?.marks === 'ambiguous', id);
    }
  });

  it('a frame that could not be read tells why', () => {
    const line =
      'msg: packet_received, clientid: c, packet: {frame_error,#{cause => frame_too_large,limit => 1024}}';
    assert.match(one(STAMP + line)?.message ?? '', /frame_too_large/);
  });
});
