import type { EventKind, Slot } from '../../core/event.ts';
import type { DeliveryTracker } from './deliveries.ts';
import type { LiveSessions } from './live-sessions.ts';

/** What the lines before one left open; lines that belong together follow each other (the broker has one thread). */
export type Context =
  | { readonly type: 'none' }
  /** `New client connected …` of this client was the last line. */
  | { readonly type: 'connected'; readonly client: string }
  /** `Will message specified …`: its topic follows. */
  | {
      readonly type: 'will';
      readonly client: string | undefined;
      readonly size: number;
      readonly qos: number;
      readonly retained: boolean;
    }
  /** Between `Received SUBSCRIBE` and its end. */
  | {
      readonly type: 'subscribe';
      readonly client: string;
      readonly filter: string | undefined;
      readonly qos: number;
    }
  | { readonly type: 'unsubscribe'; readonly client: string; readonly filter: string | undefined }
  /** A refusing CONNACK was the last line. */
  | { readonly type: 'refused'; readonly address: string | undefined; readonly code: number };

/** What a rule may use while it reads one line. */
export interface LineReader {
  /** Milliseconds since 1970. */
  readonly time: number;
  /** Counts the lines of this reading. */
  readonly number: number;
  readonly live: LiveSessions;
  /** Follows the messages to the probe; undefined: nobody asks for them. */
  readonly deliveries: DeliveryTracker | undefined;
  readonly ownClients: ReadonlySet<string>;
  /** Levels of `mqtt.topic_root`. */
  readonly topicRoot: number;
  /** What the lines before left open; a rule that leaves something open sets it anew. */
  context: Context;
  /** Lines about granted subscriptions are in this log, so that a missing one says something. */
  seesGrants: boolean;
  /** The broker's version once it has said it. */
  version: string | undefined;
  /** `marks`: bits of `Mark`. */
  emit(kind: EventKind, values: readonly Slot[], marks?: number): void;
}

/** Reads the lines that begin with `prefix`. */
export interface Rule {
  readonly prefix: string;
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
