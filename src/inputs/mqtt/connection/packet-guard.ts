import { type Duplex, Transform, type TransformCallback } from 'node:stream';

const PUBLISH = 3;
/** Bytes of a fixed header at most (MQTT 3.1.1 §2.2): type and flags, then up to four of the remaining length. */
const MAX_HEADER_BYTES = 5;

/**
 * Stands between the broker and the packet parser: of a PUBLISH whose remaining length is larger than a limit the head goes
 * on, as a packet of exactly that length, and the rest is passed over. MQTT 3.1.1 has no way to tell a broker how much one
 * takes, and the parser collects a packet in memory, up to 256 MB.
 */
export class PacketGuard extends Transform {
  private readonly limit: number;
  /** True remaining lengths of the PUBLISH packets that go on with a remaining length of `limit`, in their order. */
  private readonly lengths: number[] = [];
  /** The unfinished fixed header of a packet. */
  private header: Buffer | undefined;
  /** Bytes of the packet in hand that go on, then those that do not. */
  private passing = 0;
  private skipping = 0;

  /** @param limitBytes of the remaining length; more than a topic and a packet identifier need (65,539) */
  constructor(limitBytes: number) {
    super();
    this.limit = limitBytes;
  }

  /** Bytes that were passed over of a packet that came out of the parser; to be asked of every PUBLISH, in their order. */
  cutBytes(remainingLength: number): number {
    return remainingLength === this.limit ? (this.lengths.shift() ?? this.limit) - this.limit : 0;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    const bytes = this.header === undefined ? chunk : Buffer.concat([this.header, chunk]);
    this.header = undefined;
    let from = 0;
    let at = 0;
    const pass = (): void => {
      if (at > from) this.push(bytes.subarray(from, at));
    };
    while (at < bytes.length) {
      if (this.passing > 0) {
        const count = Math.min(this.passing, bytes.length - at);
        this.passing -= count;
        at += count;
      } else if (this.skipping > 0) {
        pass();
        const count = Math.min(this.skipping, bytes.length - at);
        this.skipping -= count;
        at += count;
        from = at;
      } else {
        const size = headerBytes(bytes, at);
        if (size === undefined) break;
        const length = remainingLength(bytes, at, size);
        if ((bytes[at] ?? 0) >> 4 === PUBLISH && length >= this.limit) this.lengths.push(length);
        if ((bytes[at] ?? 0) >> 4 === PUBLISH && length > this.limit) {
          pass();
          this.push(headerOf(bytes[at] ?? 0, this.limit));
          at += size;
          from = at;
          this.passing = this.limit;
          this.skipping = length - this.limit;
        } else {
          at += size;
          this.passing = length;
        }
      }
    }
    pass();
    if (at < bytes.length) this.header = Buffer.from(bytes.subarray(at));
    done();
  }
}

/** Lets what a connection gives its reader go through a guard. */
export function guarded(connection: Duplex, guard: PacketGuard): Duplex {
  const pipe = connection.pipe.bind(connection);
  connection.pipe = (to, options) => pipe(guard).pipe(to, options);
  return connection;
}

/** Bytes of the fixed header at an offset; undefined: it is not whole. One that is malformed is for the parser to refuse. */
function headerBytes(bytes: Buffer, at: number): number | undefined {
  for (let size = 2; size <= MAX_HEADER_BYTES; size++) {
    const last = bytes[at + size - 1];
    if (last === undefined) return undefined;
    if (last < 0x80) return size;
  }
  return MAX_HEADER_BYTES;
}

function remainingLength(bytes: Buffer, at: number, size: number): number {
  let length = 0;
  for (let i = size - 1; i > 0; i--) length = length * 128 + ((bytes[at + i] ?? 0) & 0x7f);
  return length;
}

function headerOf(first: number, length: number): Buffer {
  const bytes = [first];
  for (let rest = length; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest % 128) | 0x80);
  }
}
