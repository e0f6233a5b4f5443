import { appendFileSync, constants, existsSync, openSync, readFileSync, writeSync } from 'node:fs';

const TICK_MS = 10;
const DIGITS = 12;

/**
 * What stands behind an input of Logstash: a bounded queue and workers of a given speed, that write events to a file.
 * An event counts once it is in the file; what is in a queue in memory is gone with the process. A persisted queue is in a
 * file before `push` resolves, and is read again at the start.
 */
export class Pipeline {
  private readonly out: string;
  private readonly capacity: number;
  private readonly persisted: boolean;
  /** Holds how many events of a persisted queue are done. */
  private readonly doneFile: number | undefined;
  private queue: string[] = [];
  /** Where the queue begins in its array. */
  private first = 0;
  private done = 0;
  private room: (() => void)[] = [];

  /** @param eventsPerSecond 0: as fast as they come */
  constructor(options: { out: string; eventsPerSecond: number; capacity: number; persisted: boolean }) {
    this.out = options.out;
    const perSecond = options.eventsPerSecond === 0 ? 1e9 : options.eventsPerSecond;
    this.capacity = options.capacity;
    this.persisted = options.persisted;
    if (this.persisted) {
      this.doneFile = openSync(`${this.out}.done`, constants.O_RDWR | constants.O_CREAT);
      this.done = Number(readFileSync(this.doneFile, 'utf8'));
      if (existsSync(this.queueFile))
        this.queue = readFileSync(this.queueFile, 'utf8').split('\n').slice(this.done, -1);
    }
    let budget = 0;
    let last = performance.now();
    setInterval(() => {
      // A late tick makes up for it; an idle while does not.
      const now = performance.now();
      budget = Math.min(budget + (perSecond * (now - last)) / 1000, Math.max(perSecond / 10, 1));
      last = now;
      const events = this.take(Math.floor(budget));
      budget -= events.length;
      if (events.length > 0) this.process(events);
      for (const resolve of this.room.splice(0)) resolve();
    }, TICK_MS);
  }

  /** Resolves when every event is in the queue. */
  async push(events: readonly string[]): Promise<void> {
    // A persisted queue is bounded by its size on disk, which no test fills.
    for (let from = 0; from < events.length; ) {
      const free = this.persisted ? events.length : this.capacity - (this.queue.length - this.first);
      const some = events.slice(from, from + Math.max(0, free));
      if (some.length > 0) {
        if (this.persisted) appendFileSync(this.queueFile, some.map((event) => `${event}\n`).join(''));
        this.queue.push(...some);
        from += some.length;
      } else await new Promise<void>((resolve) => this.room.push(resolve));
    }
  }

  private take(most: number): string[] {
    const events = this.queue.slice(this.first, this.first + most);
    this.first += events.length;
    if (this.first > 10_000 || this.first === this.queue.length) {
      this.queue = this.queue.slice(this.first);
      this.first = 0;
    }
    return events;
  }

  private process(events: readonly string[]): void {
    appendFileSync(this.out, events.map((event) => `${event}\n`).join(''));
    this.done += events.length;
    // In place: a kill must not find the file empty.
    if (this.doneFile !== undefined) writeSync(this.doneFile, String(this.done).padStart(DIGITS), 0);
  }

  private get queueFile(): string {
    return `${this.out}.queue`;
  }
}
