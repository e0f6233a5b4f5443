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
  /** Tells that the bytes are no longer needed: reading goes on. Called exactly once. */
  release(): void;
}

/** Column at which the 40 digits of `event.id` start in every event. */
export const EVENT_ID_COLUMN = '{"event":{"id":"'.length;
/** Length of `event.id`. */
export const EVENT_ID_LENGTH = 40;

/** What became of the events of one batch. */
export interface Receipt {
  readonly delivered: number;
  /** The sink had them already. */
  readonly duplicates: number;
}

/**
 * A sink. It writes or throws; order, windows, time-outs, back-off and counting live in `pipeline/delivery.ts`.
 * `check` is called before the first write and after each failure, and may wait as long as it takes to connect.
 */
export interface Output {
  /** Resolves when the sink would take events. @throws RetryableError with the reason when it would not */
  check(signal: AbortSignal): Promise<void>;
  /**
   * Sends a batch. Called again before earlier ones are settled, in the order of the batches.
   * Calls `batch.release` as soon as the bytes have left.
   * @returns settles when the fate of every event is known
   * @throws RetryableError when it is unknown: everything unsettled is read and sent again
   */
  write(batch: Batch): Promise<Receipt>;
  /** Ends in good order within `timeoutMs`; what is then not settled stays unsettled. Safe without `check`. */
  close(timeoutMs: number): Promise<void>;
  /** What `status` shows: host in use, connection state. */
  describe(): string;
}
