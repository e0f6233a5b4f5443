const LEVELS = ['debug', 'info', 'notice', 'warning', 'error', 'critical', 'alert', 'emergency'];
const WARNING = LEVELS.indexOf('warning');
/**
 * What the log will tell, by its settings (`log.*` of emqx_conf_schema).
 * @param wantsFile the probe reads a file
 */
export function checkLogging(settings, wantsFile) {
    const handlers = settings.handlers();
    const files = handlers.filter(({ kind, isOn }) => kind === 'file' && isOn);
    const used = files.length > 0 ? files : handlers.filter(({ isOn }) => isOn);
    const findings = [];
    const none = handlers.find(({ kind }) => kind === 'file');
    if (files.length === 0 && wantsFile && none !== undefined) {
        const path = settings.isFour ? 'log.to' : `${none.path}.enable`;
        findings.push({
            check: 'log-file',
            severity: used.length === 0 ? 'error' : 'warning',
            title: `The broker writes no log file: ${settings.words(path)}`,
            lost: used.length === 0
                ? 'Every event that comes from the log.'
                : 'Its log goes to the console: read it from there (files of the container runtime, journald), or let it write a file.',
            changes: settings.change(path, settings.isFour ? 'file' : 'true'),
        });
    }
    for (const handler of used)
        findings.push(...checkHandler(settings, handler));
    return findings;
}
function checkHandler(settings, { path }) {
    const findings = [];
    const level = LEVELS.indexOf(settings.get(`${path}.level`) ?? 'warning');
    if (level > WARNING) {
        findings.push({
            check: 'log-level',
            severity: 'error',
            title: `The log leaves out warnings: ${settings.words(`${path}.level`)}`,
            lost: 'client-authentication-failed, publish-denied, subscribe-denied, message-dropped: all of them are warnings.',
            changes: settings.change(`${path}.level`, 'warning'),
        });
    }
    else if (level !== LEVELS.indexOf('debug')) {
        findings.push({
            check: 'log-events',
            severity: 'note',
            title: `With ${settings.words(`${path}.level`)} the log tells what went wrong, and not who connects`,
            lost: 'client-connected, client-disconnected, subscription-added, message-*: they come from rules (brokertap emqx rules), from $SYS/brokers/+/clients/#, or from traces; level debug would tell them too, at a price.',
            changes: [],
        });
    }
    if (settings.get(`${path}.formatter`) !== 'json') {
        findings.push({
            check: 'log-format',
            severity: 'warning',
            title: `The log is text, in which clients can write what looks like fields: ${settings.words(`${path}.formatter`)}`,
            lost: 'Certainty: such events say mqtt.ambiguous and leave fields out.',
            changes: settings.change(`${path}.formatter`, 'json'),
        });
        if (!settings.flag(`${path}.single_line`, true)) {
            findings.push({
                check: 'log-lines',
                severity: 'error',
                title: `A line break in a client's text begins a line of the log: ${settings.words(`${path}.single_line`)}`,
                lost: 'Trust in the log: a client can forge whole entries.',
                changes: settings.change(`${path}.single_line`, 'true'),
            });
        }
    }
    return findings;
}
/** What the broker tells about itself and its clients over `$SYS` (`sys_topics.*`, 5.x and later). */
export function checkSystemTopics(settings) {
    if (settings.isFour)
        return [];
    const findings = [];
    for (const [key, lost] of [
        ['sys_msg_interval', 'sys-metrics: all numbers of the broker.'],
        ['sys_heartbeat_interval', 'The uptime of the broker, by which it is known to be alive.'],
    ]) {
        const path = `sys_topics.${key}`;
        if (settings.get(path) !== 'disabled')
            continue;
        const usual = key === 'sys_msg_interval' ? '1m' : '30s';
        findings.push({
            check: 'sys-topics',
            severity: 'warning',
            title: `The broker tells no numbers: ${settings.words(path)}`,
            lost,
            changes: settings.change(path, usual),
        });
    }
    for (const [name, byDefault, lost] of [
        ['client_connected', true, 'client-connected from $SYS.'],
        ['client_disconnected', true, 'client-disconnected from $SYS.'],
        ['client_subscribed', false, 'subscription-added from $SYS; rules tell them too.'],
        ['client_unsubscribed', false, 'subscription-removed from $SYS; rules tell them too.'],
    ]) {
        const path = `sys_topics.sys_event_messages.${name}`;
        if (settings.flag(path, byDefault))
            continue;
        findings.push({
            check: 'sys-events',
            severity: byDefault ? 'warning' : 'note',
            title: `$SYS does not tell ${name}: ${settings.words(path)}`,
            lost,
            changes: settings.change(path, 'true'),
        });
    }
    return findings;
}
/** The audit log (5.3 and later, Enterprise). */
export function checkAudit(settings) {
    if (settings.isFour || settings.flag('log.audit.enable', false))
        return [];
    return [
        {
            check: 'audit',
            severity: 'note',
            title: `There is no audit log: ${settings.words('log.audit.enable')}`,
            lost: 'audit-*: who changed what by dashboard, REST, command line and console. Only EMQX Enterprise has it.',
            changes: settings.change('log.audit.enable', 'true'),
        },
    ];
}
