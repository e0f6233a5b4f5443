import { readFileSync } from 'node:fs';
import type { Config } from '../config/load.ts';
import { reasonOf, UsageError } from '../core/errors.ts';
import { Privacy } from '../pipeline/privacy.ts';

/** Shorter secrets can be guessed. */
const MIN_KEY_BYTES = 32;

/**
 * What the configuration wants hidden; undefined: nothing.
 * @throws UsageError when the secret cannot be used
 */
export function openPrivacy(config: Config): Privacy | undefined {
  const { privacy } = config;
  if (privacy === undefined) return undefined;
  return new Privacy({
    clientId: privacy.client_id !== undefined,
    user: privacy.user !== undefined,
    topic: privacy.topic !== undefined,
    ip: privacy.ip !== undefined,
    key: privacy.key_file === undefined ? Buffer.alloc(0) : readKey(privacy.key_file),
  });
}

function readKey(file: string): Buffer {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new UsageError(
      `privacy.key_file ${file} cannot be read (${reasonOf(error)}): make it with "openssl rand -hex 32", readable for brokertap only`,
    );
  }
  if (Buffer.byteLength(text) < MIN_KEY_BYTES) {
    throw new UsageError(
      `privacy.key_file ${file} holds fewer than ${MIN_KEY_BYTES} bytes: make one with "openssl rand -hex 32"`,
    );
  }
  return Buffer.from(text);
}
