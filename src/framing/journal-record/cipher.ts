import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type KeyObject,
  randomFillSync,
} from 'node:crypto';
import {
  BODY_AT,
  CHECKSUM_BYTES,
  ENCRYPTED,
  ENCRYPTION_BYTES,
  recordBytes,
  TYPE_AT,
  viewOf,
} from './layout.ts';

/*
 * An encrypted record has, in the place of its body,
 *
 *   the body, AES-256 in Galois counter mode
 *   6 B  random
 *   16 B tag
 *
 * The initialisation vector is the number of the record in its stream and the random bytes: every stream has a key of its own,
 * so none is used twice. What stands before the body is proven too.
 */

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const SEQUENCE_AT = 4;
const SEQUENCE_BYTES = 6;
const TAG_BYTES = 16;
const RANDOM_BYTES = ENCRYPTION_BYTES - TAG_BYTES;

/** Encrypts the bodies of the records of one stream, in place. */
export class RecordCipher {
  /** Made once: with the bare bytes each record would cost four times as much. */
  private readonly key: KeyObject;
  private readonly iv = Buffer.alloc(IV_BYTES);
  private readonly random = Buffer.alloc(RANDOM_BYTES * 256);
  private at = this.random.length;

  /** @param key 32 bytes, of this stream only */
  constructor(key: Buffer) {
    this.key = createSecretKey(key);
  }

  /**
   * Encrypts a record.
   * @param sizeBytes of the record, with `ENCRYPTION_BYTES` of room at its end; its length and type are set anew
   */
  encrypt(bytes: Buffer, at: number, sizeBytes: number): void {
    bytes.writeUInt32BE(sizeBytes - 4, at);
    bytes[at + TYPE_AT] = (bytes[at + TYPE_AT] ?? 0) | ENCRYPTED;
    if (this.at === this.random.length) {
      randomFillSync(this.random);
      this.at = 0;
    }
    const bodyEnd = at + sizeBytes - CHECKSUM_BYTES - ENCRYPTION_BYTES;
    this.random.copy(bytes, bodyEnd, this.at, this.at + RANDOM_BYTES);
    this.at += RANDOM_BYTES;
    const cipher = createCipheriv(ALGORITHM, this.key, this.ivOf(bytes, at, bodyEnd));
    cipher.setAAD(bytes.subarray(at, at + BODY_AT));
    cipher.update(bytes.subarray(at + BODY_AT, bodyEnd)).copy(bytes, at + BODY_AT);
    cipher.final();
    cipher.getAuthTag().copy(bytes, bodyEnd + RANDOM_BYTES);
  }

  /**
   * Decrypts whole records from the start of `bytes` to `end`.
   * @returns offset behind the last that is as it was written
   */
  decrypt(bytes: Buffer, end: number): number {
    const view = viewOf(bytes);
    let at = 0;
    while (at < end) {
      const next = at + recordBytes(view, at);
      if (!this.decryptOne(bytes, at, next)) break;
      at = next;
    }
    return at;
  }

  private decryptOne(bytes: Buffer, at: number, end: number): boolean {
    const bodyEnd = end - CHECKSUM_BYTES - ENCRYPTION_BYTES;
    const isEncrypted = ((bytes[at + TYPE_AT] ?? 0) & ENCRYPTED) !== 0;
    if (!isEncrypted || bodyEnd < at + BODY_AT) return false;
    const decipher = createDecipheriv(ALGORITHM, this.key, this.ivOf(bytes, at, bodyEnd));
    decipher.setAAD(bytes.subarray(at, at + BODY_AT));
    decipher.setAuthTag(bytes.subarray(bodyEnd + RANDOM_BYTES, end - CHECKSUM_BYTES));
    decipher.update(bytes.subarray(at + BODY_AT, bodyEnd)).copy(bytes, at + BODY_AT);
    try {
      decipher.final();
      return true;
    } catch {
      return false;
    }
  }

  private ivOf(bytes: Buffer, at: number, bodyEnd: number): Buffer {
    bytes.copy(this.iv, 0, at + SEQUENCE_AT, at + SEQUENCE_AT + SEQUENCE_BYTES);
    bytes.copy(this.iv, SEQUENCE_BYTES, bodyEnd, bodyEnd + RANDOM_BYTES);
    return this.iv;
  }
}
