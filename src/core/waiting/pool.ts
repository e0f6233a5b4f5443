/** A fixed number of things that are lent out in turn; what bounds the memory of an output. */
export class Pool<T> {
  private readonly free: T[];
  private readonly waiting: ((thing: T) => void)[] = [];

  constructor(things: readonly T[]) {
    this.free = [...things];
  }

  /** Resolves when a thing is free, in the order of the calls. @throws the signal's reason when it is aborted first */
  async take(signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const thing = this.free.pop();
    if (thing !== undefined) return thing;
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.waiting.splice(this.waiting.indexOf(taker), 1);
        reject(signal.reason);
      };
      const taker = (given: T): void => {
        signal.removeEventListener('abort', abort);
        resolve(given);
      };
      signal.addEventListener('abort', abort, { once: true });
      this.waiting.push(taker);
    });
  }

  give(thing: T): void {
    const next = this.waiting.shift();
    if (next === undefined) this.free.push(thing);
    else next(thing);
  }
}
