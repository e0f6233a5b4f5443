import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { one, type Read } from '../../../support/emqx.ts';

const read = (body: object): Read => {
  const event = one(JSON.stringify(body));
  assert.ok(event !== undefined);
  return event;
};

/** Action, and the values of the fields. */
const told = (body: object, ...fields: string[]): unknown[] => {
  const { action, values } = read(body);
  return [action, ...fields.map((field) => values[field])];
};

const CLIENT = 'mqtt.client.id';
const FIELDS = 'mqtt.log.fields';

describe('EMQX: bodies of the web-hook plugin of emqttd 2.x and EMQX 3.x', () => {
  const client = { client_id: 'c1', username: 'bob' };

  it('call the client client_id', () => {
    assert.deepEqual(
      [
        told({ action: 'client_connected', ...client, conn_ack: 0 }, CLIENT, 'user.name', FIELDS),
        told({ action: 'client_disconnected', ...client, reason: 'closed' }, CLIENT, 'event.reason', FIELDS),
        told(
          { action: 'client_subscribe', ...client, topic: 'a/#', opts: { qos: 1 } },
          CLIENT,
          'mqtt.subscription.filter',
          'mqtt.subscription.qos',
          FIELDS,
        ),
        told({ action: 'session_unsubscribed', client_id: 'c1', topic: 'a/#' }, CLIENT, FIELDS),
        told({ action: 'session_terminated', client_id: 'c1', reason: 'discarded' }, CLIENT, FIELDS),
      ],
      [
        ['client-connected', 'c1', 'bob', undefined],
        ['client-disconnected', 'c1', 'connection_lost', undefined],
        ['subscription-requested', 'c1', 'a/#', 1, undefined],
        ['subscription-removed', 'c1', undefined],
        ['session-expired', 'c1', undefined],
      ],
    );
  });

  it('tell that a session has been made, and that a message is delivered in words of their own', () => {
    assert.deepEqual(told({ action: 'session_created', ...client }, CLIENT, 'user.name'), [
      'session-created',
      'c1',
      'bob',
    ]);
    const body = {
      action: 'message_deliver',
      ...client,
      from_client_id: 'p1',
      from_username: 'alice',
      topic: 'a/b',
      qos: 1,
      retain: false,
      payload: 'x',
      ts: 1_492_412_826,
    };
    assert.deepEqual(
      told(body, CLIENT, 'user.name', 'mqtt.publisher.client.id', 'mqtt.publisher.user.name', FIELDS),
      ['message-delivered', 'c1', 'bob', 'p1', 'alice', undefined],
    );
    assert.equal(read(body).time, '2017-04-17T07:07:06.000Z');
  });

  it('2.2 tells refused connections as connected', () => {
    assert.deepEqual(
      [4, 3, 0].map((code) =>
        told({ action: 'client_connected', ...client, conn_ack: code }, 'mqtt.reason_code'),
      ),
      [
        ['client-authentication-failed', 4],
        ['client-connection-rejected', 3],
        ['client-connected', 0],
      ],
    );
  });

  it('one that names two clients is about that of later versions', () => {
    const event = read({ action: 'session_created', client_id: 'x', clientid: 'c1' });
    assert.equal(event.values[CLIENT], 'c1');
  });
});

describe('EMQX: events of the rule engine of 3.x', () => {
  const client = { client_id: 'c1', username: 'bob', node: 'emqx@10.0.0.1', timestamp: 1_564_037_750_692 };

  it('call the client client_id, and flags 0 and 1', () => {
    const message = { ...client, peername: '10.0.0.9:5', topic: 'a/b', qos: 1, payload: 'x', retain: 1 };
    assert.deepEqual(
      ['message.publish', 'message.deliver', 'message.acked', 'message.dropped'].map((event) =>
        told({ event, ...message }, CLIENT, 'source.port', 'mqtt.topic', 'mqtt.retained', FIELDS),
      ),
      ['message-published', 'message-delivered', 'message-acknowledged', 'message-dropped'].map((action) => [
        action,
        'c1',
        5,
        'a/b',
        true,
        undefined,
      ]),
    );
    assert.deepEqual(
      ['client.subscribe', 'client.unsubscribe', 'session.subscribed', 'session.unsubscribed'].map((event) =>
        told({ event, ...client, topic: 'a/#', qos: 1 }, CLIENT, 'mqtt.subscription.filter', FIELDS),
      ),
      [
        ['subscription-requested', 'c1', 'a/#', undefined],
        ['unsubscription-requested', 'c1', 'a/#', undefined],
        ['subscription-added', 'c1', 'a/#', undefined],
        ['subscription-removed', 'c1', 'a/#', undefined],
      ],
    );
  });

  it('tell refused connections as connected, and why one has ended by a code', () => {
    assert.deepEqual(
      [4, 3, 0].map((connack) => told({ event: 'client.connected', ...client, connack }, CLIENT)),
      [
        ['client-authentication-failed', 'c1'],
        ['client-connection-rejected', 'c1'],
        ['client-connected', 'c1'],
      ],
    );
    assert.deepEqual(
      ['normal', 'keepalive_timeout', 142].map((code) =>
        told({ event: 'client.disconnected', ...client, reason_code: code }, 'event.reason'),
      ),
      [
        ['client-disconnected', 'normal'],
        ['client-disconnected', 'keep_alive_timeout'],
        ['client-disconnected', 'session_taken_over'],
      ],
    );
  });
});

describe('EMQX: bodies as other encoders and documentation write them', () => {
  it('with blanks after the first bracket', () => {
    for (const open of ['{ ', '{  ', '{\t']) {
      const text = JSON.stringify({ event: 'message.publish', clientid: 'c1', topic: 'a' });
      assert.equal(one(open + text.slice(1))?.action, 'message-published');
    }
  });

  it('user properties whose pairs are no pairs are told by the simple form', () => {
    const properties = (pairs: unknown): unknown =>
      read({
        event: 'message.publish',
        clientid: 'c1',
        pub_props: { 'User-Property': { foo: 'bar' }, 'User-Property-Pairs': pairs },
      }).values['mqtt.user_properties'];
    assert.deepEqual(properties([{ key: 'foo' }, { value: 'bar' }]), { foo: 'bar' });
    assert.deepEqual(
      properties([
        { key: 'foo', value: 'a' },
        { key: 'foo', value: 'b' },
      ]),
      { foo: ['a', 'b'] },
    );
    assert.deepEqual(properties([]), { foo: 'bar' });
  });
});
