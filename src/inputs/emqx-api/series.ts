import type { Series } from '../../core/input.ts';
import type { CounterName } from '../../emqx-api/clients.ts';
import type { ClientMonitor } from './monitor.ts';

const COUNTER_SERIES: readonly (readonly [CounterName, string, string])[] = [
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

/** Names only: addresses and nodes change with each connection, and would make a new series each time. */
export const CLIENT_LABELS = ['client_alias', 'client_id', 'user', 'broker_alias'] as const;

type Watched = ReturnType<ClientMonitor['get']>;

/** The series of a client. */
export const CLIENT_SERIES: readonly {
  readonly type: Series['type'];
  readonly name: string;
  readonly help: string;
  /** Undefined: it is not known. @param client undefined: no poll has seen it */
  readonly number: (client: Watched, now: number) => number | undefined;
}[] = [
  {
    type: 'gauge',
    name: 'brokertap_client_connected',
    help: '1: connected at the last poll',
    number: (client) => (client?.row.connected === true ? 1 : 0),
  },
  {
    type: 'gauge',
    name: 'brokertap_client_last_seen_seconds',
    help: 'Time since a poll has seen the client connected',
    number: (client, now) =>
      client?.connectedSeen === undefined ? undefined : Math.max(0, (now - client.connectedSeen) / 1000),
  },
  {
    type: 'counter',
    name: 'brokertap_client_connects_total',
    help: 'Connections made',
    number: (client) => client?.connects ?? 0,
  },
  ...COUNTER_SERIES.map(([counter, name, help]) => ({
    type: 'counter' as const,
    name,
    help,
    number: (client: Watched) => client?.totals[counter],
  })),
];

/** Which clients become series, and what they are called. */
export interface SeriesOptions {
  readonly ids: readonly string[];
  readonly aliases: ReadonlyMap<string, string>;
  /** Name of the broker. */
  readonly broker: string;
}

/** The series of chosen clients. */
export function seriesOf(
  monitor: ClientMonitor,
  { ids, aliases, broker }: SeriesOptions,
  now: number,
): Series[] {
  const series: Series[] = [];
  for (const id of ids) {
    const client = monitor.get(id);
    const labels: Record<(typeof CLIENT_LABELS)[number], string> = {
      client_alias: aliases.get(id) ?? id,
      client_id: id,
      user: client?.row.user ?? '',
      broker_alias: broker,
    };
    for (const { type, name, help, number } of CLIENT_SERIES) {
      const value = number(client, now);
      if (value !== undefined) series.push({ type, name, help, labels, value });
    }
  }
  return series;
}
