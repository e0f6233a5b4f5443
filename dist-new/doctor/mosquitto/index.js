import { UsageError } from '../../core/errors.js';
import { checkAccess } from './access.js';
import { MosquittoConf } from './conf.js';
import { checkLimits } from './limits.js';
import { checkLive } from './live.js';
import { checkLogReading, findLog } from './log-file.js';
import { checkLogging } from './logging.js';
import { checkMirrorRights } from './mirror.js';
import { checkSession } from './session.js';
/** Looks at a Mosquitto: its configuration, its log, and what a mirror gets. */
export const doctor = {
    async examine(materials) {
        const { conf: paths, logs, mirror, wantsMirror, observeMs, progress } = materials;
        if (paths.length === 0 && logs.length === 0 && mirror === undefined)
            throw new UsageError('nothing to look at: give --conf /etc/mosquitto/mosquitto.conf, --log FILE, --url mqtt://HOST, or -c brokertap.yaml');
        const conf = paths.length === 0 ? undefined : MosquittoConf.read(paths);
        const looked = conf === undefined ? [] : [...conf.files];
        const findings = conf === undefined ? [] : checkConf(conf, materials);
        if (conf === undefined)
            findings.push(noConf());
        const found = await findLog(logs, conf);
        findings.push(...found.findings);
        if (found.log !== undefined) {
            looked.push(`${found.log.path} (${found.log.reading.lines} lines, ${found.log.reading.framing})`);
            findings.push(...checkLogReading(found.log, conf));
        }
        let live;
        if (mirror !== undefined && wantsMirror) {
            progress(`watching ${mirror.settings.url} for up to ${Math.round(observeMs / 1000)} s`);
            live = await checkLive(mirror, observeMs, found.log, conf);
            looked.push(`${mirror.settings.url}${mirror.settings.user === undefined ? '' : ` as ${mirror.settings.user}`}`);
            findings.push(...live.findings);
        }
        return { looked, findings, version: live?.version, share: live?.share };
    },
};
function checkConf(conf, { mirror, wantsMirror, timezone }) {
    return [
        ...conf.problems.map((problem) => ({
            check: 'include',
            severity: 'note',
            title: problem,
            lost: 'What stands there is not known here.',
            changes: [],
        })),
        ...checkLogging(conf, timezone),
        ...(wantsMirror
            ? [...checkMirrorRights(conf, mirror), ...checkLimits(conf, mirror), ...checkSession(conf, mirror)]
            : []),
        ...checkAccess(conf),
    ];
}
function noConf() {
    return {
        check: 'conf',
        severity: 'note',
        title: 'The broker’s configuration was not given',
        lost: 'Limits, persistence and access were not looked at: give --conf /etc/mosquitto/mosquitto.conf.',
        changes: [],
    };
}
