interface Waiting<T> {
  readonly resolve: (value: T) => void;
  readonly reject: (error: Error) => void;
}

/** Those who wait for the same thing: all get it, or all are refused. */
export class WaitingList<T> {
  private readonly waiting = new Set<Waiting<T>>();

  /** @throws what `reason` gives when `signal` is aborted first; the error of `refuse` */
  wait(signal: AbortSignal | undefined, reason: () => Error): Promise<T> {
    return new Promise((resolve, reject) => {
      const entry = { resolve, reject };
      this.waiting.add(entry);
      signal?.addEventListener(
        'abort',
        () => {
          if (this.waiting.delete(entry)) reject(reason());
        },
        { once: true },
      );
    });
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
