import type { StreamInfo } from '../../core/dialect.ts';
import { type Emit, type EventKind, type JsonObject, Mark, type Slot } from '../../core/event.ts';
import { LevelledKinds } from '../../ecs/levelled.ts';
import { type Context, NO_CONTEXT } from './context/context.ts';
import { DeliveryTracker } from './context/deliveries.ts';
import { LiveSessions } from './context/live-sessions.ts';
import { PendingConnections } from './context/pending-connections.ts';
import { VERSION_2_0, VersionRange } from './context/version-range.ts';
import { type BrokenName, brokenName, restOfName } from './injection/broken-name.ts';
import { Doubt, kindOfCut } from './injection/doubt.ts';
import { knownLines } from './known-lines.ts';
import type { LineReader } from './line.ts';
import { acceptBridge } from './lines/bridge-connack.ts';
import { expectsGrant, readGrant } from './lines/grant.ts';
import { emitUnreadGrant, type GrantType, readGrantAlone } from './lines/lone-grant.ts';
import { CONTINUATION, DOUBTFUL, LOG_LINE, unknownKind } from './log-kinds.ts';
import { LEVELS } from './log-topic.ts';
import { StampReader } from './stamp/stamp-reader.ts';
import { isFull, isFullFor } from './text/line-length.ts';
import { isPluginLine, printedStamp, withoutPasswords } from './text/plugin-secrets.ts';

/** Second line of the only message that has two (2.0.16 and later). */
const SECOND_LINE = 'To fix this, use `';

/** Reads the log of one Mosquitto, line by line. */
export class LogReader implements LineReader {
  time = 0;
  number = 0;
  cut = false;
  context: Context = NO_CONTEXT;
  next: Context = NO_CONTEXT;
  seesGrants = false;
  /** The broker's version, once it has told it. */
  version: string | undefined;
  readonly live: LiveSessions;
  readonly pending: PendingConnections;
  readonly versions: VersionRange;
  readonly deliveries: DeliveryTracker | undefined;
  readonly ownClients: ReadonlySet<string>;
  readonly topicRoot: number;
  private readonly stamps: StampReader;
  private readonly sink: Emit;
  private readonly levelled = new LevelledKinds();
  private text = '';
  private marks: number = Mark.none;
  /** Last level of the topic that the line came by. */
  private letter: string | undefined;
  private readonly doubt: Doubt;

  constructor(stream: StreamInfo, emit: Emit, state: JsonObject | undefined) {
    this.ownClients = stream.ownClients;
    this.topicRoot = stream.topicRoot;
    this.sink = emit;
    this.stamps = new StampReader(stream.stamp, stream.timezone, this.knows, state?.stamps);
    this.live = new LiveSessions(knownLines.imitates, state?.sessions);
    this.pending = new PendingConnections(state?.waiting);
    this.versions = new VersionRange(state?.era);
    this.deliveries =
      stream.deliveries && new DeliveryTracker(stream.ownClients, this.live, stream.deliveries);
    this.version = typeof state?.version === 'string' ? state.version : undefined;
    this.seesGrants = state?.seesGrants === true;
    this.context = contextOf(state?.context);
    this.doubt = new Doubt(this, state);
  }

  /**
   * As in `Session`.
   * @param letter last level of the topic that the line came by; undefined: it came by none
   */
  line(text: string, seen: number, marks: number, letter: string | undefined): void {
    const { context } = this;
    this.letter = letter;
    const isBound = context.type !== 'none' && (context.type === 'broken' || expectsGrant(this));
    const stamp = this.stamps.read(text, seen, isBound);
    this.time = stamp.time;
    this.number++;
    this.marks = marks | stamp.marks;
    this.cut = (marks & Mark.truncated) !== 0 || (!this.versions.isBefore(VERSION_2_0) && isFull(text));
    if (this.cut) this.marks |= Mark.truncated;
    this.text = stamp.at === 0 ? text : text.substring(stamp.at);
    if (isPluginLine(this.text) || (stamp.isMissing && printedStamp(text) > 0))
      this.text = withoutPasswords(this.text);
    this.next = NO_CONTEXT;
    // What came by a topic is a message of its own, whatever the others had.
    if (stamp.isMissing && letter === undefined) this.readContinuation();
    else this.read(stamp.isMissing);
    if (context.type === 'connected') this.leave(context, this.next);
    this.context = this.next;
  }

  emit(kind: EventKind, values: readonly Slot[], marks: number = Mark.none): void {
    if (kind.level === 'debug') this.doubt.seesDebug = true;
    const level = this.letter === undefined ? undefined : LEVELS.get(this.letter);
    this.sink(this.levelled.of(kind, level), this.time, this.text, values, marks | this.marks);
  }

  emitUnsure(kind: EventKind): void {
    this.emit(kind, [], Mark.ambiguous);
  }

  derive(kind: EventKind, message: string, values: readonly Slot[]): void {
    this.sink(kind, this.time, message, values, Mark.derived);
  }

  cutAt(formatLength: number): boolean {
    return this.cut || (!this.versions.isSince(VERSION_2_0) && isFullFor(formatLength, this.text));
  }

