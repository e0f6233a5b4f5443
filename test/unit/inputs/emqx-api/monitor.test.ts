import assert from 'node:assert/strict';
import test from 'node:test';
import type { ClientRow, Counters } from '../../../../src/emqx-api/clients.ts';
import { type ClientChange, ClientMonitor } from '../../../../src/inputs/emqx-api/monitor.ts';
import { seriesOf } from '../../../../src/inputs/emqx-api/series.ts';

function row(id: string, more: Partial<ClientRow> = {}, counters: Counters = {}): ClientRow {
  return {
    id,
    user: 'plant',
    node: 'emqx@a',
    connected: true,
    ip: '192.0.2.1',
    port: 4711,
    createdAt: 1000,
    connectedAt: 2000,
    disconnectedAt: undefined,
    keepAlive: 60,
    protocol: 5,
    cleanStart: true,
    expiryInterval: 0,
    subscriptions: 1,
    inflight: 0,
    queued: 0,
    counters,
    ...more,
  };
}

/** `id: change, change` of each client that has changed. */
function told(monitor: ClientMonitor, rows: readonly ClientRow[], now = 0): string[] {
  monitor.begin();
  return [...monitor.page(rows, now), ...monitor.end(now)].map(
    ({ client, changes }) => `${client.row.id}: ${changes.join(', ')}`,
  );
}

test('only what has changed is told', () => {
  const monitor = new ClientMonitor();
  assert.deepEqual(told(monitor, [row('a'), row('b')]), ['a: first_seen', 'b: first_seen']);
  assert.deepEqual(told(monitor, [row('a', { inflight: 3, queued: 9 }, { recv_msg: 7 }), row('b')]), []);
  assert.deepEqual(told(monitor, [row('a', { node: 'emqx@b' }), row('b', { subscriptions: 2 })]), [
    'a: node',
    'b: subscriptions',
  ]);
  assert.deepEqual(
    told(monitor, [row('a', { node: 'emqx@b', port: 1 }), row('b', { subscriptions: 2, ip: '192.0.2.2' })]),
    ['a: peer', 'b: peer'],
  );
});

test('a new connected_at counts as a connect, also of a connection that began and ended in between', () => {
  const monitor = new ClientMonitor();
  told(monitor, [row('a'), row('off', { connected: false })]);
  assert.deepEqual(
    told(monitor, [row('a', { connectedAt: 3000 }), row('off', { connected: false, connectedAt: 2500 })]),
    ['a: reconnected', 'off: reconnected'],
  );
  assert.deepEqual(
    told(monitor, [row('a', { connected: false, connectedAt: 3000 }), row('off', { connectedAt: 4000 })]),
    ['a: disconnected', 'off: connected'],
  );
  assert.deepEqual(told(monitor, [row('a', { connected: false, connectedAt: 3500 }), row('new')]), [
    'new: first_seen',
    'a: reconnected',
  ]);
  assert.equal(monitor.get('a')?.connects, 2);
  assert.equal(monitor.get('off')?.connects, 2);
  assert.equal(monitor.get('new')?.connects, 1, 'it came after the first poll');
});

test('a client that a poll has missed is not gone; one that is missing twice is', () => {
  const monitor = new ClientMonitor();
  told(monitor, [row('a'), row('b')]);
  assert.deepEqual(told(monitor, [row('b')]), []);
  assert.deepEqual(told(monitor, [row('a'), row('b')]), []);
  assert.deepEqual(told(monitor, [row('b')]), []);
  assert.deepEqual(told(monitor, [row('b')]), ['a: gone']);
  assert.deepEqual(told(monitor, [row('b')]), []);
});

test('a client that was gone comes again with its counts', () => {
  const monitor = new ClientMonitor();
  told(monitor, [row('a', {}, { recv_msg: 5 })]);
  for (let poll = 0; poll < 3; poll++) told(monitor, []);
  assert.equal(monitor.get('a')?.row.connected, false);
  assert.deepEqual(told(monitor, [row('a', { connectedAt: 9000 }, { recv_msg: 2 })]), ['a: connected']);
  assert.equal(monitor.get('a')?.connects, 1);
  assert.equal(monitor.get('a')?.totals.recv_msg, 7);
});

