import { Sleepers } from '../../../core/waiting/sleepers.ts';

/** Share of the size below which an input that was held goes on. */
const RELIEF = 0.9;

/** The size limit, shared by all streams. */
export class Budget {
  readonly sizeBytes: number;
  private used = 0;
  private readonly waiting = new Sleepers();

  constructor(sizeBytes: number) {
    this.sizeBytes = sizeBytes;
  }

  /** Bytes on disk. */
  get usedBytes(): number {
    return this.used;
  }

  /** @param bytes negative when something was removed */
  add(bytes: number): void {
    this.used += bytes;
    if (bytes < 0) this.wake();
  }

  /** @param pendingBytes that will be written besides */
  isFull(pendingBytes: number): boolean {
    return this.used + pendingBytes >= this.sizeBytes;
  }

  /** There is room for an input that was held. @param pendingBytes as above */
  hasRoom(pendingBytes: number): boolean {
    return this.used + pendingBytes <= this.sizeBytes * RELIEF;
  }

  /** Those who wait for room look again. */
  wake(): void {
    this.waiting.wake();
  }

  /** Resolves when there may be room. @throws the signal's reason when aborted first */
  change(signal: AbortSignal): Promise<void> {
    return this.waiting.sleep(signal);
  }
}
