import { takenOver } from '../../questions/connections.ts';
import { action, and, is, or, withinDays } from '../../questions/query/query.ts';
import type { Rule } from './rule.ts';

/** Something does not work as it should. */
export const OPERATION_RULES: readonly Rule[] = [
  {
    id: 'takeover-flapping',
    name: 'two clients with one id',
    view: 'mqtt-connection',
    where: takenOver,
    trigger: { kind: 'count', by: 'mqtt.client.id', over: 5, minutes: 10 },
    advice:
      'A session was taken over more than 5 times in 10 minutes: two clients use the same id and throw each other out. The dashboard of the client shows both addresses; give one of them an id of its own.',
    dashboard: 'mqtt-client',
  },
  {
    id: 'broker-restart',
    name: 'a broker was started',
    view: 'mqtt-broker',
    where: action('broker-started'),
    trigger: { kind: 'count', by: 'service.name', over: 0, minutes: 5 },
    advice:
      'A broker started. If nobody did that: look at the last lines before the start (no broker-stopped before it: a crash or a kill; check memory and the journal of the system).',
    dashboard: 'mqtt-overview',
  },
  {
    id: 'message-drops',
    name: 'many dropped messages',
    view: 'mqtt-message',
    where: action('message-dropped'),
    trigger: { kind: 'count', by: 'service.name', over: 100, minutes: 5 },
    advice:
      'More than 100 messages were dropped in 5 minutes. queue_full: a receiver is too slow or away; raise its queue (max_queued_messages, max_mqueue_len) or its session expiry, or make it faster. quota_exceeded: a publisher over its rate. packet_too_large: somebody sends more than the limit.',
    dashboard: 'mqtt-traffic',
  },
  {
    id: 'probe-silent',
    name: 'a probe is silent',
    view: 'mqtt-probe',
    where: action('probe-heartbeat'),
    trigger: { kind: 'quiet', by: 'agent.name', minutes: 5, hours: 24 },
    advice:
      'No heartbeat of a probe for 5 minutes: it does not run, or its events do not arrive. On its host: brokertap status, then its log. What it misses of log files it reads later; of MQTT what the session keeps.',
    dashboard: 'mqtt-probe-health',
  },
  {
    id: 'probe-late',
    name: 'events arrive late',
    view: 'mqtt-logs',
    trigger: { kind: 'late', by: 'agent.name', seconds: 300, minutes: 10 },
    advice:
      'Events took more than 5 minutes from the probe to the server (event.ingested − event.created): an outage is being caught up, or the output is too slow. brokertap status shows what waits; after an outage it ends by itself.',
    dashboard: 'mqtt-probe-health',
  },
  {
    id: 'probe-degraded',
    name: 'a probe is in trouble',
    view: 'mqtt-probe',
    where: is('mqtt.probe.state', 'degraded', 'blocked'),
    trigger: { kind: 'count', by: 'agent.name', over: 2, minutes: 10 },
    advice:
      'A probe says that an input or an output does not work, three heartbeats long. brokertap status names it and says what to do.',
    dashboard: 'mqtt-probe-health',
  },
  {
    id: 'probe-gap',
    name: 'something is missing',
    view: 'mqtt-probe',
    where: action('input-gap', 'event-rejected'),
    trigger: { kind: 'count', by: 'event.reason', over: 0, minutes: 10 },
    advice:
      'A stretch of log or messages is known to be missing, or an event was refused. input-gap: a file was gone before it was read, a queue of the broker or the spool was full. event-rejected: brokertap dead-letters list shows why; after mending, replay.',
    dashboard: 'mqtt-probe-health',
  },
  {
    id: 'certificate-expiry',
    name: "a certificate of the probe's connections ends soon",
    view: 'mqtt-probe',
    where: and(
      action('probe-heartbeat'),
      or(withinDays('tls.server.not_after', 21), withinDays('tls.client.not_after', 21)),
    ),
    trigger: { kind: 'count', by: 'agent.name', over: 0, minutes: 10 },
    advice:
      'Within 21 days a certificate ends: of a server that the probe speaks TLS with (tls.server.not_after: broker, Logstash or Elasticsearch) or of the probe itself (tls.client.not_after). Renew it; the probe takes new files without a restart.',
    dashboard: 'mqtt-probe-health',
  },
];
