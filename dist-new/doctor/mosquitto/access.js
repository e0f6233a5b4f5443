import { changes, isTrue } from './conf.js';
/** Options that `per_listener_settings true` binds to a listener (mosquitto.conf(5)). */
const PER_LISTENER = [
    'password_file',
    'acl_file',
    'psk_file',
    'allow_anonymous',
    'allow_zero_length_clientid',
    'auto_id_prefix',
    'plugin',
    'auth_plugin',
];
/** Who gets in and how: what makes names and addresses in events worth little, or unreadable for the probe alone. */
export function checkAccess(conf) {
    return [...anonymous(conf), ...plain(conf), ...traps(conf)];
}
function nameOf({ opened, port, address }) {
    return opened === undefined
        ? `the default listener (${port})`
        : `listener ${port}${address === undefined ? '' : ` ${address}`}`;
}
/** True when only this machine reaches it. */
function isLocal({ address, settings }) {
    const device = settings.findLast(({ name }) => name === 'bind_interface')?.value;
    return device === 'lo' || (address !== undefined && /^(127\.|localhost$|::1$|\/)/.test(address));
}
function hasTls({ settings }) {
    const has = (name) => settings.some((setting) => setting.name === name);
    return (has('certfile') && has('keyfile')) || has('psk_hint');
}
function anonymous(conf) {
    const open = conf.listeners.filter((listener) => !isLocal(listener) && isTrue(conf.accessOf(listener, 'allow_anonymous'), false));
    if (open.length === 0)
        return [];
    const settings = open.flatMap((listener) => conf.accessOf(listener, 'allow_anonymous') ?? []);
    const hasPasswords = open.every((listener) => conf.accessOf(listener, 'password_file') !== undefined);
    return [
        {
            check: 'anonymous',
            severity: 'warning',
            title: `Everybody gets in without a name: allow_anonymous true on ${open.map(nameOf).join(', ')}`,
            lost: 'Who it was: user.name is missing, client ids are anybody’s choice. Anybody can also fill the log with lines that imitate others.',
            changes: changes([...new Set(settings)], ['allow_anonymous false', ...(hasPasswords ? [] : ['password_file /etc/mosquitto/passwd'])], conf.files[0] ?? ''),
        },
    ];
}
function plain(conf) {
    return conf.listeners
        .filter((listener) => !isLocal(listener) && !hasTls(listener))
        .map((listener) => ({
        check: 'plain-listener',
        severity: 'warning',
        title: `Passwords and payloads go over the network in the clear: no TLS on ${nameOf(listener)}`,
        lost: 'Trust in user.name and source.ip: whoever reads along can log in as anybody.',
        changes: [
            {
                file: listener.opened?.file ?? conf.files[0] ?? '',
                remove: [],
                ...(listener.opened !== undefined && { after: listener.opened.line }),
                add: ['certfile /etc/mosquitto/certs/server.crt', 'keyfile /etc/mosquitto/certs/server.key'],
            },
        ],
    }));
}
/** Options that do not do what they seem to. */
function traps(conf) {
    return conf.isPerListener ? [...orphans(conf), ...unequal(conf)] : overridden(conf);
}
/** Before the first listener they belong to the default one, which is not open. */
function orphans(conf) {
    const [first] = conf.all('listener');
    const isOpen = conf.listeners.some(({ opened }) => opened === undefined);
    if (first === undefined || isOpen)
        return [];
    const head = conf.settings.slice(0, conf.settings.indexOf(first));
    const lost = head.filter(({ name }) => PER_LISTENER.includes(name));
    if (lost.length === 0)
        return [];
    return [
        {
            check: 'per-listener',
            severity: 'warning',
            title: `With per_listener_settings true, ${words(lost)} before the first listener count for none`,
            lost: 'The rights that these lines were to give or to take: the listeners below are as if they were not there.',
            changes: [
                {
                    file: first.file,
                    remove: lost.map(({ line, text }) => ({ line, text: text.trim() })),
                    after: first.line,
                    add: lost.map(({ text }) => text.trim()),
                },
            ],
        },
    ];
}
/** One listener has an ACL, another has none: there everybody may do everything. */
function unequal(conf) {
    const has = (listener, ...names) => names.some((name) => conf.accessOf(listener, name) !== undefined);
    const guarded = conf.listeners.filter((listener) => has(listener, 'acl_file', 'plugin', 'auth_plugin'));
    const open = conf.listeners.filter((listener) => !guarded.includes(listener));
    const example = guarded
        .map((listener) => conf.accessOf(listener, 'acl_file'))
        .find((one) => one !== undefined);
    if (example === undefined || open.length === 0)
        return [];
    return [
        {
            check: 'per-listener',
            severity: 'warning',
            title: `No ACL on ${open.map(nameOf).join(', ')}, and one on ${guarded.map(nameOf).join(', ')}`,
            lost: 'publish-denied and subscribe-denied of whoever comes in there: everything is allowed.',
            changes: open.map(({ opened }) => ({
                file: opened?.file ?? conf.files[0] ?? '',
                remove: [],
                ...(opened !== undefined && { after: opened.line }),
                add: [example.text.trim()],
            })),
        },
    ];
}
/** Behind listeners, but for all of them: the last one wins. */
function overridden(conf) {
    const doubled = ['password_file', 'acl_file', 'allow_anonymous'].filter((name) => new Set(conf.all(name).map(({ value }) => value)).size > 1);
    if (doubled.length === 0 || conf.listeners.length < 2)
        return [];
    return [
        {
            check: 'per-listener',
            severity: 'warning',
            title: `${doubled.join(', ')} stand there several times, and the last counts for all listeners: per_listener_settings false`,
            lost: 'The rights that the earlier lines were to give or to take.',
            changes: [{ file: conf.files[0] ?? '', remove: [], after: 0, add: ['per_listener_settings true'] }],
        },
    ];
}
function words(settings) {
    return [...new Set(settings.map(({ name }) => name))].join(', ');
}
