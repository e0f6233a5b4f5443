import { type ClientRow, COUNTERS, type Counters, later } from '../../emqx-api/clients.ts';

/** What is different from the poll before. */
export type Change =
  | 'first_seen'
  | 'connected'
  | 'disconnected'
  | 'reconnected'
  | 'node'
  | 'peer'
  | 'subscriptions'
  | 'gone';

/** A client, and what earlier polls knew of it. */
export interface Watched {
  row: ClientRow;
  /** Connections that were made since the first poll. */
  connects: number;
  /** Rise over all connections, from what the broker told at first. */
  readonly totals: Counters;
  /** What the broker told last. */
  readonly last: Counters;
  /** When a poll saw it connected last, milliseconds since 1970; undefined: never. */
  connectedSeen: number | undefined;
  /** Polls in a row that have not found it. */
  missing: number;
}

/** One client that has changed. */
export interface ClientChange {
  readonly client: Watched;
  readonly changes: readonly Change[];
}

/** Pages are read from live tables, so that a client may be missed: this often in a row, and it is gone. */
const POLLS_UNTIL_GONE = 2;
/** Clients that are gone and may come again. Sessions that end with their connection go with each disconnect. */
const REMEMBERED = 10_000;

/** Compares what polls find: which clients have changed, how often they connected, what they sent and received in all. */
export class ClientMonitor {
  private readonly clients = new Map<string, Watched>();
  private readonly gone = new Map<string, Watched>();
  private hasPolled = false;

  /** A client as it is now, or was when it went. */
  get(id: string): Watched | undefined {
    return this.clients.get(id) ?? this.gone.get(id);
  }

  /**
   * Takes all that one poll has found.
   * @param now milliseconds since 1970
   * @returns the clients that have changed
   */
  take(rows: Iterable<ClientRow>, now: number): ClientChange[] {
    const found = new Map<string, ClientRow>();
    for (const row of rows) {
      const other = found.get(row.id);
      found.set(row.id, other === undefined ? row : later(other, row));
    }
    const changed: ClientChange[] = [];
    for (const row of found.values()) {
      const change = this.see(row, now);
      if (change !== undefined) changed.push(change);
    }
    for (const [id, client] of this.clients) {
      if (found.has(id) || ++client.missing < POLLS_UNTIL_GONE) continue;
      this.clients.delete(id);
      this.gone.set(id, client);
      client.row = { ...client.row, connected: false };
      changed.push({ client, changes: ['gone'] });
    }
    for (const id of this.gone.keys()) {
      if (this.gone.size <= REMEMBERED) break;
      this.gone.delete(id);
    }
    this.hasPolled = true;
    return changed;
  }

  private see(row: ClientRow, now: number): ClientChange | undefined {
    const client = this.get(row.id);
    if (this.gone.delete(row.id) && client !== undefined) this.clients.set(row.id, client);
    if (client === undefined) {
      const added: Watched = {
        row,
        // Of those that were there before we looked nobody knows.
        connects: this.hasPolled && row.connected ? 1 : 0,
        totals: { ...row.counters },
        last: { ...row.counters },
        connectedSeen: row.connected ? now : undefined,
        missing: 0,
      };
      this.clients.set(row.id, added);
      return { client: added, changes: ['first_seen'] };
    }
    const before = client.row;
    const isNew = isNewConnection(before, row);
    count(client, row, isNew);
    if (isNew) client.connects++;
    if (row.connected) client.connectedSeen = now;
    client.missing = 0;
    client.row = row;
    const changes = changesOf(before, row, isNew);
    return changes.length === 0 ? undefined : { client, changes };
  }
}

/** Also one that was made and has ended between two polls. */
function isNewConnection(before: ClientRow, now: ClientRow): boolean {
  if (now.connectedAt !== undefined && before.connectedAt !== undefined)
    return now.connectedAt !== before.connectedAt;
  return now.connected && !before.connected;
}

function changesOf(before: ClientRow, now: ClientRow, isNew: boolean): Change[] {
  const changes: Change[] = [];
  if (now.connected !== before.connected) changes.push(now.connected ? 'connected' : 'disconnected');
  if (isNew && !(now.connected && !before.connected)) changes.push('reconnected');
  if (now.node !== before.node) changes.push('node');
  if (now.ip !== before.ip || now.port !== before.port) changes.push('peer');
  if (now.subscriptions !== before.subscriptions) changes.push('subscriptions');
  return changes;
}

/** A counter begins anew with each connection; a lower value tells it too. What the broker leaves out stays as it was. */
function count({ totals, last }: Watched, { counters }: ClientRow, isNew: boolean): void {
  for (const name of COUNTERS) {
    const now = counters[name];
    if (now === undefined) continue;
    const before = last[name] ?? 0;
    totals[name] = (totals[name] ?? 0) + (isNew || now < before ? now : now - before);
    last[name] = now;
  }
}
