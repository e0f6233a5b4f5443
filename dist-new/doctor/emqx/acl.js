/** A rule of `acl.conf` that starts a line: its permission, and the rest. */
const RULE = /^\s*\{\s*(allow|deny)\s*,(.*)$/;
/**
 * What `acl.conf` lets the mirror read. Rules are tried from the first to the last; those about other users and addresses do
 * not count here.
 * @param user of the mirror
 */
export function checkAcl(text, mirror) {
    const user = mirror?.settings.user;
    const findings = [];
    for (const filter of ['$SYS/#', '#']) {
        const rule = text.split('\n').find((line) => concerns(line, filter, user));
        if (rule === undefined || RULE.exec(rule)?.[1] !== 'deny')
            continue;
        const who = user === undefined ? 'all' : `{username, "${user}"}`;
        const topic = filter === '#' ? '{eq, "#"}' : `"${filter}"`;
        findings.push({
            check: 'acl',
            severity: mirror === undefined ? 'note' : 'warning',
            title: `acl.conf does not let ${user === undefined ? 'clients' : user} subscribe to ${filter}: ${rule.trim()}`,
            lost: filter === '#'
                ? 'message-mirrored of a mirror that subscribes to "#".'
                : 'sys-metrics, alarms, and clients as $SYS tells them.',
            changes: [{ file: 'acl.conf', remove: [], after: 0, add: [`{allow, ${who}, subscribe, [${topic}]}.`] }],
        });
    }
    return findings;
}
function concerns(line, filter, user) {
    const rest = RULE.exec(line)?.[2];
    if (rest === undefined || /\bpublish\b/.test(rest))
        return false;
    const who = firstTerm(rest);
    const isWho = who === 'all' || (user !== undefined && who === `{username,"${user}"}`);
    // `{allow, all}.` is about every topic.
    return isWho && (rest.includes(`"${filter}"`) || /^\s*all\s*\}/.test(rest));
}
/** Without blanks. */
function firstTerm(text) {
    let depth = 0;
    let term = '';
    for (const c of text) {
        if (depth === 0 && (c === ',' || c === '}'))
            break;
        if (c === '{')
            depth++;
        if (c === '}')
            depth--;
        if (c !== ' ')
            term += c;
    }
    return term;
}
