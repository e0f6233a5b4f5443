import { readFileSync, statSync } from 'node:fs';
import { BlockedError, CHECK_FILE, unreadable } from '../core/errors.ts';

/**
 * Contents of a file that the configuration names.
 * @param key of the configuration, for the message
 * @throws BlockedError when it cannot be read
 */
export function configuredFile(key: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new BlockedError(`${key} ${unreadable(file, error, CHECK_FILE)}`, { cause: error });
  }
}

/** The same of a secret, without the end of its line. @throws BlockedError */
export function configuredSecret(key: string, file: string): string {
  return configuredFile(key, file)
    .toString()
    .replace(/\r?\n$/, '');
}

/** A secret that travels as it is in a header of HTTP, without blanks around it. @throws BlockedError when none can hold it */
export function configuredToken(key: string, file: string): string {
  const token = configuredFile(key, file).toString().trim();
  if (/^[!-~]+$/.test(token)) return token;
  throw new BlockedError(`${key} ${file} holds no token: write it there, in one line, and nothing else`);
}

/** A mark of a file as it is now: it changes when the file is replaced (links are followed). */
export function fileMark(file: string): string {
  try {
    const { ino, size, mtimeMs } = statSync(file);
    return `${ino}-${size}-${mtimeMs}`;
  } catch {
    return 'absent';
  }
}
