import { access, constants, realpath, stat } from 'node:fs/promises';
import { reasonOf } from '../../core/errors.ts';
import { amount } from '../../core/text/amount.ts';
import { type Found, findFiles } from '../../inputs/file/finding/discovery.ts';
import { accessProblem } from '../../inputs/file/tailing/problems.ts';
import type { Finding } from '../doctor.ts';
import { unreadableLog } from '../unreadable-log.ts';
import type { MosquittoConf } from './conf.ts';
import { type LogReading, readLog } from './log-reading.ts';
import { logFileOf } from './logging.ts';

const OTHERS = 0o077;
/** Lines from which on it says something that none of a kind is among them. */
const ENOUGH_LINES = 50;

/** The log file that the broker writes to, and what its last lines show. */
export interface LogFile {
  readonly path: string;
  readonly sizeBytes: number;
  readonly reading: LogReading;
}

/**
 * Looks for the log, and whether the probe may read it.
 * @param patterns paths that the probe reads; where there are none, what the broker's configuration names
 */
export async function findLog(
  patterns: readonly string[],
  conf: MosquittoConf | undefined,
): Promise<{ log: LogFile | undefined; findings: Finding[] }> {
  const written = conf && logFileOf(conf);
  const wanted = patterns.length > 0 ? patterns : written === undefined ? [] : [written];
  if (wanted.length === 0) return { log: undefined, findings: [] };
  const found = await findFiles(wanted);
  const findings = await mismatch(found, patterns, written);
  const newest = found.toSorted((a, b) => b.modifiedMs - a.modifiedMs)[0];
  if (newest === undefined) {
    const reasons = await Promise.all(wanted.map((pattern) => accessProblem(pattern, undefined)));
    findings.push(unreadableLog(reasons.join('; ')));
    return { log: undefined, findings };
  }
  try {
    await access(newest.path, constants.R_OK);
    const reading = await readLog(newest.path, 0, newest.sizeBytes, undefined);
    findings.push(...(await mode(newest)));
    return { log: { path: newest.path, sizeBytes: newest.sizeBytes, reading }, findings };
  } catch (error) {
    findings.push(unreadableLog((await accessProblem(newest.path, error)) || reasonOf(error)));
    return { log: undefined, findings };
  }
}

/** What the last lines show of the running broker; its configuration may have been changed since it was read. */
export function checkLogReading({ path, reading }: LogFile, conf: MosquittoConf | undefined): Finding[] {
  const findings: Finding[] = [];
  const missing = conf === undefined ? missingTypes(reading) : [];
  if (missing.length > 0) {
    findings.push({
      check: 'log-types',
      severity: 'error',
      title: `Among the last ${amount(reading.lines, 'line')} of ${path} is none of log_type ${missing.map(([type]) => type).join(', ')}`,
      lost: missing.map(([type, lost]) => `Without ${type}: ${lost}.`).join(' '),
      changes: [{ file: 'mosquitto.conf', remove: [], add: ['log_type all'] }],
    });
  }
  if (reading.isStampless && conf === undefined) {
    findings.push({
      check: 'log-stamp',
      severity: 'warning',
      title: `The lines of ${path} have no time: log_timestamp false`,
      lost: 'When things happened: events get the time at which they were read.',
      changes: [{ file: 'mosquitto.conf', remove: [], add: ['log_timestamp true'] }],
    });
  }
  return findings;
}

/** Log types that a log shows to be missing, and what is lost without them. */
function missingTypes({ lines, types, actions }: LogReading): [string, string][] {
  if (lines < ENOUGH_LINES) return [];
  const missing: [string, string][] = [];
  if (!types.has('debug'))
    missing.push([
      'debug',
      'message-published, message-delivered, message-acknowledged, publish-denied, subscription-requested, packet-received, packet-sent',
    ]);
  if (!types.has('notice')) missing.push(['notice', 'client-connected, client-disconnected']);
  if (actions.has('subscription-requested') && !types.has('subscribe'))
    missing.push(['subscribe', 'subscription-added, subscribe-denied']);
  return missing;
}

async function mismatch(
  found: readonly Found[],
  patterns: readonly string[],
  written: string | undefined,
): Promise<Finding[]> {
  if (written === undefined || patterns.length === 0) return [];
  const real = (file: string): Promise<string> => realpath(file).catch(() => file);
  const paths = await Promise.all([...patterns, ...found.map(({ path }) => path)].map(real));
  if (paths.includes(await real(written))) return [];
  return [
    {
      check: 'log-path',
      severity: 'warning',
      title: `The broker writes ${written}, and the probe reads ${patterns.join(', ')}`,
      lost: 'The whole log, unless both are the same file in two containers.',
      changes: [{ file: 'brokertap.yaml', remove: [], add: [`paths: ${written}`] }],
    },
  ];
}

async function mode({ path }: Found): Promise<Finding[]> {
  const facts = await stat(path);
  if ((facts.mode & OTHERS) !== 0 || process.getuid?.() !== 0) return [];
  return [
    {
      check: 'log-mode',
      severity: 'note',
      title: `Only user ${facts.uid} and root may read ${path} (mode ${(facts.mode & 0o777).toString(8).padStart(4, '0')})`,
      lost: `A probe that runs as another user sees nothing of it. Run it as user ${facts.uid}; or let logrotate make the file, and add the probe's user to group adm.`,
      changes: [{ file: '/etc/logrotate.d/mosquitto', remove: [], add: ['create 640 mosquitto adm'] }],
    },
  ];
}
