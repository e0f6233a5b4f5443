import type { LiveSessions } from '../context/live-sessions.ts';
import type { PendingConnections } from '../context/pending-connections.ts';
import type { VersionRange } from '../context/version-range.ts';
import { type Context, type LineReader, NO_CONTEXT } from '../line.ts';
import { dispatch } from '../rules.ts';

/** Tries a text as a line of the log that another reader reads: nothing is emitted and nothing of that reader changes. */
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

  /** True when the text is a line of a known format. */
  read(text: string): boolean {
    this.next = NO_CONTEXT;
    this.seesGrants = this.real.seesGrants;
    this.freeze(true);
    const isRead = dispatch.read(text, this);
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
