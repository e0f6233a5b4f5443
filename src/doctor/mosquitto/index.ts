import { UsageError } from '../../core/errors.ts';
import { amount } from '../../core/text/amount.ts';
import type { Doctor, Finding, Materials, Report } from '../doctor.ts';
import { checkAccess } from './access.ts';
import { MosquittoConf } from './conf.ts';
import { checkLimits } from './limits.ts';
import { checkLive, type Live } from './live.ts';
import { checkLogReading, findLog } from './log-file.ts';
import { checkLogging } from './logging.ts';
import { checkMirrorRights } from './mirror.ts';
import { checkSession } from './session.ts';

/** Looks at a Mosquitto: its configuration, its log, and what a mirror gets. */
export const doctor: Doctor = {
  async examine(materials: Materials): Promise<Report> {
    const { conf: paths, logs, mirror, wantsMirror, observeMs, progress } = materials;
    if (paths.length === 0 && logs.length === 0 && mirror === undefined)
      throw new UsageError(
        'nothing to look at: give --conf /etc/mosquitto/mosquitto.conf, --log FILE, --url mqtt://HOST, or -c brokertap.yaml',
      );
    const conf = paths.length === 0 ? undefined : MosquittoConf.read(paths);
    const looked: string[] = conf === undefined ? [] : [...conf.files];
    const findings: Finding[] = conf === undefined ? [] : checkConf(conf, materials);
    if (conf === undefined) findings.push(noConf());
    const found = await findLog(logs, conf);
    findings.push(...found.findings);
    if (found.log !== undefined) {
      const { lines, framing } = found.log.reading;
      looked.push(`${found.log.path} (${amount(lines, 'line')}${framing === 'lines' ? '' : `, ${framing}`})`);
      findings.push(...checkLogReading(found.log, conf));
    }
    let live: Live | undefined;
    if (mirror !== undefined && wantsMirror) {
      progress(`watching ${mirror.settings.url} for up to ${Math.round(observeMs / 1000)} s`);
      live = await checkLive(mirror, observeMs, found.log, conf);
      looked.push(
        `${mirror.settings.url}${mirror.settings.user === undefined ? '' : ` as ${mirror.settings.user}`}`,
      );
      findings.push(...live.findings);
    }
    return { looked, findings, version: live?.version, share: live?.share };
  },
};

function checkConf(conf: MosquittoConf, { mirror, wantsMirror, timezone }: Materials): Finding[] {
  return [
    ...conf.problems.map(
      (problem): Finding => ({
        check: 'include',
        severity: 'note',
        title: problem,
        lost: 'What stands there is not known here.',
        changes: [],
      }),
    ),
    ...checkLogging(conf, timezone),
    ...(wantsMirror
      ? [...checkMirrorRights(conf, mirror), ...checkLimits(conf, mirror), ...checkSession(conf, mirror)]
      : []),
    ...checkAccess(conf),
  ];
}

function noConf(): Finding {
  return {
    check: 'conf',
    severity: 'note',
    title: 'The broker’s configuration was not given',
    lost: 'Limits, persistence and access were not looked at: give --conf /etc/mosquitto/mosquitto.conf.',
    changes: [],
  };
}
