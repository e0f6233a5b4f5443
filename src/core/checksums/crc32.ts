import { crc32 as native } from 'node:zlib';

/** Up to here it is faster to stay in JavaScript than to hand the bytes over (measured: 41 to 119 ns for 46 bytes). */
const SHORT_BYTES = 192;
/** Bytes that one step takes. */
const STEP = 8;
/** The reversed polynomial (ISO 3309, as in zlib). */
const POLYNOMIAL = 0xedb88320;

/** For each of the bytes of a step what it does to the sum, by its distance from the end of the step. */
const TABLES = tables();

/** CRC-32 of the bytes from `at` to `end`, as zlib has it. */
export function crc32(bytes: Buffer, at: number, end: number): number {
  return end - at > SHORT_BYTES ? native(bytes.subarray(at, end)) : inSteps(bytes, at, end);
}

function inSteps(bytes: Uint8Array, from: number, end: number): number {
  const byte = (i: number): number => bytes[i] as number;
  const table = (distance: number, value: number): number => TABLES[distance * 256 + value] as number;
  let at = from;
  let sum = ~0;
  for (; at + STEP <= end; at += STEP) {
    sum ^= byte(at) | (byte(at + 1) << 8) | (byte(at + 2) << 16) | (byte(at + 3) << 24);
    sum =
      table(7, sum & 0xff) ^
      table(6, (sum >>> 8) & 0xff) ^
      table(5, (sum >>> 16) & 0xff) ^
      table(4, sum >>> 24) ^
      table(3, byte(at + 4)) ^
      table(2, byte(at + 5)) ^
      table(1, byte(at + 6)) ^
      table(0, byte(at + 7));
  }
  for (; at < end; at++) sum = table(0, (sum ^ byte(at)) & 0xff) ^ (sum >>> 8);
  return ~sum >>> 0;
}

function tables(): Int32Array {
  const made = new Int32Array(STEP * 256);
  for (let value = 0; value < 256; value++) {
    let sum = value;
    for (let bit = 0; bit < 8; bit++) sum = (sum & 1) === 0 ? sum >>> 1 : (sum >>> 1) ^ POLYNOMIAL;
    made[value] = sum;
  }
  for (let i = 256; i < made.length; i++) {
    const nearer = made[i - 256] as number;
    made[i] = (nearer >>> 8) ^ (made[nearer & 0xff] as number);
  }
  return made;
}
