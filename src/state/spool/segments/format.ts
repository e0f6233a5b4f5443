import { crc32 } from '../../../core/checksums/crc32.ts';
import { StateError } from '../../../core/errors.ts';
import {
  EMPTY_RECORD_BYTES,
  recordBytes,
  recordSequence,
  viewOf,
} from '../../../framing/journal-record/layout.ts';
import type { Seal } from '../../../framing/journal-record/seal.ts';

/*
 * The spool on disk, version 2. All numbers are big-endian.
 *
 *   <state>/spool/<input>/<base offset, 16 hex digits>.segment
 *
 * A stream holds what one input has admitted: a sequence of records (framing/journal-record), at offsets that count on
 * from the first byte the stream ever had. A segment holds a stretch of it, whole records only. Only the last one grows; an
 * earlier one ends where the next begins, at the latest. A segment is
 *
 *   header, twice the same 64 bytes, so that one damaged byte does not cost the segment
 *      0  8 B  magic "BTSPOOL\n"
 *      8  u32  version; magic and version stay in their places in every version
 *     12  12 B id of the stream: the source id of its cursors
 *     24  u64  base offset: of the first record
 *     32  u64  number of the first record
 *     40  u32  salt of the checksums of all records of the stream. Clients of the broker choose most of the bytes of a
 *              record; without knowing the salt they cannot hide a record in their payload that would be found after damage.
 *     44  f64  when it was made, milliseconds since 1970
 *     52  8 B  name of the key with which its records are encrypted (framing/journal-record/cipher.ts); zero: they are not
 *     60  u32  CRC-32 of the 60 bytes before
 *   records
 *
 * Writing: the header and the directory are synced before the first record of a segment is written. Records are written in
 * groups at the end, and each group is synced before the next is written, before its records are acknowledged to their
 * sender and before any output sees them. So what a crash leaves unfinished was never acknowledged, and a record that an
 * output has seen never changes.
 *
 * Removing: a segment is removed when the saved cursors of all outputs are behind it (cursors first, segment second: a
 * crash between the two leaves a segment that nobody reads), or to make room when the policy is drop_oldest. Missing
 * segments are holes; numbers of records tell how many a hole has swallowed.
 *
 * Opening: a last segment without a whole header has no records and is removed. In the last segment all records are checked;
 * what stands behind the last good one is the remainder of an unfinished group and is cut. A record elsewhere whose checksum
 * is wrong is passed over: reading goes on at the next place where a header, a checksum and a higher number agree.
 */

const MAGIC = Buffer.from('BTSPOOL\n');
const VERSION = 2;
const COPY_BYTES = 64;
const CHECKED_BYTES = 60;
const KEY_AT = 52;
const NO_KEY = '0'.repeat(16);
const NAME = /^[0-9a-f]{16}\.segment$/;
/** Bytes that are hashed at most to find the next good record; a payload that is made of headers cannot hold us up. */
const MAX_HASHED_BYTES = 256 * 1024 * 1024;

/** Bytes before the first record of a segment. */
export const SEGMENT_HEADER_BYTES = 2 * COPY_BYTES;

export interface SegmentHeader {
  /** 24 hex digits. */
  readonly stream: string;
  readonly base: number;
  readonly baseSequence: number;
  readonly salt: number;
  readonly createdMs: number;
  /** Name of the key with which its records are encrypted, 16 hex digits; empty: they are not. */
  readonly key: string;
}

/** Name of the segment that begins at an offset. */
export function segmentName(base: number): string {
  return `${base.toString(16).padStart(16, '0')}.segment`;
}

export function isSegmentName(name: string): boolean {
  return NAME.test(name);
}

/** Base offset of the segment of that name. */
export function baseOf(name: string): number {
  return Number.parseInt(name, 16);
}

export function encodeHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(SEGMENT_HEADER_BYTES);
  MAGIC.copy(bytes);
  bytes.writeUInt32BE(VERSION, 8);
  bytes.write(header.stream, 12, 'hex');
  bytes.writeBigUInt64BE(BigInt(header.base), 24);
  bytes.writeBigUInt64BE(BigInt(header.baseSequence), 32);
  bytes.writeUInt32BE(header.salt, 40);
  bytes.writeDoubleBE(header.createdMs, 44);
  bytes.write(header.key, KEY_AT, 'hex');
  bytes.writeUInt32BE(crc32(bytes, 0, CHECKED_BYTES), CHECKED_BYTES);
  bytes.copy(bytes, COPY_BYTES, 0, COPY_BYTES);
  return bytes;
}

