import { readFileSync } from 'node:fs';
/** An ACL file of Mosquitto (mosquitto.conf(5), `acl_file`). */
export class AclFile {
    file;
    entries;
    /** Number of the `user` line of each user; the last, if there are several. */
    users;
    constructor(file, entries, users) {
        this.file = file;
        this.entries = entries;
        this.users = users;
    }
    /** @throws Error when it cannot be read */
    static read(file) {
        const entries = [];
        const users = new Map();
        let user;
        for (const [i, text] of readFileSync(file, 'utf8').split('\n').entries()) {
            if (text.startsWith('#'))
                continue;
            const [, word = '', rest = ''] = /^ *(\S+) +(.*?)\s*$/.exec(text) ?? [];
            if (word === 'user') {
                user = rest;
                users.set(rest, i + 1);
            }
            else if (word === 'topic' || word === 'pattern') {
                const [, access, filter] = /^(read|write|readwrite|deny) +(.+)$/.exec(rest) ?? [];
                entries.push({
                    access: access ?? 'readwrite',
                    filter: filter ?? rest,
                    user,
                    isPattern: word === 'pattern',
                    line: i + 1,
                    text: text.trim(),
                });
            }
        }
        return new AclFile(file, entries, users);
    }
    /** Entries that count for a client, with its names in the place of `%c` and `%u`. */
    entriesOf(user, clientId) {
        return this.entries
            .filter((entry) => entry.isPattern || entry.user === user)
            .filter((entry) => !entry.isPattern || user !== undefined || !entry.filter.includes('%u'))
            .map((entry) => entry.isPattern
            ? { ...entry, filter: entry.filter.replaceAll('%c', clientId).replaceAll('%u', user ?? '') }
            : entry);
    }
}
/** True when everything that `filter` matches is matched by `wide` too. */
export function covers(wide, filter) {
    const [left, right] = [wide.split('/'), filter.split('/')];
    // A wildcard at the start stands for no level that begins with $ (MQTT 5 §4.7.2).
    if (/^[+#]$/.test(left[0] ?? '') && right[0]?.startsWith('$'))
        return false;
    for (let i = 0;; i++) {
        const [l, r] = [left[i], right[i]];
        if (l === '#')
            return true;
        if (l === undefined || r === undefined)
            return l === r;
        if (r === '#' || (l !== '+' && l !== r))
            return false;
    }
}
