/** `event` of the records that tell a client's state. */
const EVENT = 'client.state';
/**
 * The record of a client that has changed: a line of JSON with EMQX's own names, for the dialect to read. Counters are those
 * over all connections; times in milliseconds since 1970. One object of one shape: a first poll makes thousands of them.
 * @param now when it was found
 */
export function stateRecord({ client, changes }, alias, now) {
    const { row, connects, totals } = client;
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
        created_at: row.createdAt,
        connected_at: row.connectedAt,
        disconnected_at: row.disconnectedAt,
        keepalive: row.keepAlive,
        proto_ver: row.protocol,
        clean_start: row.cleanStart,
        expiry_interval: row.expiryInterval,
        subscriptions_cnt: row.subscriptions,
        inflight_cnt: row.inflight,
        mqueue_len: row.queued,
        recv_msg: totals.recv_msg,
        'recv_msg.dropped': totals['recv_msg.dropped'],
        send_msg: totals.send_msg,
        'send_msg.dropped': totals['send_msg.dropped'],
        recv_pkt: totals.recv_pkt,
        send_pkt: totals.send_pkt,
        recv_oct: totals.recv_oct,
        send_oct: totals.send_oct,
        mqueue_dropped: totals.mqueue_dropped,
    });
}
