import type { RetryableError } from './errors.ts';
import type { FileIdentity } from './generations.ts';

/** Encoded events on their way to one output: NDJSON with the border of each event. */
export interface Batch {
  /** NDJSON, valid until `release`. */
  readonly bytes: Buffer;
  /** Offset behind the newline of each event; valid until `release`. */
  readonly ends: Uint32Array;
  /** Which of `names` each event's data stream is; valid until `release`. */
  readonly streams: Uint8Array;
  /** Data streams, `logs-mqtt.message-default`. */
  readonly names: readonly string[];
  /** `id` of the source that the events come from. */
  readonly source: string;
  /** Some of the events may have been sent before, by an earlier run or in an earlier attempt: the sink may have them. */
  readonly resent: boolean;
  /** Tells that the bytes are no longer needed: reading goes on. Called exactly once. */
  release(): void;
  /** Tells why the events are held back; the output goes on trying by itself. Called again for each attempt. */
  waiting(reason: RetryableError): void;
}

/** Column at which the 40 digits of `event.id` start in every event. */
export const EVENT_ID_COLUMN = '{"event":{"id":"'.length;
/** Length of `event.id`. */
export const EVENT_ID_LENGTH = 40;

/** What became of the events of one batch: each is delivered, a duplicate or rejected. */
export interface Receipt {
  readonly delivered: number;
  /** The sink had them already. */
  readonly duplicates: number;
  /** Refused for good: they become dead letters before the batch counts as settled. */
  readonly rejected?: readonly Rejected[];
  /** How many of the delivered ones the sink has put into its failure store. */
  readonly failureStore?: number;
}

/** An event that the sink has refused and would refuse again. */
export interface Rejected {
  /** The event's JSON without newline; a copy. */
  readonly event: Buffer;
  /** The data stream it was meant for. */
  readonly stream: string;
  /** HTTP status; 409: another event has its id. */
  readonly status: number;
  /** The sink's class of error, `document_parsing_exception`. */
  readonly type: string;
  /** The sink's words. They may quote the event: for the dead letters, not for logs. */
  readonly reason: string;
}

/** Keeps what an output has refused for good. */
export interface Graveyard {
  /** Resolves when there is room. @throws BlockedError when there is none */
  check(): Promise<void>;
  /**
   * Resolves when all of them are synced to disk.
   * @param source `id` of the source they come from
   * @throws RetryableError when they cannot be kept; then none is
   */
  add(source: string, rejected: readonly Rejected[]): Promise<void>;
}

/**
 * A sink. It writes or throws; order, windows, time-outs, back-off and counting live in `pipeline/lane/delivery.ts`.
 * `check` is called before the first write and after each failure, and may wait as long as it takes to connect.
 */
export interface Output {
  /** Resolves when the sink would take events. @throws RetryableError with the reason when it would not */
  check(signal: AbortSignal): Promise<void>;
  /**
   * Sends a batch. Called again before earlier ones are settled, in the order of the batches.
   * Calls `batch.release` as soon as the bytes are no longer needed.
   * @returns settles when the fate of every event is known
   * @throws RetryableError when it is unknown: everything unsettled is read and sent again
   */
  write(batch: Batch): Promise<Receipt>;
  /** Looks whether events for these data streams would be taken; read-only. @throws RetryableError when not */
  inspect?(streams: readonly string[], signal: AbortSignal): Promise<void>;
  /** True for a file that it writes, and for an older one that it keeps. Absent: it writes none. */
  writes?(file: FileIdentity): Promise<boolean>;
  /** Ends in good order within `timeoutMs`; what is then not settled stays unsettled. Safe without `check`. */
  close(timeoutMs: number): Promise<void>;
  /** What `status` shows: host in use, connection state. */
  describe(): string;
}
