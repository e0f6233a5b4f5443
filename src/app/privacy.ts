import { readFileSync } from 'node:fs';
import type { Config } from '../config/load.ts';
import { UsageError, unreadable } from '../core/errors.ts';
import { Privacy } from '../pipeline/normalizer/privacy.ts';
import { Vault } from '../state/vault.ts';

/** Shorter secrets can be guessed. */
const MIN_KEY_BYTES = 32;

/**
 * What the configuration wants hidden; undefined: nothing.
 * @throws UsageError when the secret cannot be used
 */
export function openPrivacy(config: Config): Privacy | undefined {
  const { privacy } = config;
  if (privacy === undefined) return undefined;
  if ((privacy.client_id ?? privacy.user ?? privacy.topic ?? privacy.ip) === undefined) return undefined;
  return new Privacy({
    clientId: privacy.client_id !== undefined,
    user: privacy.user !== undefined,
    topic: privacy.topic !== undefined,
    ip: privacy.ip !== undefined,
    key: privacy.key_file === undefined ? Buffer.alloc(0) : readKey('key_file', privacy.key_file),
  });
}

/**
 * What encrypts the state on disk; undefined: nothing does.
 * @throws UsageError when a secret cannot be used
 */
export function openVault({ privacy }: Config): Vault | undefined {
  if (privacy === undefined) return undefined;
  const { key_file: file, old_key_files: earlier } = privacy;
  const secret = file === undefined ? undefined : readKey('key_file', file);
  return new Vault(
    secret,
    earlier.map((old) => readKey('old_key_files', old)),
  );
}

function readKey(setting: string, file: string): Buffer {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new UsageError(
      `privacy.${setting} ${unreadable(file, error)}; make it with "openssl rand -hex 32", readable for brokertap only`,
    );
  }
  if (Buffer.byteLength(text) < MIN_KEY_BYTES) {
    throw new UsageError(
      `privacy.${setting} ${file} holds fewer than ${MIN_KEY_BYTES} bytes: make one with "openssl rand -hex 32"`,
    );
  }
  return Buffer.from(text);
}
