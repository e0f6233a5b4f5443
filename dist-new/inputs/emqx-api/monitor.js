import { COUNTERS, later } from '../../emqx-api/clients.js';
/** Pages are read from live tables, so that a client may be missed: this often in a row, and it is gone. */
const POLLS_UNTIL_GONE = 2;
/** Clients that are gone and may come again. Sessions that end with their connection go with each disconnect. */
const REMEMBERED = 10_000;
/** Compares what polls find: which clients have changed, how often they connected, what they sent and received in all. */
export class ClientMonitor {
    clients = new Map();
    gone = new Map();
    hasPolled = false;
    /** A client as it is now, or was when it went. */
    get(id) {
        return this.clients.get(id) ?? this.gone.get(id);
    }
    /**
     * Takes all that one poll has found.
     * @param now milliseconds since 1970
     * @returns the clients that have changed
     */
    take(rows, now) {
        const found = new Map();
        for (const row of rows) {
            const other = found.get(row.id);
            found.set(row.id, other === undefined ? row : later(other, row));
        }
        const changed = [];
        for (const row of found.values()) {
            const change = this.see(row, now);
            if (change !== undefined)
                changed.push(change);
        }
        for (const [id, client] of this.clients) {
            if (found.has(id) || ++client.missing < POLLS_UNTIL_GONE)
                continue;
            this.clients.delete(id);
            this.gone.set(id, client);
            client.row = { ...client.row, connected: false };
            changed.push({ client, changes: ['gone'] });
        }
        for (const id of this.gone.keys()) {
            if (this.gone.size <= REMEMBERED)
                break;
            this.gone.delete(id);
        }
        this.hasPolled = true;
        return changed;
    }
    see(row, now) {
        const client = this.get(row.id);
        if (this.gone.delete(row.id) && client !== undefined)
            this.clients.set(row.id, client);
        if (client === undefined) {
            const added = {
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
        if (isNew)
            client.connects++;
        if (row.connected)
            client.connectedSeen = now;
        client.missing = 0;
        client.row = row;
        const changes = changesOf(before, row, isNew);
        return changes.length === 0 ? undefined : { client, changes };
    }
}
/** Also one that was made and has ended between two polls. */
function isNewConnection(before, now) {
    if (now.connectedAt !== undefined && before.connectedAt !== undefined)
        return now.connectedAt !== before.connectedAt;
    return now.connected && !before.connected;
}
function changesOf(before, now, isNew) {
    const changes = [];
    if (now.connected !== before.connected)
        changes.push(now.connected ? 'connected' : 'disconnected');
    if (isNew && !(now.connected && !before.connected))
        changes.push('reconnected');
    if (now.node !== before.node)
        changes.push('node');
    if (now.ip !== before.ip || now.port !== before.port)
        changes.push('peer');
    if (now.subscriptions !== before.subscriptions)
        changes.push('subscriptions');
    return changes;
}
/** A counter begins anew with each connection; a lower value tells it too. What the broker leaves out stays as it was. */
function count({ totals, last }, { counters }, isNew) {
    for (const name of COUNTERS) {
        const now = counters[name];
        if (now === undefined)
            continue;
        const before = last[name] ?? 0;
        totals[name] = (totals[name] ?? 0) + (isNew || now < before ? now : now - before);
        last[name] = now;
    }
}
