import { exists, is, type NumberField, type TermField } from '../../questions/query/query.ts';
import { type ChartPanel, type Dashboard, number, rate, unique } from '../panel.ts';

/** A broker that counts by itself: Mosquitto as a whole, EMQX each of its nodes. */
interface Family {
  readonly type: 'mosquitto' | 'emqx';
  readonly title: string;
  readonly each: TermField;
}
const MOSQUITTO: Family = { type: 'mosquitto', title: 'Mosquitto', each: 'service.name' };
const EMQX: Family = { type: 'emqx', title: 'EMQX', each: 'service.node.name' };

type Words = readonly [id: string, title: string, question: string];

const panel = (
  { type, title: family }: Family,
  [id, title, question]: Words,
  chart: ChartPanel['chart'],
  width = 12,
): ChartPanel => ({
  id: `${type}-${id}`,
  title: `${family}: ${title}`,
  question,
  view: 'mqtt-sys',
  where: is('service.type', type),
  chart,
  width,
  height: 10,
});

/** A number that goes up and down. */
const level = (family: Family, field: NumberField, words: Words): ChartPanel =>
  panel(family, words, {
    type: 'timeline',
    style: 'line',
    of: [number('max', field, words[1])],
    by: family.each,
  });

/** What a counter has counted in a second. */
const speed = (family: Family, field: NumberField, words: Words): ChartPanel =>
  panel(family, words, {
    type: 'timeline',
    style: 'line',
    of: [rate(field, `${words[1]} per second`)],
    by: family.each,
  });

/** What both count alike. */
const common = (family: Family): ChartPanel[] => [
  level(family, 'mqtt.broker.clients.connected', [
    'clients',
    'clients connected',
    'How many clients are connected, and did they leave all at once?',
  ]),
  speed(family, 'mqtt.broker.publish.received', ['in', 'messages in', 'How much do clients publish?']),
  speed(family, 'mqtt.broker.publish.sent', [
    'out',
    'messages out',
    'How much is delivered? One message in may be many out: compare with the messages in.',
  ]),
  level(family, 'mqtt.broker.messages.retained', [
    'retained',
    'retained messages',
    'Does the number of retained messages grow without end? Each stays until somebody empties it.',
  ]),
  level(family, 'mqtt.broker.subscriptions', [
    'subscriptions',
    'subscriptions',
    'How many subscriptions are there? Growth without more clients: some never unsubscribe.',
  ]),
];

/** What the brokers count themselves: the whole of it, also what no log tells. */
export const brokerNumbers: Dashboard = {
  id: 'mqtt-broker-numbers',
  title: "MQTT: the brokers' own numbers",
  description:
    'What do the brokers count themselves? Their numbers in `$SYS`, which a mirror with `$SYS/#` reads: the whole of it, also where the log is silent.',
  view: 'mqtt-sys',
  controls: [
    { field: 'service.name', title: 'Broker' },
    { field: 'service.node.name', title: 'Node' },
    { field: 'host.name', title: 'Host' },
  ],
  panels: [
    {
      id: 'telling',
      title: 'Brokers that tell numbers',
      question:
        'How many brokers publish their numbers to a probe? One that is missing has no `$SYS/#`, or is gone.',
      view: 'mqtt-sys',
      chart: { type: 'number', of: unique('service.name', 'brokers') },
      width: 8,
      height: 10,
    },
    {
      id: 'uptime',
      title: 'Versions and uptime',
      question: 'Which version does each broker run, and for how long without a restart?',
      view: 'mqtt-sys',
      where: exists('mqtt.broker.uptime'),
      chart: {
        type: 'table',
        rows: ['service.name', 'service.version'],
        of: [
          number('max', 'mqtt.broker.uptime', 'uptime (s)'),
          number('max', 'mqtt.broker.clients.connected', 'most clients'),
          number('max', 'mqtt.broker.messages.retained', 'most retained'),
          number('max', 'mqtt.broker.subscriptions', 'most subscriptions'),
        ],
      },
      width: 40,
      height: 10,
    },
    ...common(MOSQUITTO),
    speed(MOSQUITTO, 'mqtt.broker.publish.dropped', [
      'dropped',
      'messages dropped',
      'Are messages lost because a receiver is too slow?',
    ]),
    level(MOSQUITTO, 'mqtt.broker.heap.current', [
      'heap',
      'memory in use',
      'Does the broker grow? Queues and retained messages are in its memory.',
    ]),
    level(MOSQUITTO, 'mqtt.broker.clients.disconnected', [
      'absent',
      'sessions without a client',
      'How many sessions wait for a client that is away, and keep messages for it?',
    ]),
    ...common(EMQX),
    speed(EMQX, 'mqtt.broker.messages.dropped', [
      'dropped',
      'messages dropped at publish',
      'How many messages did nobody get? Most had no subscriber.',
    ]),
    speed(EMQX, 'mqtt.broker.delivery.dropped', [
      'delivery-dropped',
      'messages dropped at delivery',
      'Are messages lost because a receiver is too slow, its queue full?',
    ]),
    level(EMQX, 'mqtt.broker.sessions', [
      'sessions',
      'sessions',
      'How many sessions are there, with those that wait for a client that is away?',
    ]),
  ],
};
