import { type ClientRow, COUNTERS, type Counters, later } from '../../emqx-api/clients.ts';

/** What is different from the poll before. */
type Change =
  | 'first_seen'
  | 'connected'
  | 'disconnected'
  | 'reconnected'
  | 'node'
  | 'peer'
  | 'subscriptions'
  | 'gone';

/** A client, and what earlier polls knew of it. */
interface Watched {
  row: ClientRow;
  /** Connections that were made since the first poll. */
  connects: number;
  /** Rise over all connections, from what the broker told at first. */
  readonly totals: Counters;
  /** What the broker told last. */
  last: Counters;
  /** When a poll saw it connected last, milliseconds since 1970; undefined: never. */
  connectedSeen: number | undefined;
  /** The last poll that has found it. */
  poll: number;
  /** Polls in a row that have ended without it. */
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

/**
 * Compares what polls find: which clients have changed, how often they connected, what they sent and received in all. Most
 * clients are what they were, and settled with their page, while the server makes the next one.
 */
export class ClientMonitor {
  private readonly clients = new Map<string, Watched>();
  private readonly gone = new Map<string, Watched>();
  /** Of the poll under way, what may be a change: a later page may know better. */
  private readonly open = new Map<string, ClientRow>();
  private poll = 0;
  private hasPolled = false;

  /** A client as it is now, or was when it went. */
  get(id: string): Watched | undefined {
    return this.clients.get(id) ?? this.gone.get(id);
  }

  /** A poll begins; one that did not end is forgotten. */
  begin(): void {
    this.poll++;
    this.open.clear();
  }

  /**
   * Takes a page of the poll.
   * @param now milliseconds since 1970
   * @returns the clients that are new and connected
   */
  page(rows: Iterable<ClientRow>, now: number): ClientChange[] {
    const changed: ClientChange[] = [];
    for (const row of rows) {
      const client = this.clients.get(row.id);
      const other = client?.poll === this.poll ? client.row : this.open.get(row.id);
      if (other !== undefined) {
        if (later(other, row) === row) this.open.set(row.id, row);
      } else if (client === undefined) {
        if (row.connected && !this.gone.has(row.id)) changed.push(this.add(row, now));
        else this.open.set(row.id, row);
      } else if (changesOf(client.row, row, isNewConnection(client.row, row)).length === 0)
        this.settle(client, row, false, now);
      else this.open.set(row.id, row);
    }
    return changed;
  }

  /**
   * The poll has ended.
   * @param now milliseconds since 1970
   * @returns all clients that have changed besides
   */
  end(now: number): ClientChange[] {
    const changed: ClientChange[] = [];
    for (const row of this.open.values()) {
      const change = this.see(row, now);
      if (change !== undefined) changed.push(change);
    }
    this.open.clear();
    for (const [id, client] of this.clients) {
      if (client.poll === this.poll || ++client.missing < POLLS_UNTIL_GONE) continue;
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
    if (client === undefined) return this.add(row, now);
    if (this.gone.delete(row.id)) this.clients.set(row.id, client);
    const before = client.row;
    const isNew = isNewConnection(before, row);
    this.settle(client, row, isNew, now);
    const changes = changesOf(before, row, isNew);
    return changes.length === 0 ? undefined : { client, changes };
  }

  private add(row: ClientRow, now: number): ClientChange {
    const client: Watched = {
      row,
      // Of those that were there before we looked nobody knows.
      connects: this.hasPolled && row.connected ? 1 : 0,
      totals: { ...row.counters },
      last: row.counters,
      connectedSeen: row.connected ? now : undefined,
      poll: this.poll,
      missing: 0,
    };
    this.clients.set(row.id, client);
    return { client, changes: ['first_seen'] };
  }

  private settle(client: Watched, row: ClientRow, isNew: boolean, now: number): void {
    count(client, row, isNew);
    if (isNew) client.connects++;
    if (row.connected) client.connectedSeen = now;
    client.poll = this.poll;
    client.missing = 0;
    client.row = row;
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
function count(client: Watched, { counters }: ClientRow, isNew: boolean): void {
  const { totals, last } = client;
  let isWhole = true;
  for (const name of COUNTERS) {
    const before = last[name] ?? 0;
    const now = counters[name];
    if (now === undefined) isWhole = false;
    else if (isNew || now !== before)
      totals[name] = (totals[name] ?? 0) + (isNew || now < before ? now : now - before);
  }
  client.last = isWhole ? counters : withTold(last, counters);
}

function withTold(last: Counters, now: Counters): Counters {
  const counters = { ...last };
  for (const name of COUNTERS) counters[name] = now[name] ?? last[name];
  return counters;
}
