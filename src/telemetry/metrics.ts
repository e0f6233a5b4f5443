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

/** The Prometheus metrics of the probe. Numbers are fetched when they are asked for: nothing is counted twice. */
export class Metrics {
  readonly registry: Registry = new Registry();
  private readonly series: () => Iterable<Series>;
  private readonly delivery: Histogram<'output'>;

  /**
   * @param events counts per input and dataset
   * @param series numbers about what the inputs watch
   */
  constructor(
    status: () => Status,
    events: () => Iterable<{ input: string; dataset: string; count: number }>,
    series: () => Iterable<Series>,
  ) {
    this.series = series;
    for (const [name, key, help] of INPUT_COUNTERS)
      this.show('counter', name, help, ['input'], () =>
        status().inputs.map((input) => [{ input: input.name }, input[key]]),
      );
    for (const [name, key, help] of OUTPUT_COUNTERS)
      this.show('counter', name, help, ['output'], () =>
        status().outputs.map((output) => [{ output: output.name }, output[key]]),
      );
    this.show('counter', 'brokertap_events_total', 'Events made of records', ['input', 'dataset'], () =>
      Array.from(events(), ({ input, dataset, count }) => [{ input, dataset }, count]),
    );
    this.show(
      'gauge',
      'brokertap_input_lag_bytes',
      'Bytes that the slowest output has not settled',
      ['input'],
      () => status().inputs.map(({ name, lagBytes }) => [{ input: name }, lagBytes]),
    );
    this.show(
      'gauge',
      'brokertap_output_pending_events',
      'Events under way that are not settled',
      ['output'],
      () => status().outputs.map(({ name, pending }) => [{ output: name }, pending]),
    );
    this.show(
      'gauge',
      'brokertap_configuration_refused',
      '1: the last reload found a configuration that does not work, and the one before goes on',
      [],
      () => [[{}, status().refused === undefined ? 0 : 1]],
    );
    this.show('gauge', 'brokertap_spool_bytes', 'Bytes of the spool on disk', [], () => [
      [{}, status().spool.bytes],
    ]);
    this.show(
      'gauge',
      'brokertap_spool_oldest_seconds',
      'Age of the oldest record that an output has not settled',
      ['input'],
      () => oldest(status()),
    );
    this.delivery = new Histogram({
      name: 'brokertap_output_delivery_seconds',
      help: 'Time from reading a batch to its settlement',
      labelNames: ['output'],
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
  /** @param now what the numbers of that name are when they are asked for */
  private show(
    type: 'counter' | 'gauge',
    name: string,
    help: string,
    labelNames: readonly string[],
    now: () => Numbers,
  ): void {
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
