const COUNTER_SERIES = [
    ['recv_msg', 'brokertap_client_publish_received_total', 'PUBLISH packets from the client'],
    ['recv_msg.dropped', 'brokertap_client_publish_received_dropped_total', 'The dropped ones of these'],
    ['send_msg', 'brokertap_client_publish_sent_total', 'PUBLISH packets to the client'],
    [
        'send_msg.dropped',
        'brokertap_client_publish_sent_dropped_total',
        'Messages for the client that were dropped',
    ],
    ['recv_pkt', 'brokertap_client_packets_received_total', 'Packets from the client'],
    ['send_pkt', 'brokertap_client_packets_sent_total', 'Packets to the client'],
    ['recv_oct', 'brokertap_client_bytes_received_total', 'Bytes from the client'],
    ['send_oct', 'brokertap_client_bytes_sent_total', 'Bytes to the client'],
    [
        'mqueue_dropped',
        'brokertap_client_queue_dropped_total',
        'Messages that the full queue of the client lost',
    ],
];
/**
 * The series of chosen clients. Labels are names only: addresses and nodes change with each connection, and would make a new
 * series each time.
 */
export function seriesOf(monitor, { ids, aliases, broker }, now) {
    const series = [];
    for (const id of ids) {
        const client = monitor.get(id);
        const labels = {
            client_alias: aliases.get(id) ?? id,
            client_id: id,
            user: client?.row.user ?? '',
            broker_alias: broker,
        };
        const tell = (type, name, help, value) => {
            if (value !== undefined)
                series.push({ type, name, help, labels, value });
        };
        const seen = client?.connectedSeen;
        tell('gauge', 'brokertap_client_connected', '1: connected at the last poll', client?.row.connected === true ? 1 : 0);
        tell('gauge', 'brokertap_client_last_seen_seconds', 'Time since a poll has seen the client connected', seen === undefined ? undefined : Math.max(0, (now - seen) / 1000));
        tell('counter', 'brokertap_client_connects_total', 'Connections made', client?.connects ?? 0);
        for (const [name, metric, help] of COUNTER_SERIES)
            tell('counter', metric, help, client?.totals[name]);
    }
    return series;
}
