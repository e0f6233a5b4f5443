import { COUNTERS } from '../../emqx-api/clients.ts';
import type { ClientChange } from './monitor.ts';

/** `event` of the records that tell a client's state. */
const EVENT = 'client.state';

/**
 * The record of a client that has changed: a line of JSON with EMQX's own names, for the dialect to read. Counters are those
 * over all connections.
 * @param now when it was found, milliseconds since 1970
 */
export function stateRecord(
  { client, changes }: ClientChange,
  alias: string | undefined,
  now: number,
): string {
  const { row, connects, totals } = client;
  const iso = (ms: number | undefined): string | undefined =>
    ms === undefined ? undefined : new Date(ms).toISOString();
  const counters: Record<string, number | undefined> = {};
  for (const name of COUNTERS) counters[name] = totals[name];
  return JSON.stringify({
    event: EVENT,
    timestamp: now,
    state: changes.includes('gone') ? 'gone' : row.connected ? 'connected' : 'disconnected',
    changes,
    connects,
    alias,
    clientid: row.id,
    username: row.user,
    node: row.node,
    ip_address: row.ip,
    port: row.port,
    created_at: iso(row.createdAt),
    connected_at: iso(row.connectedAt),
    disconnected_at: iso(row.disconnectedAt),
    keepalive: row.keepAlive,
    proto_ver: row.protocol,
    clean_start: row.cleanStart,
    expiry_interval: row.expiryInterval,
    subscriptions_cnt: row.subscriptions,
    inflight_cnt: row.inflight,
    mqueue_len: row.queued,
    ...counters,
  });
}
