import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { seriesText } from './series.js';
const INPUT_COUNTERS = [
    ['brokertap_input_records_total', 'records', 'Records read'],
    ['brokertap_input_bytes_total', 'bytes', 'Bytes read'],
    ['brokertap_input_gaps_total', 'gaps', 'Gaps: stretches that are known to be missing'],
    ['brokertap_input_foreign_total', 'foreign', 'Records of other programs in the same log'],
    ['brokertap_unparsed_total', 'unparsed', 'Records that the parser failed on'],
];
const OUTPUT_COUNTERS = [
    ['brokertap_output_delivered_total', 'delivered', 'Events delivered'],
    ['brokertap_output_duplicates_total', 'duplicates', 'Events that the sink had already'],
    ['brokertap_output_filtered_total', 'filtered', 'Events left out by include, exclude or own_traffic'],
    ['brokertap_output_dropped_total', 'dropped', 'Records lost in the spool: it was full, or damaged'],
    ['brokertap_output_dead_total', 'dead', 'Events that were refused for good and kept as dead letters'],
    ['brokertap_output_collisions_total', 'collisions', 'Dead letters whose id another event had'],
    [
        'brokertap_output_failure_store_total',
        'failureStore',
        'Events that the server put into its failure store',
    ],
    ['brokertap_output_retries_total', 'retries', 'Attempts to reach the output that failed'],
    ['brokertap_output_reconnects_total', 'reconnects', 'Times the output was lost'],
];
/** The Prometheus metrics of the probe. Numbers are fetched when they are asked for: nothing is counted twice. */
export class Metrics {
    registry = new Registry();
    defaults = false;
    series;
    delivery;
    /**
     * @param events counts per input and dataset
     * @param series numbers about what the inputs watch
     */
    constructor(status, events, series) {
        this.series = series;
        const registers = [this.registry];
        for (const [name, key, help] of INPUT_COUNTERS) {
            const collect = function () {
                this.reset();
                for (const input of status().inputs)
                    this.inc({ input: input.name }, input[key]);
            };
            new Counter({ name, help, labelNames: ['input'], registers, collect });
        }
        for (const [name, key, help] of OUTPUT_COUNTERS) {
            const collect = function () {
                this.reset();
                for (const output of status().outputs)
                    this.inc({ output: output.name }, output[key]);
            };
            new Counter({ name, help, labelNames: ['output'], registers, collect });
        }
        new Counter({
            name: 'brokertap_events_total',
            help: 'Events made of records',
            labelNames: ['input', 'dataset'],
            registers,
            collect() {
                this.reset();
                for (const { input, dataset, count } of events())
                    this.inc({ input, dataset }, count);
            },
        });
        new Gauge({
            name: 'brokertap_input_lag_bytes',
            help: 'Bytes that the slowest output has not settled',
            labelNames: ['input'],
            registers,
            collect() {
                for (const input of status().inputs)
                    this.set({ input: input.name }, input.lagBytes);
            },
        });
        new Gauge({
            name: 'brokertap_output_pending_events',
            help: 'Events under way that are not settled',
            labelNames: ['output'],
            registers,
            collect() {
                for (const output of status().outputs)
                    this.set({ output: output.name }, output.pending);
            },
        });
        new Gauge({
            name: 'brokertap_spool_bytes',
            help: 'Bytes of the spool on disk',
            registers,
            collect() {
                this.set(status().spool.bytes);
            },
        });
        new Gauge({
            name: 'brokertap_spool_oldest_seconds',
            help: 'Age of the oldest record that an output has not settled',
            labelNames: ['input'],
            registers,
            collect() {
                // An input that reads several files has several streams.
                const oldest = new Map();
                for (const { input, oldestSeconds } of status().spool.streams)
                    oldest.set(input, Math.max(oldestSeconds, oldest.get(input) ?? 0));
                for (const [input, seconds] of oldest)
                    this.set({ input }, seconds);
            },
        });
        this.delivery = new Histogram({
            name: 'brokertap_output_delivery_seconds',
            help: 'Time from reading a batch to its settlement',
            labelNames: ['output'],
            registers,
            buckets: [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
        });
    }
    /** All metrics as text. The process defaults are collected from the first call on: watching the collector costs time. */
    async text() {
        if (!this.defaults)
            collectDefaultMetrics({ register: this.registry });
        this.defaults = true;
        return (await this.registry.metrics()) + (await seriesText(this.series()));
    }
    /** One batch was settled so many seconds after it was read. */
    settled(output, seconds) {
        this.delivery.observe({ output }, seconds);
    }
}
