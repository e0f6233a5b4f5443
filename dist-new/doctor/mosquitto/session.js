const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Units of `persistent_client_expiration` (mosquitto.conf(5)). */
const UNIT_MS = {
    h: HOUR_MS,
    d: DAY_MS,
    w: 7 * DAY_MS,
    m: 30 * DAY_MS,
    y: 365 * DAY_MS,
};
/** The default of the mirror's `session_expiry`. */
const DEFAULT_EXPIRY_MS = 7 * DAY_MS;
/** What makes the broker forget the mirror's session, with all that waits in it. */
export function checkSession(conf, mirror) {
    return [...persistence(conf), ...expiration(conf, mirror), ...prefixes(conf, mirror)];
}
function persistence(conf) {
    const location = 'persistence_location /var/lib/mosquitto/';
    if (!conf.flag('persistence', false)) {
        const lines = ['persistence true', ...(conf.get('persistence_location') === undefined ? [location] : [])];
        return [
            {
                check: 'persistence',
                severity: 'warning',
                title: 'The broker keeps sessions in memory only: persistence false',
                lost: 'After a restart of the broker: the mirror’s session and every message that waited in it.',
                changes: conf.change(['persistence'], lines),
            },
        ];
    }
    if (conf.get('persistence_location') !== undefined)
        return [];
    return [
        {
            check: 'persistence-location',
            severity: 'warning',
            title: 'Sessions are kept in the directory in which the broker was started: no persistence_location',
            lost: 'The mirror’s session when the broker is started elsewhere, or may not write there.',
            changes: conf.change([], [location]),
        },
    ];
}
function expiration(conf, mirror) {
    const setting = conf.get('persistent_client_expiration');
    const [, count, unit = ''] = /^(\d+)([hdwmy])$/.exec(setting?.value ?? '') ?? [];
    if (setting === undefined || count === undefined)
        return [];
    const wanted = mirror?.isConfigured === true ? mirror.settings.session_expiry : DEFAULT_EXPIRY_MS;
    if (Number(count) * (UNIT_MS[unit] ?? 0) >= wanted)
        return [];
    const days = Math.ceil(wanted / DAY_MS);
    return [
        {
            check: 'session-expiration',
            severity: 'warning',
            title: `The broker forgets the mirror’s session after ${setting.value}: persistent_client_expiration`,
            lost: `Messages that waited, when the probe is away longer than that; it asks for ${days} days (session_expiry).`,
            changes: conf.change(['persistent_client_expiration'], [`persistent_client_expiration ${days}d`]),
        },
    ];
}
function prefixes(conf, mirror) {
    const setting = conf.get('clientid_prefixes');
    if (setting === undefined || mirror === undefined || mirror.clientId.startsWith(setting.value))
        return [];
    return [
        {
            check: 'client-prefix',
            severity: 'error',
            title: `The broker takes no client id that does not begin with "${setting.value}": clientid_prefixes`,
            lost: `The mirror: its client id is "${mirror.clientId}". Give it "client_id: ${setting.value}brokertap".`,
            changes: [],
        },
    ];
}
