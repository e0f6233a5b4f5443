import { stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { topicRoot } from '../../core/mqtt/topic.ts';
import { amount } from '../../core/text/amount.ts';
import type { Finding, MirrorPlace, Share } from '../doctor.ts';
import type { MosquittoConf } from './conf.ts';
import type { LogFile } from './log-file.ts';
import { type LogReading, readLog } from './log-reading.ts';
import { type Observation, observe } from './observe.ts';

/** A smaller share is told as an error. */
const FULL_SHARE = 0.98;
/** Publishes below which a share says nothing. */
const FEW = 10;
/** How long a line may take from the broker to the log file. */
const LOG_DELAY_MS = 3000;
const POLL_MS = 100;
const MAX_NAMED = 5;
const TOPIC_ROOT = 2;

/** What came of watching the running broker. */
export interface Live {
  readonly findings: Finding[];
  readonly version: string | undefined;
  readonly share: Share | undefined;
}

/** Connects as the mirror would, and compares what it gets with the broker's counters and its log. */
export async function checkLive(
  mirror: MirrorPlace,
  observeMs: number,
  log: LogFile | undefined,
  conf: MosquittoConf | undefined,
): Promise<Live> {
  const clientId = `brokertap-doctor-${process.pid}`;
  const from = log === undefined ? 0 : (await stat(log.path)).size;
  const observation = await observe(mirror, clientId, observeMs);
  if (observation.failure !== undefined) {
    return { findings: [unreachable(mirror, observation.failure)], version: undefined, share: undefined };
  }
  const meanwhile = log && (await linesSince(log, from, clientId));
  return {
    findings: [
      ...refusals(observation),
      ...system(observation),
      ...share(observation, mirror, meanwhile),
      ...drops(observation),
      ...(log === undefined || meanwhile === undefined ? [] : logShows(log, meanwhile, conf)),
    ],
    version: observation.version,
    share: observation.share,
  };
}

function unreachable({ settings }: MirrorPlace, failure: string): Finding {
  return {
    check: 'connection',
    severity: 'error',
    title: `The mirror does not get in at ${settings.url}: ${failure}`,
    lost: 'Everything that the mirror would see.',
    changes: [],
  };
}

/** What the broker has logged meanwhile; waits until the end of our own connection is in it. */
async function linesSince(log: LogFile, from: number, clientId: string): Promise<LogReading | undefined> {
  const late = Date.now() + LOG_DELAY_MS;
  for (;;) {
    const { size } = await stat(log.path);
    const reading = await readLog(log.path, Math.max(0, Math.min(from, size) - 1), size, clientId);
    if (reading.actions.has('client-disconnected') || Date.now() > late) return reading;
    await delay(POLL_MS);
  }
}

function refusals({ refused }: Observation): Finding[] {
  return refused.map((advice) => ({
    check: 'subscription',
    severity: 'error',
    title: advice,
    lost: 'message-mirrored of these topics.',
    changes: [],
  }));
}

function system({ seesSystem }: Observation): Finding[] {
  if (seesSystem) return [];
  return [
    {
      check: 'sys-topics',
      severity: 'warning',
      title: 'The mirror cannot read $SYS: nothing came of $SYS/broker/uptime',
      lost: 'All $SYS metrics; and nobody can tell whether the mirror sees everything. Either the ACL has no "topic read $SYS/#", or sys_interval is 0.',
      changes: [],
    },
  ];
}

function share(
  { share, seesSystem, topics }: Observation,
  { settings }: MirrorPlace,
  meanwhile: LogReading | undefined,
): Finding[] {
  if (!seesSystem) return [];
  if (share === undefined || share.published < FEW) {
    return [
      {
        check: 'mirror-share',
        severity: 'note',
        title: 'Too little was published to tell whether the mirror sees everything',
        lost: 'Call again while there is traffic, with a longer --observe: two updates of $SYS are needed (sys_interval).',
        changes: [],
      },
    ];
  }
  const isWhole = settings.topics.some(({ filter }) => filter === '#');
  const denied = meanwhile?.actions.get('publish-denied') ?? 0;
  if (share.seen + denied >= FULL_SHARE * share.published) return [];
  const unseen = [...(meanwhile?.topics ?? [])].filter((topic) => !topics.has(topic));
  const roots = [...new Set(unseen.map((topic) => topicRoot(topic, TOPIC_ROOT)))];
  const named = roots.slice(0, MAX_NAMED).map((root) => `"${root}"`);
  return [
    {
      check: 'mirror-share',
      severity: isWhole ? 'error' : 'note',
      title: `The mirror saw ${percent(share)} of the publishes: ${share.seen} of ${share.published} in ${Math.round(share.seconds)} s`,
      lost: isWhole
        ? `message-mirrored of the rest, silently: the broker grants "#" and the ACL leaves messages out; refused publishes count too.${named.length > 0 ? ` In the log and not in the mirror: ${named.join(', ')}${roots.length > named.length ? ', …' : ''}.` : ''}`
        : `It subscribes to ${settings.topics.map(({ filter }) => `"${filter}"`).join(', ')} only, so that may be right.`,
      changes: [],
    },
  ];
}

function percent({ seen, published }: Share): string {
  return `${((100 * seen) / published).toFixed(1)} %`;
}

function drops({ dropped }: Observation): Finding[] {
  if (dropped <= 0) return [];
  return [
    {
      check: 'drops',
      severity: 'warning',
      title: `The broker has dropped ${amount(dropped, 'message')} meanwhile`,
      lost: 'These, for whichever client was too slow or away: queue and in-flight limits, see max_queued_messages.',
      changes: [],
    },
  ];
}

/** Our own connection has to be in the log that the probe reads. */
function logShows(
  log: LogFile,
  { lines, namesClient, types }: LogReading,
  conf: MosquittoConf | undefined,
): Finding[] {
  const isSilent = conf?.flag('connection_messages', true) === false;
  if (!namesClient && !isSilent) {
    return [
      {
        check: 'log-silent',
        severity: 'error',
        title: `The broker does not write to ${log.path}: our connection is not in it${lines > 0 ? ', though other lines came' : ''}`,
        lost: 'Every event that comes from the log. Another broker may be meant, its log may go elsewhere, or it could not open the file again after a rotation: restart it.',
        changes: [],
      },
    ];
  }
  if (types.has('debug') || conf === undefined) return [];
  const wantsDebug = conf.all('log_type').some(({ value }) => /^(all|debug)\b/.test(value));
  if (!wantsDebug) return [];
  return [
    {
      check: 'log-reload',
      severity: 'error',
      title: 'The running broker logs no packets although its configuration says so',
      lost: 'message-published, message-delivered, publish-denied and all other events of packets. Reload it: systemctl reload mosquitto, or kill -HUP.',
      changes: [],
    },
  ];
}
