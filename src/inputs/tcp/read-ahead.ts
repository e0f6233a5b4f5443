import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { Mark } from '../../core/event.ts';
import type { Journal, Note } from '../../core/source.ts';
import { Block, type Line } from './cutter.ts';

/** Bytes of lines that wait in memory while the journal has no room. */
export const READ_AHEAD_BYTES = 16 * 2 ** 20;
/** From here on a sender is made to wait now and then: the disk is behind, and nothing is lost yet. */
const PRESSED_BYTES = READ_AHEAD_BYTES / 2;
/** Longest wait, and how much is read between two of them: a broker that waits for us serves nobody meanwhile. */
const BREATH_MS = 20;
const GULP_BYTES = 2 ** 20;
/** No piece takes less memory: a sender that sends byte by byte makes millions of them. */
const PIECE_BYTES = 256;
/** Bytes that are admitted in one turn of the event loop, so that reading goes on meanwhile. */
const TURN_BYTES = 256 * 1024;

/** Lines between the connections and the journal: what finds no room there waits here, up to a bound. */
export class ReadAhead {
  private readonly journal: Journal;
  private readonly whenFull: 'block' | 'drop_oldest';
  private readonly gap: (lines: number) => Note;
  private readonly admitted: (record: Buffer, isCut: boolean) => Buffer;
  private readonly stopping = new AbortController();
  private readonly waiting: (Line | Block)[] = [];
  private bytes = 0;
  /** Lines that were dropped before the oldest one that waits. */
  private dropped = 0;
  private draining: Promise<void> | undefined;
  /** Bytes that came to wait since reading was last paused. */
  private gulped = 0;
  /** A pause that ends when no more than so many bytes wait. */
  private breath: { readonly until: number; readonly resolve: () => void } | undefined;

  /**
   * @param gap what to say about lines that were dropped
   * @param admitted a line as it is put into the journal
   */
  constructor(
    journal: Journal,
    whenFull: 'block' | 'drop_oldest',
    gap: (lines: number) => Note,
    admitted: (record: Buffer, isCut: boolean) => Buffer = (record) => record,
  ) {
    this.journal = journal;
    this.admitted = admitted;
    this.whenFull = whenFull;
    this.gap = gap;
  }

  /** Admits lines, now or when there is room. */
  readonly take = (piece: Line | Block): void => {
    if (this.draining === undefined && this.admit(piece)) return;
    const size = sizeOf(piece);
    this.waiting.push(piece);
    this.bytes += size;
    this.gulped += size;
    while (this.whenFull === 'drop_oldest' && this.bytes > READ_AHEAD_BYTES) this.drop();
    this.draining ??= this.drain().finally(() => {
      this.draining = undefined;
    });
  };

  /**
   * To be asked after each read: reading has to wait until it has resolved. Where nothing may be dropped that is until there
   * is room; else it is a moment at most.
   */
  pause(): Promise<void> | undefined {
    if (this.draining === undefined) return undefined;
    if (this.whenFull === 'block') return this.bytes > READ_AHEAD_BYTES ? this.draining : undefined;
    if (this.bytes <= PRESSED_BYTES || this.gulped < GULP_BYTES) return undefined;
    this.gulped = 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.breath = { until: this.bytes - GULP_BYTES, resolve };
    return Promise.race([promise, delay(BREATH_MS, undefined, { ref: false })]);
  }

  /** Admits what there is room for. @returns how many lines were given up */
  stop(): number {
    this.stopping.abort();
    while (this.waiting.length > 0 && this.admitOldest());
    const lost = this.waiting.reduce((sum, piece) => sum + countOf(piece), this.dropped);
    if (lost > 0) void this.journal.append({ type: 'note', note: this.gap(lost) });
    return lost;
  }

  private async drain(): Promise<void> {
    const { signal } = this.stopping;
    for (let left = TURN_BYTES; this.waiting.length > 0; ) {
      const before = this.bytes;
      const isAdmitted = this.admitOldest();
      left -= before - this.bytes;
      if (!isAdmitted) await this.journal.room(signal).catch(() => {});
      else if (left <= 0) await nextTurn();
      if (signal.aborted) return;
      if (left <= 0) left = TURN_BYTES;
    }
  }

  /** False when there was no room for all of it. What was dropped is told before the line that follows it. */
  private admitOldest(): boolean {
    const [oldest] = this.waiting;
    if (oldest === undefined) return true;
    if (this.dropped > 0) {
      if (this.journal.append({ type: 'note', note: this.gap(this.dropped) }) === undefined) return false;
      this.dropped = 0;
    }
    const before = sizeOf(oldest);
    const isAdmitted = this.admit(oldest);
    if (isAdmitted) this.waiting.shift();
    this.shrink(isAdmitted ? before : before - sizeOf(oldest));
    return isAdmitted;
  }

  /** Of a block, what there is no room for stays in it. */
  private admit(piece: Line | Block): boolean {
    return piece instanceof Block ? piece.each(this.admitLine) : this.admitLine(piece);
  }

  private readonly admitLine = (line: Line): boolean => {
    const text = this.admitted(line.text, ((line.marks ?? 0) & Mark.truncated) !== 0);
    return this.journal.append({ ...line, text }) !== undefined;
  };

  private drop(): void {
    const oldest = this.waiting.shift();
    if (oldest === undefined) return;
    this.dropped += countOf(oldest);
    this.shrink(sizeOf(oldest));
  }

  private shrink(bytes: number): void {
    this.bytes -= bytes;
    if (this.breath === undefined || this.bytes > this.breath.until) return;
    this.breath.resolve();
    this.breath = undefined;
  }
}

function sizeOf(piece: Line | Block): number {
  return Math.max(PIECE_BYTES, piece instanceof Block ? piece.size : piece.text.length);
}

function countOf(piece: Line | Block): number {
  return piece instanceof Block ? piece.count : 1;
}
