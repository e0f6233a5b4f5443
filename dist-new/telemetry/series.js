import { Counter, Gauge, Registry } from 'prom-client';
/** Series in the text format of Prometheus; they are made anew for each scrape, so that none outlives what it is about. */
export async function seriesText(series) {
    const registry = new Registry();
    const counters = new Map();
    const gauges = new Map();
    for (const { type, name, help, labels, value } of series) {
        const options = { name, help, labelNames: Object.keys(labels), registers: [registry] };
        if (type === 'counter') {
            const counter = counters.get(name) ?? new Counter(options);
            counters.set(name, counter);
            counter.inc(labels, value);
        }
        else {
            const gauge = gauges.get(name) ?? new Gauge(options);
            gauges.set(name, gauge);
            gauge.set(labels, value);
        }
    }
    return registry.metrics();
}
