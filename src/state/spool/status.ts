/** What `status` shows of a stream. */
export interface StreamStatus {
  readonly input: string;
  readonly segments: number;
  readonly bytes: number;
  /** Age of the oldest record that an output has not settled; 0: all are. */
  readonly oldestSeconds: number;
  /** Why its input is held, or why nothing can be written. */
  readonly problem: string | undefined;
}

/** What `status` shows of the spool. */
export interface SpoolStatus {
  readonly bytes: number;
  readonly sizeBytes: number;
  readonly streams: readonly StreamStatus[];
  /** Inputs that are no longer configured, and still have records here. */
  readonly abandoned: readonly string[];
}
