import { readFileSync } from 'node:fs';
import { BlockedError, reasonOf } from '../core/errors.js';
/**
 * Gives the Authorization header. Secrets are read from their files again and again, so that replaced ones are used. A
 * user of the dashboard gets a token by a login, and another one when it has run out (after 60 minutes by default).
 */
export class Credentials {
    access;
    token;
    constructor(access) {
        this.access = access;
    }
    /** `user` and `password_file` are used, and there is no API key. */
    get hasUser() {
        return this.access.key === undefined && this.access.user !== undefined;
    }
    /** The header of an API key, or of a user where the API takes users by name (4.x); undefined: nothing is configured. */
    basic() {
        const { key, secretFile, user, passwordFile } = this.access;
        const name = key ?? user;
        if (name === undefined)
            return undefined;
        const secret = key === undefined ? secretOf('password_file', passwordFile) : secretOf('secret_file', secretFile);
        return `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`;
    }
    /** The header of 5.x and later. @throws what `logIn` throws */
    async header(logIn) {
        if (!this.hasUser)
            return this.basic();
        const { user = '', passwordFile } = this.access;
        this.token ??= logIn(user, secretOf('password_file', passwordFile));
        try {
            return `Bearer ${await this.token}`;
        }
        catch (error) {
            this.token = undefined;
            throw error;
        }
    }
    /** The token has run out. @param header the one that was refused */
    async expired(header) {
        const token = await this.token?.catch(() => undefined);
        if (header === `Bearer ${token}`)
            this.token = undefined;
    }
}
function secretOf(setting, file) {
    if (file === undefined)
        throw new BlockedError(`${setting} is missing: set it to a file that holds the secret`);
    try {
        return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    }
    catch (error) {
        throw new BlockedError(`${setting} ${file} cannot be read (${reasonOf(error)}): check the path and the rights`);
    }
}
