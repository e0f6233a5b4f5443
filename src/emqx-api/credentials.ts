import { BlockedError } from '../core/errors.ts';
import { configuredSecret } from '../net/configured-file.ts';
import type { ApiAccess } from './access.ts';

/** Logs in; gives a token. */
type LogIn = (user: string, password: string) => Promise<string>;

/**
 * Gives the Authorization header. Secrets are read from their files again and again, so that replaced ones are used. A
 * user of the dashboard gets a token by a login, and another one when it has run out (after 60 minutes by default).
 */
export class Credentials {
  private readonly access: ApiAccess;
  private token: Promise<string> | undefined;

  constructor(access: ApiAccess) {
    this.access = access;
  }

  /** `user` and `password_file` are used, and there is no API key. */
  get hasUser(): boolean {
    return this.access.key === undefined && this.access.user !== undefined;
  }

  /** The header of an API key, or of a user where the API takes users by name (4.x); undefined: nothing is configured. */
  basic(): string | undefined {
    const { key, secretFile, user, passwordFile } = this.access;
    const name = key ?? user;
    if (name === undefined) return undefined;
    const secret =
      key === undefined ? secretOf('password_file', passwordFile) : secretOf('secret_file', secretFile);
    return `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`;
  }

  /** The header of 5.x and later. @throws what `logIn` throws */
  async header(logIn: LogIn): Promise<string | undefined> {
    if (!this.hasUser) return this.basic();
    const { user = '', passwordFile } = this.access;
    this.token ??= logIn(user, secretOf('password_file', passwordFile));
    try {
      return `Bearer ${await this.token}`;
    } catch (error) {
      this.token = undefined;
      throw error;
    }
  }

  /** The token has run out. @param header the one that was refused */
  async expired(header: string | undefined): Promise<void> {
    const token = await this.token?.catch(() => undefined);
    if (header === `Bearer ${token}`) this.token = undefined;
  }
}

function secretOf(setting: string, file: string | undefined): string {
  if (file === undefined)
    throw new BlockedError(`${setting} is missing: set it to a file that holds the secret`);
  return configuredSecret(setting, file);
}
