import { reasonOf } from '../../core/errors.ts';
import type { Journal, Note } from '../../core/source.ts';
import type { Line } from './cutter.ts';

/** Bytes of lines that wait in memory while the journal has no room. */
export const READ_AHEAD_BYTES = 16 * 2 ** 20;

/** Lines between the connections and the journal: what finds no room there waits here, up to a bound. */
export class ReadAhead {
  private readonly journal: Journal;
  private readonly whenFull: 'block' | 'drop_oldest';
  private readonly gap: (records: number) => Note;
  private readonly stopping = new AbortController();
  private waiting: (Line | undefined)[] = [];
  /** Index in `waiting` of the oldest line. */
  private first = 0;
  private bytes = 0;
  /** Lines that were dropped before the oldest one that waits. */
  private dropped = 0;
  private draining: Promise<void> | undefined;

  /** @param gap what to say about lines that were dropped */
  constructor(journal: Journal, whenFull: 'block' | 'drop_oldest', gap: (records: number) => Note) {
    this.journal = journal;
    this.whenFull = whenFull;
    this.gap = gap;
  }

  /** Admits a line, now or when there is room. */
  readonly take = (line: Line): void => {
    if (this.draining === undefined && this.journal.append(line) !== undefined) return;
    this.waiting.push(line);
    this.bytes += line.text.length;
    while (this.whenFull === 'drop_oldest' && this.bytes > READ_AHEAD_BYTES) {
      this.shift();
      this.dropped++;
    }
    this.draining ??= this.drain().finally(() => {
      this.draining = undefined;
    });
  };

  /** Reading has to wait for this, where nothing may be dropped; undefined: it has not. */
  get held(): Promise<void> | undefined {
    return this.whenFull === 'block' && this.bytes > READ_AHEAD_BYTES ? this.draining : undefined;
  }

  /** Admits what there is room for. @returns how many lines were given up */
  stop(): number {
    this.stopping.abort();
    while (this.first < this.waiting.length && this.admitFirst()) this.shift();
    const lost = this.waiting.length - this.first + this.dropped;
    if (lost > 0) void this.journal.append({ type: 'note', note: this.gap(lost) });
    return lost;
  }

  private async drain(): Promise<void> {
    while (this.first < this.waiting.length) {
      if (this.admitFirst()) {
        this.shift();
        continue;
      }
      try {
        await this.journal.room(this.stopping.signal);
      } catch (error) {
        if (this.stopping.signal.aborted) return;
        throw new Error(`the journal failed: ${reasonOf(error)}`, { cause: error });
      }
    }
  }

  /** False without room. What was dropped is told before the line that follows it. */
  private admitFirst(): boolean {
    if (this.dropped > 0) {
      if (this.journal.append({ type: 'note', note: this.gap(this.dropped) }) === undefined) return false;
      this.dropped = 0;
    }
    const line = this.waiting[this.first];
    return line === undefined || this.journal.append(line) !== undefined;
  }

  private shift(): void {
    this.bytes -= this.waiting[this.first]?.text.length ?? 0;
    this.waiting[this.first++] = undefined;
    if (this.first < 4096 && this.first < this.waiting.length) return;
    this.waiting = this.waiting.slice(this.first);
    this.first = 0;
  }
}
