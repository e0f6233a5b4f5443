import type { Era } from '../context/era.ts';
import type { LiveSessions } from '../context/live-sessions.ts';
import type { Waiting } from '../context/waiting.ts';
import { type Context, type LineReader, NO_CONTEXT } from '../line.ts';
import { dispatch } from '../rules.ts';

/** Tries a text as a line of the log that another reader reads: nothing is emitted and nothing of that reader changes. */
export class DryRun implements LineReader {
  /** What the text would leave open. */
  next: Context = NO_CONTEXT;
  seesGrants = false;
  readonly deliveries = undefined;
  readonly live: LiveSessions;
  readonly waiting: Waiting;
  readonly era: Era;
  private readonly real: LineReader;

  constructor(real: LineReader) {
    this.real = real;
    this.live = real.live;
    this.waiting = real.waiting;
    this.era = real.era;
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
    this.waiting.frozen = frozen;
    this.era.frozen = frozen;
  }
}
