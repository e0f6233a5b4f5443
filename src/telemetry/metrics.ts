import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { Series } from '../core/input.ts';
import { seriesText } from './series.ts';
import type { InputStatus, OutputStatus, Status } from './status.ts';

type InputNumber = { [K in keyof InputStatus]: InputStatus[K] extends number ? K : never }[keyof InputStatus];
type OutputNumber = {
  [K in keyof OutputStatus]: OutputStatus[K] extends number ? K : never;
}[keyof OutputStatus];

/** Numbers of one name, by their labels. */
type Numbers = readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[];

const INPUT_COUNTERS: readonly (readonly [string, InputNumber, string])[] = [
  ['brokertap_input_records_total', 'records', 'Records read'],
  ['brokertap_input_bytes_total', 'bytes', 'Bytes read'],
  ['brokertap_input_gaps_total', 'gaps', 'Gaps: stretches that are known to be missing'],
  ['brokertap_input_foreign_total', 'foreign', 'Records of other programs in the same log'],
  ['brokertap_unparsed_total', 'unparsed', 'Records that the parser failed on'],
];
const OUTPUT_COUNTERS: readonly (readonly [string, OutputNumber, string])[] = [
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

/** What metrics are made of. */
interface Observed {
  readonly status: () => Status;
  /** Counts per input and dataset. */
  readonly events: () => Iterable<{ input: string; dataset: string; count: number }>;
}

/** Every counter and gauge about the probe. */
export const METRICS: readonly {
  readonly type: 'counter' | 'gauge';
  readonly name: string;
  readonly help: string;
  readonly labelNames: readonly string[];
  /** What the numbers of that name are now. */
  readonly now: (observed: Observed) => Numbers;
}[] = [
  ...INPUT_COUNTERS.map(([name, key, help]) => ({
    type: 'counter' as const,
    name,
    help,
    labelNames: ['input'],
    now: ({ status }: Observed): Numbers =>
      status().inputs.map((input) => [{ input: input.name }, input[key]]),
  })),
  ...OUTPUT_COUNTERS.map(([name, key, help]) => ({
    type: 'counter' as const,
    name,
    help,
    labelNames: ['output'],
    now: ({ status }: Observed): Numbers =>
      status().outputs.map((output) => [{ output: output.name }, output[key]]),
  })),
  {
    type: 'counter',
    name: 'brokertap_events_total',
    help: 'Events made of records',
    labelNames: ['input', 'dataset'],
    now: ({ events }) => Array.from(events(), ({ input, dataset, count }) => [{ input, dataset }, count]),
  },
  {
    type: 'gauge',
    name: 'brokertap_input_lag_bytes',
    help: 'Bytes that the slowest output has not settled',
    labelNames: ['input'],
    now: ({ status }) => status().inputs.map(({ name, lagBytes }) => [{ input: name }, lagBytes]),
  },
  {
    type: 'gauge',
    name: 'brokertap_output_pending_events',
    help: 'Events under way that are not settled',
    labelNames: ['output'],
    now: ({ status }) => status().outputs.map(({ name, pending }) => [{ output: name }, pending]),
  },
  {
    type: 'gauge',
    name: 'brokertap_configuration_refused',
    help: '1: the last reload found a configuration that does not work, and the one before goes on',
    labelNames: [],
    now: ({ status }) => [[{}, status().refused === undefined ? 0 : 1]],
  },
  {
    type: 'gauge',
    name: 'brokertap_spool_bytes',
    help: 'Bytes of the spool on disk',
    labelNames: [],
    now: ({ status }) => [[{}, status().spool.bytes]],
  },
  {
    type: 'gauge',
    name: 'brokertap_spool_oldest_seconds',
    help: 'Age of the oldest record that an output has not settled',
    labelNames: ['input'],
    now: ({ status }) => oldest(status()),
  },
];

/** The one histogram. */
export const DELIVERY = {
  name: 'brokertap_output_delivery_seconds',
  help: 'Time from reading a batch to its settlement',
  labelNames: ['output'],
} as const;

/** The Prometheus metrics of the probe. Numbers are fetched when they are asked for: nothing is counted twice. */
export class Metrics {
  readonly registry: Registry = new Registry();
  private readonly series: () => Iterable<Series>;
  private readonly delivery: Histogram<'output'>;

  /** @param series numbers about what the inputs watch */
  constructor(status: Observed['status'], events: Observed['events'], series: () => Iterable<Series>) {
    this.series = series;
    for (const metric of METRICS) this.show(metric, () => metric.now({ status, events }));
    this.delivery = new Histogram({
      ...DELIVERY,
      registers: [this.registry],
      buckets: [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    });
  }

  /** All metrics as text. */
  async text(): Promise<string> {
    const texts = [this.registry.metrics(), processText(), seriesText(this.series())];
    return (await Promise.all(texts)).join('');
  }

  /** One batch was settled so many seconds after it was read. */
  settled(output: string, seconds: number): void {
    this.delivery.observe({ output }, seconds);
  }

  private show({ type, name, help, labelNames }: (typeof METRICS)[number], now: () => Numbers): void {
    const options = { name, help, labelNames, registers: [this.registry] };
    if (type === 'counter') {
      const collect = function (this: Counter): void {
        this.reset();
        for (const [labels, value] of now()) this.inc(labels, value);
      };
      new Counter({ ...options, collect });
    } else {
      const collect = function (this: Gauge): void {
        for (const [labels, value] of now()) this.set(labels, value);
      };
      new Gauge({ ...options, collect });
    }
  }
}

let ofProcess: Registry | undefined;

/**
 * Those of the process, which outlives a probe: what watches it never ends. They are collected from the first call on:
 * watching the collector costs time.
 */
function processText(): Promise<string> {
  if (ofProcess === undefined) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
  }
  return ofProcess.metrics();
}

/** An input that reads several files has several streams. */
function oldest({ spool }: Status): Numbers {
  const byInput = new Map<string, number>();
  for (const { input, oldestSeconds } of spool.streams)
    byInput.set(input, Math.max(oldestSeconds, byInput.get(input) ?? 0));
  return Array.from(byInput, ([input, seconds]) => [{ input }, seconds]);
}
