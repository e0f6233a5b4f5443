import type { Batch, Output, Receipt } from '../../core/output.ts';
import { safeJson } from '../../core/text/safe.ts';

/** Writes events to standard output as JSON lines; a terminal gets them with everything escaped that it could obey. */
export class StdoutOutput implements Output {
  async check(): Promise<void> {}

  /** Delivered means: taken by the pipe or terminal. A reader that went away ends the probe as it ends any filter. */
  write(batch: Batch): Promise<Receipt> {
    const bytes = process.stdout.isTTY ? safeJson(batch.bytes.toString('utf8')) : batch.bytes;
    return new Promise((resolve, reject) => {
      process.stdout.write(bytes, (error) => {
        batch.release();
        if (error) reject(error);
        else resolve({ delivered: batch.ends.length, duplicates: 0 });
      });
    });
  }

  async close(): Promise<void> {}

  describe(): string {
    return 'standard output';
  }
}

export function create(): Output {
  return new StdoutOutput();
}
