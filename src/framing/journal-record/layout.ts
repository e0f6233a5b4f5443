/*
 * A record of a journal. All numbers are big-endian.
 *
 *    0  u32  length of what follows
 *    4  u48  number of the record in its stream, counted from 0
 *   10  u8   type: 1 line, 2 message, 3 note, 4 line with facts; bit 7: the body is encrypted (cipher.ts)
 *   11  f64  seen, milliseconds since 1970
 *   19  18 B id, the first 36 digits of event.id: 12 B of the log file or of the run of the probe, u48 number in it
 *   37  then by type
 *     line     UTF-8 text
 *     message  u8 flags: bits 0-1 QoS, bit 2 retain, bit 3 dup, bit 4 cut, bit 5 captured; further ones are free
 *              u16 packet identifier; 0: none
 *              u32 length of the topic, topic: more than MQTT's 65,535 bytes, where it is not all UTF-8
 *              u32 length of the properties, properties as JSON (0: none)
 *              if cut, u32 bytes of the payload that were not kept
 *              payload; if captured, u32 its bytes, u32 its checksum, and JSON of what is kept of it (nothing: no bytes)
 *     note     JSON
 *     line with facts
 *              u8 marks: bits of `Mark`
 *              u32 bytes before the cut; 0: not cut
 *              u32 length of the header, header as JSON (0: none)
 *              UTF-8 text
 *   at the end u32: checksum of all that is before (seal.ts). 0 in memory
 *
 * A new form of a body gets a new type; readers refuse types and flags that they do not know.
 */

/** Bytes of a record without its body. */
export const EMPTY_RECORD_BYTES = 41;
/** Offsets in a record, and the bytes of its parts. */
export const BODY_AT = 37;
export const TYPE_AT = 10;
export const ID_AT = 19;
/** Of the 18 bytes of an id those that records from one place share; a number follows. */
export const RUN_BYTES = 12;
export const CHECKSUM_BYTES = 4;
/** Bit of the type: what follows the body is in the way of `RecordCipher`. */
export const ENCRYPTED = 0x80;
/** Bytes behind an encrypted body: what it was encrypted with, and what proves that it is whole. */
export const ENCRYPTION_BYTES = 6 + 16;

/** Types of records. */
export const LINE = 1;
export const MESSAGE = 2;
export const NOTE = 3;
export const LINE_WITH_FACTS = 4;

/** Flags of a message. */
export const RETAIN = 4;
export const DUP = 8;
export const CUT = 16;
export const CAPTURED = 32;
export const KNOWN_FLAGS = 63;

/** Numbers are read and written through views: `Buffer` needs three times as long for them. */
export function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}

/** Bytes of the record that begins at `at`, by its own word. @param view holds at least 4 bytes there */
export function recordBytes(view: DataView, at: number): number {
  return 4 + view.getUint32(at);
}

/** Number of the record that begins at `at`. */
export function recordSequence(view: DataView, at: number): number {
  return getUint48(view, at + 4);
}

export function getUint48(view: DataView, at: number): number {
  return view.getUint16(at) * 2 ** 32 + view.getUint32(at + 2);
}

/** Writes a number below 2^48. */
export function setUint48(view: DataView, at: number, value: number): void {
  view.setUint16(at, value / 2 ** 32);
  view.setUint32(at + 2, value);
}

/** When the record that begins at `at` was seen, in milliseconds since 1970. */
export function recordSeen(view: DataView, at: number): number {
  return view.getFloat64(at + 11);
}

/** Number of the record that follows a run of whole records, at least one. */
export function sequenceBehind(bytes: Buffer): number {
  const view = viewOf(bytes);
  let last = 0;
  for (let at = 0; at < bytes.length; at += recordBytes(view, at)) last = at;
  return recordSequence(view, last) + 1;
}
