import { BlockedError, UsageError } from '../../core/errors.js';
import { tryMirror } from '../../inputs/mqtt/trial.js';
import { checkAcl } from './acl.js';
import { checkApi } from './api.js';
import { checkLogReading, readNewestLog } from './log-file.js';
import { checkAudit, checkLogging, checkSystemTopics } from './logging.js';
import { Settings } from './settings.js';
/** Looks at an EMQX: its configuration, its REST API, its log, and what a mirror may read. */
export const doctor = {
    async examine(materials) {
        const { conf: files, logs, mirror, wantsMirror, api, timezone, progress } = materials;
        if (files.length === 0 && logs.length === 0 && api === undefined && mirror === undefined)
            throw new UsageError('nothing to look at: give --conf /opt/emqx/etc/emqx.conf, --log FILE, --api-url http://HOST:18083/api/, or -c brokertap.yaml');
        const looked = [...files];
        const findings = [];
        let running;
        if (api !== undefined) {
            progress(`asking ${api.url}`);
            running = await checkApi(api);
            looked.push(api.url);
            findings.push(...running.findings);
        }
        const settings = new Settings(files, running?.configs ?? {});
        if (settings.isKnown) {
            findings.push(...checkLogging(settings, logs.length > 0), ...checkSystemTopics(settings), ...checkAudit(settings));
        }
        else {
            findings.push(unknownSettings());
        }
        if (running?.acl !== undefined && wantsMirror)
            findings.push(...checkAcl(running.acl, mirror));
        const { reading, findings: unreadable } = await readNewestLog(logs, timezone);
        findings.push(...unreadable);
        if (reading !== undefined) {
            looked.push(`${reading.path} (${reading.entries} entries)`);
            findings.push(...checkLogReading(reading));
        }
        if (mirror !== undefined && wantsMirror) {
            progress(`subscribing at ${mirror.settings.url}`);
            looked.push(mirror.settings.url);
            findings.push(...(await checkMirror(mirror)));
        }
        return { looked, findings, version: running?.version };
    },
};
async function checkMirror({ settings }) {
    const about = (check, title, lost) => ({
        check,
        severity: 'error',
        title,
        lost,
        changes: [],
    });
    try {
        const { failure, refused } = await tryMirror(settings, `brokertap-doctor-${process.pid}`);
        if (failure !== undefined)
            return [
                about('connection', `The mirror does not get in at ${settings.url}: ${failure}`, 'Everything that the mirror would see.'),
            ];
        return refused.map((advice) => about('subscription', advice, 'What comes on these topics.'));
    }
    catch (error) {
        if (!(error instanceof BlockedError))
            throw error;
        return [about('connection', error.message, 'Everything that the mirror would see.')];
    }
}
function unknownSettings() {
    return {
        check: 'conf',
        severity: 'note',
        title: 'The broker’s settings are not known',
        lost: 'What its log and $SYS will tell was not looked at: give --conf /opt/emqx/etc/emqx.conf, or --api-url with a key.',
        changes: [],
    };
}
