import type { Batch } from '../../src/core/output.ts';

/** A batch of its own, with a flag that tells whether it was released. */
interface TestBatch extends Batch {
  released: boolean;
}

/** `event.id` of the event with a number. */
export function idOf(number: number): string {
  return number.toString(16).padStart(40, '0');
}

/** One event as the encoder writes it: the id comes first. */
export function eventLine(number: number, more = ''): string {
  return `{"event":{"id":"${idOf(number)}"},"message":"event ${number}"${more}}\n`;
}

/** A batch of lines. */
export function batchOfLines(lines: readonly string[]): TestBatch {
  const ends = new Uint32Array(lines.length);
  let end = 0;
  for (const [i, line] of lines.entries()) {
    end += Buffer.byteLength(line);
    ends[i] = end;
  }
  const batch: TestBatch = {
    bytes: Buffer.from(lines.join('')),
    ends,
    streams: new Uint8Array(lines.length),
    names: ['logs-x-default'],
    source: 'x',
    resent: false,
    waiting: () => {},
    released: false,
    release: () => {
      batch.released = true;
      // Released bytes belong to somebody else.
      batch.bytes.fill('#');
    },
  };
  return batch;
}

/** A batch of events with the numbers from `from` to below `to`. */
export function batchOf(from: number, to: number): TestBatch {
  return batchOfLines(Array.from({ length: to - from }, (_, i) => eventLine(from + i)));
}

/** The numbers of events as a receiver has got them. */
export function numbersOf(events: readonly unknown[]): number[] {
  return events.map((event) => numberOf(event as Parameters<typeof numberOf>[0]));
}

/** The number of an event. */
export function numberOf(event: { readonly event: { readonly id: string } }): number {
  return Number.parseInt(event.event.id, 16);
}
