import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** Settings of a process that behaves as a Logstash. */
export interface LikeLogstash {
  readonly protocol: 'tcp' | 'lumberjack' | 'http';
  readonly port: number;
  /** File of the events that came out of the pipeline. */
  readonly out: string;
  /** Speed of the pipeline; 0: it keeps up. */
  readonly eventsPerSecond: number;
  /** Events that a queue in memory holds. */
  readonly capacity: number;
  readonly persisted: boolean;
}

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));

/** Starts and ends such a process; the same settings find the same queue and file again. */
export class LogstashProcess {
  private child: ChildProcess | undefined;

  async start(options: LikeLogstash): Promise<void> {
    const child = spawn(process.execPath, [MAIN, JSON.stringify(options)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.child = child;
    await once(createInterface({ input: child.stdout }), 'line');
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }
}

/** Counts which of the lines `line 0`, `line 1`, … have come out of a pipeline, reading on where it stopped. */
export class Tally {
  /** Lines that came, each once. */
  readonly seen = new Set<number>();
  /** How often a line came again. */
  repeated = 0;
  private readonly file: string;
  private offset = 0;
  private rest = '';
  private readonly buffer = Buffer.alloc(1 << 20);

  constructor(file: string) {
    this.file = file;
  }

  /** @returns false when nothing new had come */
  read(): boolean {
    if (!existsSync(this.file)) return false;
    const file = openSync(this.file, 'r');
    const before = this.offset;
    for (;;) {
      const length = readSync(file, this.buffer, 0, this.buffer.length, this.offset);
      if (length === 0) break;
      this.offset += length;
      const parts = (this.rest + this.buffer.toString('latin1', 0, length)).split('\n');
      this.rest = parts.pop() ?? '';
      for (const part of parts) this.count(part);
    }
    closeSync(file);
    return this.offset > before;
  }

  private count(line: string): void {
    const number = /"message":"line (\d+)"/.exec(line)?.[1];
    if (number === undefined) return;
    if (this.seen.has(Number(number))) this.repeated++;
    else this.seen.add(Number(number));
  }
}
