import type { EventKind, LogLevel, Slot } from '../../core/event.ts';
import type { DeliveryTracker } from './context/deliveries.ts';
import type { LiveSession, LiveSessions } from './context/live-sessions.ts';
import type { Origin, PendingConnections } from './context/pending-connections.ts';
import type { VersionRange } from './context/version-range.ts';

/** What the lines before one left open; lines that belong together follow each other (the broker has one thread). */
export type Context =
  | { readonly type: 'none' }
  /**
   * `New client connected …`: lines about its will, its cipher and its CONNACK follow. Several candidates: the line could be
   * read in several ways, and the CONNACK will name the client.
   */
  | Connected
  /** `Will message specified …`: its topic follows. */
  | {
      readonly type: 'will';
      readonly client: string | undefined;
      readonly will: Will;
      readonly then: Connected | undefined;
    }
  /** Between `Received SUBSCRIBE` and its end. */
  | {
      readonly type: 'subscribe';
      /** Undefined: the broker cut the line that named it. */
      readonly client: string | undefined;
      /** What the cut line showed of the client. */
      readonly shown: string;
      readonly filter: string | undefined;
      readonly qos: number;
      /** A filter was asked for whose grant did not stand in the log yet. */
      readonly asked: boolean;
    }
  | {
      readonly type: 'unsubscribe';
      readonly client: string | undefined;
      readonly shown: string;
      readonly filter: string | undefined;
      readonly asked: boolean;
    }
  /** A refusing CONNACK was the last line. */
  | {
      readonly type: 'refused';
      /** Undefined: the CONNACK told an address. */
      readonly client: string | undefined;
      /** The connection that has ended so, which 1.6 does not always tell. */
      readonly from: Origin | undefined;
    }
  /** The last line was the end of a client's connection, of this `event.code`. */
  | { readonly type: 'ended'; readonly code: string }
  /** The last line named the address of a connection that is being refused. */
  | { readonly type: 'address'; readonly ip: string }
  /** Keys, certificates or ciphers could not be set up: lines of OpenSSL follow that are of no connection. */
  | { readonly type: 'tls-setup' }
  /** Lines of OpenSSL were the last ones; `error` is the first of them. */
  | { readonly type: 'tls'; readonly error: string }
  /** A bridge has got a CONNACK; a refusing one shows in the next line. */
  | { readonly type: 'bridge-connack'; readonly client: string }
  /** The last line told of a bridge's CONNECT. */
  | { readonly type: 'bridge-connect'; readonly client: string }
  /** A line ended before its format did: a line break in a name. What follows may be the rest of that name. */
  | {
      readonly type: 'broken';
      readonly level: LogLevel | undefined;
      /** Fixed end of the format. */
      readonly end: string;
      /** So many more bytes the message can have. */
      readonly bytes: number;
    };

interface Connected {
  readonly type: 'connected';
  readonly candidates: readonly Candidate[];
  /** What a cut line showed of the client's id, and maybe of what follows it. */
  readonly shown?: string;
  readonly session: LiveSession;
}

export interface Candidate {
  readonly client: string;
  readonly user: string | undefined;
}

export interface Will {
  readonly size: number;
  readonly qos: number;
  readonly retained: boolean;
}

/** What a rule may use while it reads one line. */
export interface LineReader {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Counts the lines of this reading. */
  readonly number: number;
  readonly live: LiveSessions;
  readonly pending: PendingConnections;
  readonly versions: VersionRange;
  /** Follows the messages to the probe; undefined: nobody asks for them. */
  readonly deliveries: DeliveryTracker | undefined;
  readonly ownClients: ReadonlySet<string>;
  /** Levels of `mqtt.topic_root`. */
  readonly topicRoot: number;
  /** The broker or the probe may have cut the line's end. */
  readonly cut: boolean;
  /** What the lines before left open. */
  readonly context: Context;
  /** What this line leaves open; nothing, unless its rule sets it. */
  next: Context;
  /** Lines about granted subscriptions are in this log, so that a missing one says something. */
  seesGrants: boolean;
  /** `marks`: bits of `Mark`. */
  emit(kind: EventKind, values: readonly Slot[], marks?: number): void;
  /** `cut`, or the line has the length at which versions before 2.0 cut a message of a format of that length. */
  cutAt(formatLength: number): boolean;
  /** The line ends within a name: what follows, up to a line with that end, is of that name. */
  broken(kind: EventKind, end: string): void;
  /** Emits an event of which the text proves nothing but its kind. */
  emitUnsure(kind: EventKind): void;
  /** Emits what is inferred, with a sentence of its own. */
  derive(kind: EventKind, message: string, values: readonly Slot[]): void;
  /** The broker has started anew: everything known of its clients is void. */
  restarted(version: string): void;
  /** The broker has said its version. */
  tells(version: string): void;
  /** The configuration was read again: log types and stamps may have changed. */
  reloaded(): void;
}

/** A format that a rule reads by itself, for the documents. */
export interface Described {
  readonly text: string;
  readonly versions: string;
  readonly kinds: readonly EventKind[];
}

/** Reads the lines that begin with `prefix`. */
export interface Rule {
  readonly prefix: string;
  readonly describes: readonly Described[];
  /** @returns false when it is another line after all */
  readonly read: (text: string, line: LineReader) => boolean;
}

export const NO_CONTEXT: Context = { type: 'none' };

/** Reads a whole number without sign; -1 when there is none, or another character follows before `end`. */
export function digits(text: string, start: number, end: number): number {
  if (start >= end || end - start > 15) return -1;
  let value = 0;
  for (let i = start; i < end; i++) {
    const c = text.charCodeAt(i) - 48;
    if (c < 0 || c > 9) return -1;
    value = value * 10 + c;
  }
  return value;
}

/** What is whole of a text that the broker cut, which it may do within a UTF-8 character. */
export function withoutCutCharacter(text: string): string {
  return text.replace(/\ufffd{1,3}$/, '');
}