test('a client that comes twice in one poll is one: the row that tells its present state', () => {
  const monitor = new ClientMonitor();
  told(monitor, [row('a', { node: 'emqx@old', connected: false }), row('a', { node: 'emqx@new' })]);
  assert.equal(monitor.get('a')?.row.node, 'emqx@new');
  const changes = told(monitor, [
    row('a', { node: 'emqx@new' }),
    row('a', { node: 'emqx@old', connected: false }),
  ]);
  assert.deepEqual(changes, [], 'whatever the order');
  assert.deepEqual(
    told(monitor, [row('a', { node: 'emqx@c', connectedAt: 9000 }), row('a', { node: 'emqx@new' })]),
    ['a: reconnected, node'],
  );
});

test('new clients are told of with their page, but those of which a later page may know better', () => {
  const monitor = new ClientMonitor();
  monitor.begin();
  const idsIn = (changes: readonly ClientChange[]): string[] => changes.map(({ client }) => client.row.id);
  assert.deepEqual(idsIn(monitor.page([row('a'), row('b', { connected: false })], 0)), ['a']);
  assert.deepEqual(idsIn(monitor.page([row('a'), row('b', { node: 'emqx@new' }), row('c')], 0)), ['c']);
  assert.deepEqual(idsIn(monitor.end(0)), ['b']);
  assert.equal(monitor.get('b')?.row.node, 'emqx@new');
});

test('a poll that fails in between tells nothing of those who were missing', () => {
  const monitor = new ClientMonitor();
  told(monitor, [row('a'), row('b')]);
  for (let poll = 0; poll < 3; poll++) {
    monitor.begin();
    monitor.page([row('a', { connected: false })], 0);
  }
  assert.deepEqual(told(monitor, [row('a'), row('b')]), []);
});

test('counters go on over reconnects, resets and polls without them', () => {
  const monitor = new ClientMonitor();
  const total = (): number | undefined => monitor.get('a')?.totals.recv_msg;
  told(monitor, [row('a', {}, { recv_msg: 100 })]);
  assert.equal(total(), 100);
  told(monitor, [row('a', {}, { recv_msg: 130 })]);
  assert.equal(total(), 130);
  told(monitor, [row('a', { connectedAt: 3000 }, { recv_msg: 140 })]);
  assert.equal(total(), 270, 'all of a new connection, also when it is more than before');
  told(monitor, [row('a', { connectedAt: 3000 }, { recv_msg: 5 })]);
  assert.equal(total(), 275, 'a lower value is a reset');
  told(monitor, [row('a', { connectedAt: 3000, connected: false })]);
  assert.equal(total(), 275);
  told(monitor, [row('a', { connectedAt: 3000 }, { recv_msg: 6 })]);
  assert.equal(total(), 276, 'a poll without the counter changes nothing');
  told(monitor, [row('a', { connectedAt: 3000 }, { recv_msg: 6, send_msg: 2 })]);
  assert.equal(monitor.get('a')?.totals.send_msg, 2);
});

test('series have names for labels, and nothing else', () => {
  const monitor = new ClientMonitor();
  told(monitor, [row('a', {}, { recv_msg: 7 }), row('b')], 10_000);
  told(monitor, [row('a', { connected: false, connectedAt: 3000 }), row('b')], 20_000);
  const options = { ids: ['a', 'never'], aliases: new Map([['a', 'Boiler room']]), broker: 'plant' };
  const series = seriesOf(monitor, options, 25_000);
  const labels = { client_alias: 'Boiler room', client_id: 'a', user: 'plant', broker_alias: 'plant' };
  const of = (id: string): Record<string, number> =>
    Object.fromEntries(
      series.filter((one) => one.labels.client_id === id).map(({ name, value }) => [name, value]),
    );
  for (const one of series.filter(({ labels }) => labels.client_id === 'a'))
    assert.deepEqual(one.labels, labels);
  assert.deepEqual(of('a'), {
    brokertap_client_connected: 0,
    brokertap_client_last_seen_seconds: 15,
    brokertap_client_connects_total: 1,
    brokertap_client_publish_received_total: 7,
  });
  assert.deepEqual(of('never'), { brokertap_client_connected: 0, brokertap_client_connects_total: 0 });
});
