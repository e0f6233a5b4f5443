/** Text is joined up to this many characters before it is written to the buffer (one copy instead of one per event). */
const FLUSH_CHARS = 16 * 1024;

/** Collects encoded events: NDJSON bytes, the border and the data stream of each event. Reused from batch to batch. */
export class EventBuffer {
  /** Offset behind the newline of each event. */
  ends: number[] = [];
  streams: string[] = [];
  private buffer: Buffer;
  private readonly initialBytes: number;
  private length = 0;
  private text = '';

  /** @param sizeBytes what it holds without growing */
  constructor(sizeBytes: number) {
    this.initialBytes = sizeBytes;
    this.buffer = Buffer.allocUnsafeSlow(sizeBytes);
  }

  get count(): number {
    return this.ends.length;
  }

  /** Bytes so far. */
  get size(): number {
    return this.length + this.text.length;
  }

  /** @param ascii the line is known to be ASCII; it ends in a newline */
  append(line: string, ascii: boolean, stream: string): void {
    if (ascii) {
      this.text += line;
      if (this.text.length > FLUSH_CHARS) this.flush();
    } else {
      this.flush();
      this.reserve(line.length * 3);
      this.length += this.buffer.write(line, this.length, 'utf8');
    }
    this.ends.push(this.length + this.text.length);
    this.streams.push(stream);
  }

  /** The events' bytes; valid until `clear`. */
  bytes(): Buffer {
    this.flush();
    return this.buffer.subarray(0, this.length);
  }

  clear(): void {
    this.ends = [];
    this.streams = [];
    this.length = 0;
    this.text = '';
    if (this.buffer.length > this.initialBytes) this.buffer = Buffer.allocUnsafeSlow(this.initialBytes);
  }

  private flush(): void {
    if (this.text === '') return;
    this.reserve(this.text.length);
    this.length += this.buffer.write(this.text, this.length, 'latin1');
    this.text = '';
  }

  private reserve(bytes: number): void {
    if (this.length + bytes <= this.buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.length + bytes));
    this.buffer.copy(larger, 0, 0, this.length);
    this.buffer = larger;
  }
}
