/** Those who wait for one kind of news. */
export class Sleepers {
  private readonly waiting = new Set<() => void>();

  get size(): number {
    return this.waiting.size;
  }

  wake(): void {
    for (const wakeUp of this.waiting) wakeUp();
    this.waiting.clear();
  }

  /** Resolves at the next `wake`. @throws the signal's reason when aborted first */
  sleep(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.waiting.delete(wakeUp);
        reject(signal.reason);
      };
      const wakeUp = (): void => {
        signal.removeEventListener('abort', abort);
        resolve();
      };
      signal.addEventListener('abort', abort, { once: true });
      this.waiting.add(wakeUp);
    });
  }
}
