import { type Context, NO_CONTEXT } from '../context/context.ts';
import type { LiveSessions } from '../context/live-sessions.ts';
import type { PendingConnections } from '../context/pending-connections.ts';
import type { VersionRange } from '../context/version-range.ts';
import { knownLines } from '../known-lines.ts';
import type { LineReader } from '../line.ts';

/** Tries a text as the next line of another reader: nothing is emitted, and that reader stays as it is. */
export class DryRun implements LineReader {
  /** What the text would leave open. */
  next: Context = NO_CONTEXT;
  seesGrants = false;
  readonly deliveries = undefined;
  readonly live: LiveSessions;
  readonly pending: PendingConnections;
  readonly versions: VersionRange;
  private readonly real: LineReader;

  constructor(real: LineReader) {
    this.real = real;
    this.live = real.live;
    this.pending = real.pending;
    this.versions = real.versions;
  }

  /** The text is a line of a known format. */
  read(text: string): boolean {
    this.next = NO_CONTEXT;
    this.seesGrants = this.real.seesGrants;
    this.freeze(true);
    const isRead = knownLines.read(text, this);
    this.freeze(false);
    return isRead;
  }

  get time(): number {
    return this.real.time;
  }

  get number(): number {
    return this.real.number;
  }

  get cut(): boolean {
    return this.real.cut;
  }

  get context(): Context {
    return this.real.context;
  }

  get ownClients(): ReadonlySet<string> {
    return this.real.ownClients;
  }

  get topicRoot(): number {
    return this.real.topicRoot;
  }

  cutAt(formatLength: number): boolean {
    return this.real.cutAt(formatLength);
  }

  broken(): void {
    this.next = NO_CONTEXT;
  }

  emit(): void {}
  emitUnsure(): void {}
  derive(): void {}
  restarted(): void {}
  tells(): void {}
  reloaded(): void {}

  private freeze(frozen: boolean): void {
    this.live.frozen = frozen;
    this.pending.frozen = frozen;
    this.versions.frozen = frozen;
  }
}
