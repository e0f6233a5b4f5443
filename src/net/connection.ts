/** A conversation with one host; it watches its socket itself. */
export interface Connection {
  /** Resolves when the host has shown that it would take something. @throws RetryableError when it would not */
  greet(): Promise<void>;
  /** Resolves with the reason when it is lost or has ended. Absent: it ends with the socket that it began on. */
  readonly over?: Promise<Error>;
  /** False as soon as it is known to be lost. */
  readonly isUp: boolean;
  /** True when the host has confirmed something. */
  readonly useful: boolean;
  /** True when nothing waits for a confirmation; after a loss: when nothing did. */
  readonly idle: boolean;
  /** What `status` shows besides the host. */
  describe(): string;
  /** Waits up to `timeoutMs` for what is under way, then closes the socket. Nothing is written after the call. */
  end(timeoutMs: number): Promise<void>;
}
