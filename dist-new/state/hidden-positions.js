import { StateError } from '../core/errors.js';
/*
 * What in the positions can tell of clients: the first bytes of log files, the sessions' tables of connected clients, and what
 * inputs keep for their next run. With a secret the file has version 2: these values are numbers, places in a list that is
 * encrypted as a whole.
 *
 *   key     name of the key
 *   hidden  base64 of the list
 */
const HIDING = new Set(['head', 'state', 'inputs']);
/** The positions as they are written to disk. */
export function conceal(data, vault) {
    if (vault === undefined || vault.key === '')
        return JSON.stringify(data);
    const hidden = [];
    const visible = JSON.stringify(data, (key, value) => HIDING.has(key) && value !== undefined ? hidden.push(value) - 1 : value);
    const lock = { version: 2, key: vault.key, hidden: vault.encrypt(JSON.stringify(hidden)) };
    return JSON.stringify({ ...JSON.parse(visible), ...lock });
}
/**
 * The positions as `conceal` was given them.
 * @param text what was read
 * @param file its name, for messages
 * @returns undefined when it is damaged
 * @throws StateError when the key is not known
 */
export function reveal(text, vault, file) {
    try {
        const value = JSON.parse(text);
        if (!isHidden(value))
            return value;
        const list = vault?.decrypt(value.key, value.hidden);
        if (list === undefined) {
            throw new StateError(`${file} was encrypted with another secret than that of "privacy": name the secret of that time in ` +
                'privacy.old_key_files for one start; if it is lost, move the file away: every log file is read again from its beginning');
        }
        const hidden = JSON.parse(list);
        const revealed = JSON.parse(text, (key, given) => (HIDING.has(key) ? hidden[given] : given));
        return { ...revealed, version: 1 };
    }
    catch (error) {
        if (error instanceof StateError)
            throw error;
        return undefined;
    }
}
function isHidden(value) {
    return (typeof value === 'object' &&
        value !== null &&
        'version' in value &&
        value.version === 2 &&
        'key' in value &&
        typeof value.key === 'string' &&
        'hidden' in value &&
        typeof value.hidden === 'string');
}
