import { hash, timingSafeEqual } from 'node:crypto';
import { BlockedError } from '../../core/errors.ts';
import { configuredFile } from '../../net/configured-file.ts';
import type { HttpInputConfig } from './config.ts';

/** Age at which the file is read again: a secret that was replaced is used soon. */
const FRESH_MS = 1000;

/** What requests have to show. */
export class Credentials {
  /** `WWW-Authenticate` of a refusal. */
  readonly challenge: string;
  private readonly scheme: 'bearer' | 'basic';
  private readonly user: string;
  /** The key that names the file, for messages. */
  private readonly setting: string;
  private readonly file: string;
  private wanted: Buffer;
  private readAt = performance.now();

  /** @throws BlockedError when the file cannot be read, or is empty */
  constructor(auth: Exclude<HttpInputConfig['auth'], 'none' | undefined>) {
    const isToken = 'token_file' in auth;
    this.scheme = isToken ? 'bearer' : 'basic';
    this.challenge = isToken ? 'Bearer' : 'Basic realm="brokertap", charset="UTF-8"';
    this.user = isToken ? '' : auth.user;
    this.setting = isToken ? 'auth.token_file' : 'auth.password_file';
    this.file = isToken ? auth.token_file : auth.password_file;
    this.wanted = this.read();
  }

  /** @param header `Authorization`. Takes the same time whatever is in it */
  accepts(header: string | undefined): boolean {
    this.refresh();
    const [, scheme = '', given = ''] = /^(\S+) +(\S+) *$/.exec(header ?? '') ?? [];
    const isScheme = scheme.toLowerCase() === this.scheme;
    return timingSafeEqual(digest(given), this.wanted) && isScheme;
  }

  private refresh(): void {
    if (performance.now() - this.readAt < FRESH_MS) return;
    this.readAt = performance.now();
    try {
      this.wanted = this.read();
    } catch {
      // It is being replaced: the one before it holds until then.
    }
  }

  private read(): Buffer {
    const secret = configuredFile(this.setting, this.file).toString().trim();
    if (secret === '')
      throw new BlockedError(`${this.setting} ${this.file} is empty: write the secret into it`);
    return digest(
      this.scheme === 'bearer' ? secret : Buffer.from(`${this.user}:${secret}`).toString('base64'),
    );
  }
}

/** Digests have one length, so that nothing can be learnt from the time of a comparison. */
function digest(text: string): Buffer {
  return hash('sha256', text, 'buffer');
}
