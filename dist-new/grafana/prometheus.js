import { grafanaDashboard } from './dashboard.js';
const SOURCE = { type: 'prometheus', uid: '${datasource}' };
const COLUMNS = 24;
const RATE = '[$__rate_interval]';
const at = 'instance=~"$instance"';
const rate = (name) => `rate(${name}{${at}}${RATE})`;
const ROWS = [
    {
        title: 'Probes up',
        question: 'Does every probe answer?',
        queries: [[`count(brokertap_spool_bytes{${at}})`, 'probes']],
        type: 'stat',
    },
    {
        title: 'Events a second',
        question: 'How much do the probes read?',
        queries: [[`sum(${rate('brokertap_events_total')})`, 'events/s']],
        type: 'stat',
    },
    {
        title: 'Pending events',
        question: 'How much is under way and not settled?',
        queries: [[`sum(brokertap_output_pending_events{${at}})`, 'pending']],
        type: 'stat',
    },
    {
        title: 'Dead letters and drops',
        question: 'Was anything refused for good, or lost? It should be 0.',
        queries: [
            [`sum(brokertap_output_dead_total{${at}})`, 'dead letters'],
            [`sum(brokertap_output_dropped_total{${at}})`, 'dropped'],
        ],
        type: 'stat',
    },
    {
        title: 'Events by dataset',
        question: 'What do the brokers speak of?',
        queries: [[`sum by (dataset) (${rate('brokertap_events_total')})`, '{{dataset}}']],
        unit: 'short',
    },
    {
        title: 'Bytes read by input',
        question: 'Which input brings how much?',
        queries: [[`sum by (input) (${rate('brokertap_input_bytes_total')})`, '{{input}}']],
        unit: 'Bps',
    },
    {
        title: 'Delivered by output',
        question: 'Does every output take its events?',
        queries: [
            [`sum by (output) (${rate('brokertap_output_delivered_total')})`, '{{output}}'],
            [`sum by (output) (${rate('brokertap_output_duplicates_total')})`, '{{output}} duplicates'],
        ],
        unit: 'short',
    },
    {
        title: 'Time to delivery',
        question: 'How long from reading to settlement?',
        queries: [0.5, 0.99].map((quantile) => [
            `histogram_quantile(${quantile}, sum by (le, output) (${rate('brokertap_output_delivery_seconds_bucket')}))`,
            `{{output}} p${quantile * 100}`,
        ]),
        unit: 's',
    },
    {
        title: 'Lag of the inputs',
        question: 'How far is the slowest output behind the log?',
        queries: [[`max by (instance, input) (brokertap_input_lag_bytes{${at}})`, '{{instance}} {{input}}']],
        unit: 'bytes',
    },
    {
        title: 'Spool',
        question: 'Does the spool grow? It means that an output does not keep up.',
        queries: [[`brokertap_spool_bytes{${at}}`, '{{instance}}']],
        unit: 'bytes',
    },
    {
        title: 'Oldest record in the spool',
        question: 'For how long has the slowest output been behind?',
        queries: [[`max by (instance, input) (brokertap_spool_oldest_seconds{${at}})`, '{{instance}} {{input}}']],
        unit: 's',
    },
    {
        title: 'Trouble of the outputs',
        question: 'How often is an output tried again or lost?',
        queries: [
            [`sum by (output) (${rate('brokertap_output_retries_total')})`, '{{output}} retries'],
            [`sum by (output) (${rate('brokertap_output_reconnects_total')})`, '{{output}} reconnects'],
        ],
        unit: 'short',
    },
    {
        title: 'Gaps and unread lines',
        question: 'Is something known to be missing, or not understood?',
        queries: [
            [`sum by (input) (increase(brokertap_input_gaps_total{${at}}${RATE}))`, '{{input}} gaps'],
            [`sum by (input) (increase(brokertap_unparsed_total{${at}}${RATE}))`, '{{input}} unparsed'],
        ],
        unit: 'short',
    },
    {
        title: 'Memory',
        question: 'Does a probe grow?',
        queries: [[`process_resident_memory_bytes{${at}}`, '{{instance}}']],
        unit: 'bytes',
    },
    {
        title: 'CPU',
        question: 'How busy is a probe? 1 is one core.',
        queries: [[rate('process_cpu_seconds_total'), '{{instance}}']],
        unit: 'short',
    },
    {
        title: 'Event loop delay',
        question: 'Is a probe too busy to react?',
        queries: [[`nodejs_eventloop_lag_p99_seconds{${at}}`, '{{instance}}']],
        unit: 's',
    },
];
/** The dashboard of the probes, over a Prometheus source that reads their `/metrics`. */
export function prometheusDashboard() {
    const panels = [];
    let x = 0;
    let y = 0;
    for (const [i, row] of ROWS.entries()) {
        const [w, h] = row.type === 'stat' ? [6, 4] : [12, 8];
        if (x + w > COLUMNS) {
            x = 0;
            y += panels.at(-1)?.gridPos.h ?? 0;
        }
        panels.push(panel(row, i + 1, { x, y, w, h }));
        x += w;
    }
    const instance = {
        name: 'instance',
        label: 'Probe',
        type: 'query',
        datasource: SOURCE,
        query: { query: 'label_values(brokertap_spool_bytes, instance)', refId: 'instances' },
        refresh: 2,
        multi: true,
        includeAll: true,
        current: { text: 'All', value: '$__all' },
    };
    return grafanaDashboard('brokertap-probes', 'MQTT: probes', 'What the probes read, deliver, hold back and lose, from their /metrics.', 'prometheus', panels, [instance]);
}
function panel({ title, question, queries, unit, type }, id, gridPos) {
    return {
        id,
        type: type ?? 'timeseries',
        title,
        description: question,
        datasource: SOURCE,
        gridPos,
        targets: queries.map(([expr, legendFormat], i) => ({
            refId: String.fromCharCode('A'.charCodeAt(0) + i),
            datasource: SOURCE,
            expr,
            legendFormat,
        })),
        options: type === 'stat'
            ? { reduceOptions: { calcs: ['lastNotNull'], values: false } }
            : { tooltip: { mode: 'multi' } },
        fieldConfig: { defaults: { ...(unit && { unit }), min: 0 }, overrides: [] },
    };
}
