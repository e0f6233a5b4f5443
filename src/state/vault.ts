import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { RecordCipher } from '../framing/journal-record/cipher.ts';

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
/** Hex digits of a key's name: 64 bits. */
const NAME_DIGITS = 16;

/**
 * Encrypts what the probe keeps on disk of names, addresses and payloads, with keys that are derived from the secrets of
 * `privacy`. The first one writes; earlier ones still read what was written with them. A key is told by its name, which says
 * nothing of the secret.
 */
export class Vault {
  /** Name of the key that writes, 16 hex digits; empty: none does, what was written before can be read. */
  readonly key: string;
  private readonly secrets: ReadonlyMap<string, Buffer>;

  /** @param secret of what is written @param earlier of what was written before */
  constructor(secret: Buffer | undefined, earlier: readonly Buffer[]) {
    this.key = secret === undefined ? '' : nameOf(secret);
    const all = secret === undefined ? earlier : [...earlier, secret];
    this.secrets = new Map(all.map((one) => [nameOf(one), one]));
  }

  /** Encrypts the records of a stream. @returns undefined when the key is not known */
  cipher(key: string, stream: string): RecordCipher | undefined {
    const secret = this.secrets.get(key);
    return secret && new RecordCipher(derived(secret, `spool ${stream}`));
  }

  /** Encrypts a text with the key that writes. @returns base64 @throws RangeError when there is none */
  encrypt(text: string): string {
    const secret = this.secrets.get(this.key);
    if (secret === undefined) throw new RangeError('a vault without a key that writes');
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, derived(secret, 'positions'), iv);
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([iv, cipher.getAuthTag(), body]).toString('base64');
  }

  /**
   * The text that `encrypt` was given.
   * @param key name of the key that wrote
   * @returns undefined when the key is not known
   * @throws Error when it is not as it was written
   */
  decrypt(key: string, base64: string): string | undefined {
    const secret = this.secrets.get(key);
    if (secret === undefined) return undefined;
    const bytes = Buffer.from(base64, 'base64');
    const decipher = createDecipheriv(ALGORITHM, derived(secret, 'positions'), bytes.subarray(0, IV_BYTES));
    decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    return decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
  }
}

function nameOf(secret: Buffer): string {
  return createHmac('sha256', secret).update('brokertap key').digest('hex').slice(0, NAME_DIGITS);
}

function derived(secret: Buffer, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, '', `brokertap ${purpose}`, KEY_BYTES));
}