  broken(kind: EventKind, end: string): void {
    this.next = brokenName(this.text, kind.level, end);
  }

  restarted(version: string): void {
    this.live.clear();
    this.pending.restart();
    this.deliveries?.restarted();
    this.versions.is(version);
    this.version = version;
    this.doubt.seesDebug = false;
    this.doubt.seesLoneGrants = false;
    this.stamps.mayChange(false);
  }

  tells(version: string): void {
    this.versions.tells(version);
    this.version = version;
  }

  reloaded(): void {
    this.doubt.seesDebug = false;
    this.seesGrants = false;
    this.stamps.mayChange(true);
  }

  state(): JsonObject {
    const { version, context } = this;
    return {
      stamps: this.stamps.state(),
      sessions: this.live.state(),
      waiting: this.pending.state(),
      era: this.versions.state(),
      ...(version !== undefined && { version }),
      seesGrants: this.seesGrants,
      ...this.doubt.state(),
      context: JSON.parse(JSON.stringify(context)),
    };
  }

  /** A text begins like a message. Without debug lines the first ones may be about the probe's own subscriptions. */
  private readonly knows = (text: string): boolean => {
    if (knownLines.knows(text)) return true;
    for (const id of this.ownClients) if (text.startsWith(`${id} `)) return true;
    return false;
  };

  /**
   * Reads a line with stamp, or one of a log without stamps. The most certain ways to read it come first.
   * @param mayHaveStamp it may begin with a stamp of a form that is not known
   */
  private read(mayHaveStamp: boolean): void {
    const { text, context, letter } = this;
    if (context.type === 'broken') {
      this.readBehindBreak(context);
      return;
    }
    if (letter?.startsWith('M/') === true) {
      this.readGrantTopic(letter.slice(2), mayHaveStamp || this.stamps.isOpen);
      return;
    }
    if (context.type !== 'none' && expectsGrant(this) && readGrant(text, this)) return;
    if (context.type === 'bridge-connack') acceptBridge(text, context.client, this);
    if (letter === undefined && this.doubt.isDoubtful(text)) {
      this.emit(DOUBTFUL, [], Mark.ambiguous);
      return;
    }
    if (knownLines.read(text, this)) return;
    if (letter === undefined && readGrantAlone(text, this)) {
      this.doubt.seesLoneGrants = true;
      return;
    }
    this.readUnknown();
  }

  private readUnknown(): void {
    const { text } = this;
    const kind = kindOfCut(text, this);
    if (kind !== undefined) this.emit(kind, [], Mark.truncated);
    else this.emit(unknownKind(text), []);
  }

  private readGrantTopic(type: string, mayHaveStamp: boolean): void {
    this.next = NO_CONTEXT;
    if (mayHaveStamp && this.text.includes(': ')) emitUnreadGrant(type as GrantType, this);
    else if (!readGrantAlone(this.text, this, type as GrantType)) this.emit(LOG_LINE, []);
  }

  /** A line without stamp where lines have one: it belongs to the message before it, or another program wrote it. */
  private readContinuation(): void {
    const { text, context } = this;
    const isBroken = context.type === 'broken';
    const isSecond = text.startsWith(SECOND_LINE);
    if (isBroken || isSecond) this.time = this.stamps.lastTime ?? this.time;
    if (isSecond && knownLines.read(text, this)) return;
    if (!isBroken && this.readPrinted(text)) return;
    this.next = isBroken ? restOfName(context, text) : context;
    this.emit(this.levelled.of(CONTINUATION, isBroken ? context.level : undefined), []);
  }

  /** mosquitto-auth-plug prints its lines past the broker's log, with epoch seconds whatever form the broker's stamps have. */
  private readPrinted(text: string): boolean {
    const at = printedStamp(text);
    if (at === 0) return false;
    this.time = Number(text.slice(0, at - 2)) * 1000;
    this.text = text.slice(at);
    this.next = this.context;
    this.emit(LOG_LINE, []);
    return true;
  }

  /** A line behind a line break in a name may be the rest of that name, and look like any line. */
  private readBehindBreak(name: BrokenName): void {
    const { text } = this;
    this.next = restOfName(name, text);
    const isEnd = text.endsWith(name.end);
    const kind = isEnd && !this.doubt.wouldRead(text) ? CONTINUATION : DOUBTFUL;
    this.emit(this.levelled.of(kind, name.level), [], kind === DOUBTFUL ? Mark.ambiguous : Mark.none);
  }

  /** The lines of a connect are over. If they left the client's id open, a connection has come that nothing tells of. */
  private leave(context: Context & { type: 'connected' }, next: Context): void {
    if (context.candidates.length === 1) return;
    if (next.type === 'connected' || next.type === 'will') return;
    if (!context.candidates.some(({ client }) => this.live.has(client))) this.pending.miss();
  }
}

/** What `LogReader.state` saved; anything else is no context. */
function contextOf(saved: unknown): Context {
  return typeof saved === 'object' && saved !== null && 'type' in saved ? (saved as Context) : NO_CONTEXT;
}
