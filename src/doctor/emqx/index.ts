import { BlockedError, UsageError } from '../../core/errors.ts';
import { amount } from '../../core/text/amount.ts';
import { tryMirror } from '../../inputs/mqtt/trial.ts';
import type { Doctor, Finding, Materials, MirrorPlace, Report } from '../doctor.ts';
import { checkAcl } from './acl.ts';
import { type ApiFindings, checkApi } from './api.ts';
import { checkLogReading, readNewestLog } from './log-file.ts';
import { checkAudit, checkLogging, checkSystemTopics } from './logging.ts';
import { Settings } from './settings.ts';

/** Looks at an EMQX: its configuration, its REST API, its log, and what a mirror may read. */
export const doctor: Doctor = {
  async examine(materials: Materials): Promise<Report> {
    const { conf: files, logs, mirror, wantsMirror, api, timezone, progress } = materials;
    if (files.length === 0 && logs.length === 0 && api === undefined && mirror === undefined)
      throw new UsageError(
        'nothing to look at: give --conf /opt/emqx/etc/emqx.conf, --log FILE, --api-url http://HOST:18083/api/, or -c brokertap.yaml',
      );
    const looked: string[] = [...files];
    const findings: Finding[] = [];
    let running: ApiFindings | undefined;
    if (api !== undefined) {
      progress(`asking ${api.url}`);
      running = await checkApi(api);
      looked.push(api.url);
      findings.push(...running.findings);
    }
    const settings = new Settings(files, running?.configs ?? {});
    if (settings.isKnown) {
      findings.push(
        ...checkLogging(settings, logs.length > 0),
        ...checkSystemTopics(settings),
        ...checkAudit(settings),
      );
    } else {
      findings.push(unknownSettings());
    }
    if (running?.acl !== undefined && wantsMirror) findings.push(...checkAcl(running.acl, mirror));
    const { reading, findings: unreadable } = await readNewestLog(logs, timezone);
    findings.push(...unreadable);
    if (reading !== undefined) {
      looked.push(`${reading.path} (${amount(reading.entries, 'entry', 'entries')})`);
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

async function checkMirror({ settings }: MirrorPlace): Promise<Finding[]> {
  const about = (check: string, title: string, lost: string): Finding => ({
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
        about(
          'connection',
          `The mirror does not get in at ${settings.url}: ${failure}`,
          'Everything that the mirror would see.',
        ),
      ];
    return refused.map((advice) => about('subscription', advice, 'What comes on these topics.'));
  } catch (error) {
    if (!(error instanceof BlockedError)) throw error;
    return [about('connection', error.message, 'Everything that the mirror would see.')];
  }
}

function unknownSettings(): Finding {
  return {
    check: 'conf',
    severity: 'note',
    title: 'The broker’s settings are not known',
    lost: 'What its log and $SYS will tell was not looked at: give --conf /opt/emqx/etc/emqx.conf, or --api-url with a key.',
    changes: [],
  };
}
