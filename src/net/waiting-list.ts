interface Waiting<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

/** Those who wait for the same thing: all get it, or all are refused. */
export class WaitingList<T> {
  private readonly waiting = new Set<Waiting<T>>();

  /** @throws what `reason` gives when `signal` is aborted first; the error of `refuse` */
  wait(signal: AbortSignal | undefined, reason: () => Error): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const abort = (): void => {
      this.waiting.delete(entry);
      reject(reason());
    };
    // A signal that lives on must not hold what was waited for.
    const leave = (): void => signal?.removeEventListener('abort', abort);
    const entry: Waiting<T> = {
      resolve: (value) => {
        leave();
        resolve(value);
      },
      reject: (error) => {
        leave();
        reject(error);
      },
    };
    this.waiting.add(entry);
    signal?.addEventListener('abort', abort, { once: true });
    return promise;
  }

  serve(value: T): void {
    for (const { resolve } of this.waiting) resolve(value);
    this.waiting.clear();
  }

  refuse(error: Error): void {
    for (const { reject } of this.waiting) reject(error);
    this.waiting.clear();
  }
}
