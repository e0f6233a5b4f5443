import { hash, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { BlockedError, reasonOf } from '../../core/errors.js';
/** Age at which the file is read again: a secret that was replaced is used soon. */
const FRESH_MS = 1000;
/** What requests have to show. */
export class Credentials {
    /** `WWW-Authenticate` of a refusal. */
    challenge;
    scheme;
    user;
    file;
    wanted;
    readAt = Date.now();
    /** @throws BlockedError when the file cannot be read, or is empty */
    constructor(auth) {
        const isToken = 'token_file' in auth;
        this.scheme = isToken ? 'bearer' : 'basic';
        this.challenge = isToken ? 'Bearer' : 'Basic realm="brokertap", charset="UTF-8"';
        this.user = isToken ? '' : auth.user;
        this.file = isToken ? auth.token_file : auth.password_file;
        this.wanted = this.read();
    }
    /** @param header `Authorization`. Takes the same time whatever is in it */
    accepts(header) {
        this.refresh();
        const [, scheme = '', given = ''] = /^(\S+) +(\S+) *$/.exec(header ?? '') ?? [];
        const isScheme = scheme.toLowerCase() === this.scheme;
        return timingSafeEqual(digest(given), this.wanted) && isScheme;
    }
    refresh() {
        if (Date.now() - this.readAt < FRESH_MS)
            return;
        this.readAt = Date.now();
        try {
            this.wanted = this.read();
        }
        catch {
            // It is being replaced: the one before it holds until then.
        }
    }
    read() {
        let secret;
        try {
            secret = readFileSync(this.file, 'utf8').trim();
        }
        catch (error) {
            const message = `${this.file} cannot be read (${reasonOf(error)}): check the path and the rights`;
            throw new BlockedError(message, { cause: error });
        }
        if (secret === '')
            throw new BlockedError(`${this.file} is empty: write the secret into it`);
        return digest(this.scheme === 'bearer' ? secret : Buffer.from(`${this.user}:${secret}`).toString('base64'));
    }
}
/** Digests have one length, so that nothing can be learnt from the time of a comparison. */
function digest(text) {
    return hash('sha256', text, 'buffer');
}
