import { amount } from '../../core/text/amount.ts';
import type { Finding, MirrorPlace } from '../doctor.ts';
import type { MosquittoConf } from './conf.ts';

/** Messages that wait for a client which is away or slow: the broker's default (mosquitto.conf(5)). */
const DEFAULT_QUEUED = 1000;
const ENOUGH_QUEUED = 100_000;
const ENOUGH_QUEUED_BYTES = 64 * 1024 * 1024;
/** In flight to a client that sets no limit of its own. */
const DEFAULT_INFLIGHT = 20;
const ENOUGH_INFLIGHT = 1000;
const PROTOCOL_5 = 5;

/** Limits at which the broker drops messages for the mirror. */
export function checkLimits(conf: MosquittoConf, mirror: MirrorPlace | undefined): Finding[] {
  return [...queue(conf), ...inflight(conf, mirror), ...system(conf)];
}

function queue(conf: MosquittoConf): Finding[] {
  const findings: Finding[] = [];
  const messages = conf.number('max_queued_messages', DEFAULT_QUEUED);
  if (messages > 0 && messages < ENOUGH_QUEUED) {
    findings.push({
      check: 'queue-limit',
      severity: 'warning',
      title: `No more than ${amount(messages, 'message')} can wait for the mirror: max_queued_messages${conf.get('max_queued_messages') === undefined ? ' is not set' : ''}`,
      lost: `message-mirrored of QoS 1 and 2 beyond ${messages} while the probe restarts or at a burst; the broker drops them without a word.`,
      changes: conf.change(['max_queued_messages'], ['max_queued_messages 1000000']),
    });
  }
  const bytes = conf.number('max_queued_bytes', 0);
  if (bytes > 0 && bytes < ENOUGH_QUEUED_BYTES) {
    findings.push({
      check: 'queue-bytes',
      severity: 'warning',
      title: `No more than ${amount(bytes, 'byte')} can wait for the mirror: max_queued_bytes`,
      lost: 'message-mirrored beyond that while the probe restarts or at a burst.',
      changes: conf.change(['max_queued_bytes'], ['max_queued_bytes 1073741824']),
    });
  }
  if (!conf.flag('queue_qos0_messages', false)) {
    findings.push({
      check: 'queue-qos0',
      severity: 'note',
      title: 'Messages of QoS 0 do not wait for the mirror: queue_qos0_messages false',
      lost: 'What was published with QoS 0 while the probe is not connected; the protocol promises no more.',
      changes: conf.change(['queue_qos0_messages'], ['queue_qos0_messages true']),
    });
  }
  return findings;
}

/** With MQTT 5 the mirror's own Receive Maximum counts. */
function inflight(conf: MosquittoConf, mirror: MirrorPlace | undefined): Finding[] {
  if (mirror?.settings.protocol === PROTOCOL_5) return [];
  const messages = conf.number('max_inflight_messages', DEFAULT_INFLIGHT);
  const bytes = conf.number('max_inflight_bytes', 0);
  const isTight = messages > 0 && messages < ENOUGH_INFLIGHT;
  if (!isTight && bytes === 0) return [];
  return [
    {
      check: 'inflight-limit',
      severity: mirror === undefined ? 'note' : 'warning',
      title: isTight
        ? `Only ${amount(messages, 'message')} at a time can go to a mirror with MQTT 3.1.1: max_inflight_messages`
        : `Only ${amount(bytes, 'byte')} at a time can go to the mirror: max_inflight_bytes`,
      lost: 'message-mirrored at bursts, and most retained messages at the start: the rest has to fit into the queue. A mirror with "protocol: 5" sets its own limit.',
      changes: conf.change(['max_inflight_messages', 'max_inflight_bytes'], ['max_inflight_messages 65535']),
    },
  ];
}

function system(conf: MosquittoConf): Finding[] {
  if (conf.number('sys_interval', 10) > 0) return [];
  return [
    {
      check: 'sys-interval',
      severity: 'warning',
      title: 'The broker tells nothing about itself: sys_interval 0',
      lost: 'All $SYS metrics, and the counters that show what the mirror does not see.',
      changes: conf.change(['sys_interval'], ['sys_interval 10']),
    },
  ];
}
