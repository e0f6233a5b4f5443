import type { Batch } from '../../../core/output.ts';
import { type Part, startOf } from '../shipment.ts';

/*
 * Lumberjack version 2, as Beats and Logstash's beats input speak it. All integers are unsigned, 32 bits, big-endian.
 *   window   (client)  '2' 'W' count        so many J frames follow, at once or within C frames
 *   JSON     (client)  '2' 'J' sequence length, then a JSON object; the sequence starts at 1 in each window
 *   compressed (client) '2' 'C' length, then zlib data (RFC 1950) that holds whole J frames
 *   ack      (server)  '2' 'A' sequence     all up to it is taken; 0: still at work, or the answer to an empty window
 */
const VERSION = 0x32;
const WINDOW = 0x57;
const JSON_DATA = 0x4a;
const COMPRESSED = 0x43;
const ACK = 0x41;

/** Bytes of a window, compressed or ack frame without content. */
const FRAME_BYTES = 6;
/** Bytes before the content of a J frame. */
const JSON_HEADER_BYTES = 10;

/** A window without events; Logstash answers with an ack of 0, others with nothing. */
export const EMPTY_WINDOW: Buffer = Buffer.of(VERSION, WINDOW, 0, 0, 0, 0);

/** Bytes that a part needs as a window of J frames. */
export function windowBytes({ from, to, bytes }: Part): number {
  return FRAME_BYTES + bytes + (to - from) * (JSON_HEADER_BYTES - 1);
}

/** Writes the window frame and the J frames of a part; the newline behind each event is left out. */
export function writeWindow(batch: Batch, { shipment, from, to }: Part, target: Buffer): void {
  let at = header(target, 0, WINDOW, to - from);
  for (let number = from; number < to; number++) {
    const index = shipment.index(number);
    const start = startOf(batch, index);
    const end = (batch.ends[index] ?? 0) - 1;
    at = header(target, at, JSON_DATA, number - from + 1);
    at = uint32(target, at, end - start);
    at += batch.bytes.copy(target, at, start, end);
  }
}

/** The frames before the compressed content of a window. */
export function compressedHeader(events: number, contentBytes: number): Buffer {
  const frames = Buffer.allocUnsafe(2 * FRAME_BYTES);
  header(frames, header(frames, 0, WINDOW, events), COMPRESSED, contentBytes);
  return frames;
}

/** The J frames of a written window. */
export function contentOf(window: Buffer): Buffer {
  return window.subarray(FRAME_BYTES);
}

/** The event of a window that holds one. */
export function eventOf(window: Buffer): Buffer {
  return window.subarray(FRAME_BYTES + JSON_HEADER_BYTES);
}

/** Reads the acks of a server, however its bytes are cut. */
export class AckReader {
  private readonly frame = Buffer.alloc(FRAME_BYTES);
  private have = 0;

  /**
   * @param onAck gets the sequence of each ack
   * @returns false when the bytes are not of this protocol
   */
  push(bytes: Buffer, onAck: (sequence: number) => void): boolean {
    for (const byte of bytes) {
      if (this.have === 0 && byte !== VERSION) return false;
      if (this.have === 1 && byte !== ACK) return false;
      this.frame[this.have++] = byte;
      if (this.have < FRAME_BYTES) continue;
      this.have = 0;
      onAck(this.frame.readUInt32BE(2));
    }
    return true;
  }
}

function header(target: Buffer, at: number, type: number, value: number): number {
  target[at] = VERSION;
  target[at + 1] = type;
  return uint32(target, at + 2, value);
}

function uint32(target: Buffer, at: number, value: number): number {
  target[at] = value >>> 24;
  target[at + 1] = value >>> 16;
  target[at + 2] = value >>> 8;
  target[at + 3] = value;
  return at + 4;
}
