import { hostname } from 'node:os';
import type { Dialect } from '../core/dialect.ts';
import type { Note } from '../core/source.ts';
import type { Reading } from '../pipeline/normalizer/reading.ts';
import { MemoryJournal } from '../state/memory-journal.ts';
import { envelope } from './envelope.ts';
import type { Surroundings } from './surroundings.ts';

const JOURNAL_BYTES = 1024 * 1024;

/** Reads nothing: the probe speaks in notes only. */
const silent: Dialect = {
  name: 'brokertap',
  provider: 'probe',
  open: () => ({ line: () => {}, message: () => {}, state: () => ({}) }),
};

/** What the probe says of itself: its start, its heartbeat, its stop. */
export class ProbeEvents {
  private readonly journal: MemoryJournal;
  private readonly carried: Promise<unknown>;
  private readonly startedMs = performance.now();

  constructor(around: Surroundings) {
    const { config, lanes, identity } = around;
    const reading: Reading = {
      dialect: silent,
      stream: { ownClients: new Set(), topicRoot: config.topic_root },
      leftOut: new Set(),
      original: false,
      envelope: envelope(identity, {
        host: config.host ?? hostname(),
        serviceType: silent.name,
        serviceName: config.name ?? silent.name,
        labels: config.labels,
      }),
      namespace: config.namespace,
      limit: 0,
      ignoreLogTopics: false,
    };
    const outputs = lanes.map((lane) => lane.name);
    this.journal = new MemoryJournal('probe', outputs, JOURNAL_BYTES);
    this.carried = Promise.all(
      lanes.map((lane) => lane.carry(this.journal, reading, {}, undefined, around.stopCarrying)),
    );
  }

  /**
   * @param problems why the probe is not ready
   * @param more further catalogue fields
   */
  say(
    action: Note['action'],
    message: string,
    problems: readonly string[],
    more: Readonly<Record<string, string>> = {},
  ): void {
    const resident = residentBytes();
    const { user, system } = process.cpuUsage();
    this.note({
      action,
      seen: Date.now(),
      message,
      fields: {
        'mqtt.probe.state': problems.length > 0 ? 'degraded' : 'running',
        'mqtt.probe.uptime': Math.round((performance.now() - this.startedMs) / 1000),
        ...(resident !== undefined && { 'mqtt.probe.process.resident_memory': resident }),
        'mqtt.probe.process.cpu_milliseconds': Math.round((user + system) / 1000),
        ...more,
      },
    });
  }

  /** Without room the note is left out: old heartbeats of a blocked output are of no use. */
  note(note: Note): void {
    void this.journal.append({ type: 'note', note });
  }

  /** Nothing more will be said. Resolves when all was delivered. */
  async close(): Promise<void> {
    this.journal.close();
    await this.carried;
  }
}

/** Undefined where it cannot be told: it stands in a file, and no more may be open. */
function residentBytes(): number | undefined {
  try {
    return process.memoryUsage.rss();
  } catch {
    return undefined;
  }
}
