import type { EventKind, Slot } from '../../core/event.ts';
import type { Context } from './context/context.ts';
import type { DeliveryTracker } from './context/deliveries.ts';
import type { LiveSessions } from './context/live-sessions.ts';
import type { PendingConnections } from './context/pending-connections.ts';
import type { VersionRange } from './context/version-range.ts';

/** What a rule may use and change while it reads one line. */
export interface LineReader {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Number of the line since reading began. */
  readonly number: number;
  readonly live: LiveSessions;
  readonly pending: PendingConnections;
  readonly versions: VersionRange;
  /** Follows the messages to the probe; undefined: nobody asks who published them. */
  readonly deliveries: DeliveryTracker | undefined;
  readonly ownClients: ReadonlySet<string>;
  /** Levels of `mqtt.topic_root`. */
  readonly topicRoot: number;
  /** The broker or the probe may have cut the end of the line. */
  readonly cut: boolean;
  /** What the line before left open. */
  readonly context: Context;
  /** What this line leaves open; `NO_CONTEXT` unless its rule sets it. */
  next: Context;
  /** This log has lines about granted subscriptions: a missing one means that a subscription was denied. */
  seesGrants: boolean;
  /** `marks`: bits of `Mark`. */
  emit(kind: EventKind, values: readonly Slot[], marks?: number): void;
  /** `cut`, or the line is as long as versions before 2.0 make a message of a format of so many characters at most. */
  cutAt(formatLength: number): boolean;
  /** The line ends within a name: the next lines belong to it, up to the one that ends with `end`. */
  broken(kind: EventKind, end: string): void;
  /** Emits an event of which only the kind is certain. */
  emitUnsure(kind: EventKind): void;
  /** Emits an inferred event, with a message of its own. */
  derive(kind: EventKind, message: string, values: readonly Slot[]): void;
  /** The broker has started: what was known of its clients does not hold any more. */
  restarted(version: string): void;
  /** The broker has told its version. */
  tells(version: string): void;
  /** The configuration was read again: log types and stamps may have changed. */
  reloaded(): void;
}

/** A format that a rule reads with code of its own, as the documentation lists it. */
export interface Described {
  readonly text: string;
  readonly versions: string;
  readonly kinds: readonly EventKind[];
}

/** Reads the lines that begin with `prefix`. */
export interface Rule {
  readonly prefix: string;
  readonly describes: readonly Described[];
  /** @returns false when it is another line after all; then nothing was emitted */
  readonly read: (text: string, line: LineReader) => boolean;
}
