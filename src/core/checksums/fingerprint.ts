import { hash } from 'node:crypto';

/** Bytes before a position by which a file is recognised. */
export const FINGERPRINT_BYTES = 1024;

/** A short digest of bytes; tells contents apart, promises nothing against an attacker. Empty for no bytes. */
export function fingerprint(bytes: Uint8Array): string {
  return bytes.length === 0 ? '' : hash('sha1', bytes, 'base64');
}
