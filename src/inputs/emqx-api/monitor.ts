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
class Watched {
  row: ClientRow;
  /** Connections that were made since the first poll. */
  connects: number;
  /** When a poll saw it connected last, milliseconds since 1970; undefined: never. */
  connectedSeen: number | undefined;
  /** The last poll that has found it. */
  poll: number;
  /** Polls in a row that have ended without it. */
  missing = 0;
  /** What the broker told last. */
  private last: Counters;
  /** What it had told before it began anew; undefined: it never did. */
  private before: Counters | undefined;

  constructor(row: ClientRow, connects: number, poll: number, now: number) {
    this.row = row;
    this.connects = connects;
    this.connectedSeen = row.connected ? now : undefined;
    this.poll = poll;
    this.last = row.counters;
  }

  /** Counters over all connections. */
  get totals(): Counters {
    const { last, before } = this;
    if (before === undefined) return last;
    const totals: Counters = {};
    for (const name of COUNTERS) totals[name] = sum(before[name], last[name]);
    return totals;
  }

  /** @param isNew it has another connection than before */
  settle(row: ClientRow, isNew: boolean, poll: number, now: number): void {
    this.count(row.counters, isNew);
    if (isNew) this.connects++;
    if (row.connected) this.connectedSeen = now;
    this.poll = poll;
    this.missing = 0;
    this.row = row;
  }

  /** A counter begins anew with each connection; a lower value tells it too. What the broker leaves out stays as it was. */
  private count(counters: Counters, isNew: boolean): void {
    const { last } = this;
    let isWhole = true;
    for (const name of COUNTERS) {
      const now = counters[name];
      const told = last[name];
      if (told === undefined) continue;
      if (now === undefined) isWhole = false;
      else if (isNew || now < told) {
        this.before ??= {};
        this.before[name] = sum(this.before[name], told);
      }
    }
    this.last = isWhole ? counters : withTold(last, counters);
  }
}

/** One client that has changed. */
export interface ClientChange {
  readonly client: Watched;
  readonly changes: readonly Change[];
}

const FIRST_SEEN: readonly Change[] = ['first_seen'];
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
        client.settle(row, false, this.poll, now);
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
    client.settle(row, isNew, this.poll, now);
    const changes = changesOf(before, row, isNew);
    return changes.length === 0 ? undefined : { client, changes };
  }

  private add(row: ClientRow, now: number): ClientChange {
    // Of those that were there before we looked nobody knows.
    const connects = this.hasPolled && row.connected ? 1 : 0;
    const client = new Watched(row, connects, this.poll, now);
    this.clients.set(row.id, client);
    return { client, changes: FIRST_SEEN };
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

function sum(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined ? b : a + (b ?? 0);
}

function withTold(last: Counters, now: Counters): Counters {
  const counters = { ...last };
  for (const name of COUNTERS) counters[name] = now[name] ?? last[name];
  return counters;
}