/**
 * @param bytes the first bytes of a segment, fewer when the file is shorter
 * @param file its name, for messages
 * @returns undefined when both copies are damaged or missing
 * @throws StateError when another version has written it
 */
export function decodeHeader(bytes: Buffer, file: string): SegmentHeader | undefined {
  const versions = new Set<number>();
  for (const at of [0, COPY_BYTES]) {
    const copy = bytes.subarray(at, at + COPY_BYTES);
    if (copy.length < COPY_BYTES || !copy.subarray(0, MAGIC.length).equals(MAGIC)) continue;
    const version = copy.readUInt32BE(8);
    const whole = copy.readUInt32BE(CHECKED_BYTES) === crc32(copy, 0, CHECKED_BYTES);
    if (version !== VERSION) versions.add(version);
    else if (whole) {
      const key = copy.toString('hex', KEY_AT, CHECKED_BYTES);
      return {
        key: key === NO_KEY ? '' : key,
        stream: copy.toString('hex', 12, 24),
        base: Number(copy.readBigUInt64BE(24)),
        baseSequence: Number(copy.readBigUInt64BE(32)),
        salt: copy.readUInt32BE(40),
        createdMs: copy.readDoubleBE(44),
      };
    }
  }
  const [version] = versions;
  // Both copies agree, so it is no damage; a copy that is damaged in this place does not agree with the other.
  const isWhole = bytes.length >= SEGMENT_HEADER_BYTES;
  if (isWhole && versions.size === 1 && version === bytes.readUInt32BE(COPY_BYTES + 8)) {
    throw new StateError(
      `${file} has version ${version} and this brokertap knows version ${VERSION}: ` +
        'use the version that wrote it to deliver what it holds, or another state directory',
    );
  }
  return undefined;
}

/** How far records are as they were written. */
interface Checked {
  /** Offset behind the last good record. */
  readonly end: number;
  /** Number of the record that has to follow; undefined when there was none. */
  readonly next: number | undefined;
  /** The record at `end` is damaged, not just unfinished within `length`. */
  readonly damaged: boolean;
}

/**
 * Checks whole records from the start of `bytes`.
 * @param length bytes that were read
 * @param room bytes from the start of `bytes` in which records may lie
 * @param first number of the first record, where it is known
 */
export function checkRecords(
  bytes: Buffer,
  length: number,
  room: number,
  seal: Seal,
  first?: number,
): Checked {
  const view = viewOf(bytes);
  let end = 0;
  let next = first;
  while (end + EMPTY_RECORD_BYTES <= length) {
    const size = recordBytes(view, end);
    if (size < EMPTY_RECORD_BYTES || size > room - end) return { end, next, damaged: true };
    if (end + size > length) return { end, next, damaged: false };
    const sequence = recordSequence(view, end);
    const isNext = next === undefined || sequence === next;
    if (!isNext || !seal.holds(view, end, size)) return { end, next, damaged: true };
    next = sequence + 1;
    end += size;
  }
  return { end, next, damaged: end < room && room - end < EMPTY_RECORD_BYTES };
}

/**
 * Finds the next good record behind a damaged one.
 * @param bytes from the damaged record to the end of the segment
 * @param known a record at or before the damaged one: its number, and how many bytes before `bytes` it begins
 * @returns the place in `bytes` and the number of the good one; undefined when there is none
 */
export function findRecord(
  bytes: Buffer,
  seal: Seal,
  known: { sequence: number; bytesBefore: number },
): { at: number; sequence: number } | undefined {
  const view = viewOf(bytes);
  let budget = MAX_HASHED_BYTES;
  for (let at = 1; at + EMPTY_RECORD_BYTES <= bytes.length; at++) {
    const size = recordBytes(view, at);
    if (size < EMPTY_RECORD_BYTES || size > bytes.length - at) continue;
    const sequence = recordSequence(view, at);
    // Between the two there is room for so many records only.
    const most = known.sequence + (at + known.bytesBefore) / EMPTY_RECORD_BYTES;
    if (sequence <= known.sequence || sequence > most) continue;
    budget -= size;
    if (budget < 0) return undefined;
    if (seal.holds(view, at, size)) return { at, sequence };
  }
  return undefined;
}
