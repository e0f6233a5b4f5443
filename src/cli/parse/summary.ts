import type { Tally } from '../../pipeline/normalizer/tally.ts';
import { TopCounter } from './top.ts';

/** A pause between two events from which on it is worth telling. */
const GAP_MS = 60_000;
/** Pauses that are kept, the longest ones. */
const MAX_GAPS = 5;

/** Why somebody was kept out or turned away. */
const REFUSALS: ReadonlySet<string> = new Set([
  'client-authentication-failed',
  'client-connection-rejected',
  'tls-handshake-failed',
  'publish-denied',
  'subscribe-denied',
  'deliver-denied',
  'protocol-error',
]);

/** What `Summary` looks at in an event. */
interface Event {
  readonly '@timestamp': string;
  readonly message?: string;
  readonly event: {
    readonly action: string;
    readonly code: string;
    readonly reason?: string;
    readonly module?: string;
    readonly provider?: string;
    readonly dataset?: string;
  };
  readonly mqtt?: {
    readonly ambiguous?: boolean;
    readonly truncated?: boolean;
    readonly client?: { readonly id?: string };
  };
  readonly source?: { readonly ip?: string; readonly address?: string };
  readonly service?: { readonly version?: string };
}

/** A stretch without events; times in milliseconds since 1970. */
interface Gap {
  readonly from: number;
  readonly to: number;
}

/** Counts what a log holds, in bounded memory, for `parse --summary`. */
export class Summary {
  events = 0;
  ambiguous = 0;
  truncated = 0;
  readonly actions = new Map<string, number>();
  readonly disconnects = new TopCounter();
  /** `action`, a tab, the reason. */
  readonly refusals = new TopCounter();
  readonly clients = new TopCounter();
  readonly leavers = new TopCounter();
  readonly refusedSources = new TopCounter();
  readonly versions = new Set<string>();
  /** Lines that no rule takes apart, by code, and the text of the first of each. */
  readonly unknown = new Map<string, { count: number; example: string }>();
  /** The longest pauses, longest first. */
  gaps: Gap[] = [];
  /** Times at which an event was older than the one before it that was observed in the same way. */
  steps = 0;
  /** Milliseconds since 1970. */
  first = Number.POSITIVE_INFINITY;
  last = Number.NEGATIVE_INFINITY;
  /** Most events of one second, and when that was. */
  peak = { count: 0, at: 0 };
  readonly records = { lines: 0, empty: 0, foreign: 0, unparsed: 0 };
  private previous = Number.NaN;
  /** Time of the last event by its provider: a log of whole seconds stays behind a mirror. */
  private readonly latest = new Map<string, number>();
  private second = { count: 0, at: Number.NaN };

  /** @param batch events as JSON lines */
  add(batch: Buffer): void {
    for (const line of batch.toString().split('\n')) if (line !== '') this.count(JSON.parse(line));
  }

  /** Counts one event. */
  count(event: Event): void {
    this.events++;
    const { action, reason = '', code, dataset, provider = '' } = event.event;
    increase(this.actions, action);
    if (event.mqtt?.ambiguous === true) this.ambiguous++;
    if (event.mqtt?.truncated === true) this.truncated++;
    const client = event.mqtt?.client?.id;
    if (client !== undefined) this.clients.add(client);
    if (action === 'client-disconnected') {
      this.disconnects.add(reason || 'no reason given');
      if (client !== undefined) this.leavers.add(client);
    }
    if (REFUSALS.has(action)) {
      this.refusals.add(`${action}\t${reason}`);
      const source = event.source?.ip ?? event.source?.address;
      if (source !== undefined) this.refusedSources.add(source);
    }
    if (action === 'broker-log') {
      const known = this.unknown.get(code) ?? { count: 0, example: event.message ?? '' };
      known.count++;
      this.unknown.set(code, known);
    }
    if (event.service?.version !== undefined) this.versions.add(event.service.version);
    if (dataset !== 'mqtt.probe') this.pass(Date.parse(event['@timestamp']), provider);
  }

  /** Counts the records that the events came from. */
  tally({ records, empty, foreign, unparsed }: Tally): void {
    this.records.lines += records;
    this.records.empty += empty;
    this.records.foreign += foreign;
    this.records.unparsed += unparsed;
  }

  private pass(time: number, provider: string): void {
    if (Number.isNaN(time)) return;
    if (time < (this.latest.get(provider) ?? time)) this.steps++;
    this.latest.set(provider, time);
    if (time - this.previous >= GAP_MS) {
      this.gaps.push({ from: this.previous, to: time });
      this.gaps.sort((a, b) => b.to - b.from - (a.to - a.from));
      this.gaps.length = Math.min(this.gaps.length, MAX_GAPS);
    }
    this.previous = time;
    this.first = Math.min(this.first, time);
    this.last = Math.max(this.last, time);
    const at = Math.floor(time / 1000);
    if (at !== this.second.at) this.second = { count: 0, at };
    if (++this.second.count > this.peak.count) this.peak = { count: this.second.count, at: at * 1000 };
  }
}

function increase(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}
