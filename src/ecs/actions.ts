import type { Action, Outcome } from '../core/event.ts';

/** What an action fixes of its event: ECS 9.4 categorization and the data stream. */
interface ActionFacts {
  readonly dataset: string;
  readonly kind: 'event' | 'state' | 'metric' | 'alert' | 'pipeline_error';
  readonly category: readonly string[];
  readonly type: readonly string[];
  /** Unless the kind of event says otherwise. */
  readonly outcome?: Outcome;
}

const broker = (category: string, type: string[], outcome?: Outcome): ActionFacts =>
  facts('mqtt.broker', 'event', [category], type, outcome);
const connection = (category: string[], type: string[], outcome?: Outcome): ActionFacts =>
  facts('mqtt.connection', 'event', category, type, outcome);
const access = (type: string[], outcome?: Outcome): ActionFacts =>
  facts('mqtt.access', 'event', ['network'], type, outcome);
const message = (type: string[], outcome?: Outcome): ActionFacts =>
  facts('mqtt.message', 'event', ['network'], type, outcome);
const audit = (category: string[], type: string[], outcome?: Outcome): ActionFacts =>
  facts('mqtt.audit', 'event', category, type, outcome);

function facts(
  dataset: string,
  kind: ActionFacts['kind'],
  category: readonly string[],
  type: readonly string[],
  outcome?: Outcome,
): ActionFacts {
  return { dataset, kind, category, type, ...(outcome && { outcome }) };
}

/** `event.dataset`, `.kind`, `.category`, `.type` and `.outcome` of every action. */
export const ACTIONS: Readonly<Record<Action, ActionFacts>> = {
  'broker-log': broker('process', ['info']),
  'broker-started': broker('process', ['start'], 'success'),
  'broker-stopped': broker('process', ['end'], 'success'),
  'broker-configuration-reloaded': broker('configuration', ['change'], 'success'),
  'broker-listener-opened': broker('network', ['info']),
  'bridge-connecting': broker('network', ['connection', 'start']),
  'bridge-connected': broker('network', ['start', 'connection'], 'success'),
  'bridge-disconnected': broker('network', ['end', 'connection'], 'success'),
  'bridge-failed': broker('network', ['connection', 'end'], 'failure'),
  'alarm-raised': facts('mqtt.broker', 'alert', ['host'], ['info']),
  'alarm-cleared': facts('mqtt.broker', 'alert', ['host'], ['info']),
  'log-throttled': broker('process', ['info']),
  'network-connection-opened': connection(['network'], ['connection', 'start'], 'unknown'),
  'client-connected': connection(['network', 'session'], ['start', 'connection'], 'success'),
  'client-connection-rejected': connection(['network'], ['connection', 'denied'], 'failure'),
  'client-disconnected': connection(['network', 'session'], ['end', 'connection'], 'unknown'),
  'session-created': connection(['session'], ['start'], 'success'),
  'session-resumed': connection(['session'], ['start'], 'success'),
  'session-taken-over': connection(['session'], ['end'], 'success'),
  'session-expired': connection(['session'], ['end'], 'success'),
  'client-authenticated': connection(['authentication'], ['start'], 'success'),
  'client-authentication-failed': connection(['authentication'], ['start'], 'failure'),
  'tls-handshake-failed': connection(['network'], ['connection', 'denied'], 'failure'),
  'protocol-error': connection(['network'], ['info', 'protocol'], 'failure'),
  'will-registered': connection(['network'], ['info', 'protocol'], 'success'),
  'client-state': facts('mqtt.connection', 'state', ['session'], ['info']),
  'session-summary': facts('mqtt.connection', 'state', ['session'], ['info']),
  'publish-authorized': access(['access', 'allowed'], 'success'),
  'subscribe-authorized': access(['access', 'allowed'], 'success'),
  'publish-denied': access(['access', 'denied'], 'failure'),
  'subscribe-denied': access(['access', 'denied'], 'failure'),
  'deliver-denied': access(['access', 'denied'], 'failure'),
  'subscription-requested': access(['info', 'protocol'], 'unknown'),
  'subscription-added': access(['info', 'protocol'], 'success'),
  'unsubscription-requested': access(['info', 'protocol'], 'unknown'),
  'subscription-removed': access(['info', 'protocol'], 'success'),
  'message-published': message(['info', 'protocol'], 'success'),
  'message-delivered': message(['info', 'protocol'], 'success'),
  'message-acknowledged': message(['info', 'protocol'], 'success'),
  'message-dropped': message(['denied', 'protocol'], 'failure'),
  'will-published': message(['info', 'protocol'], 'success'),
  'message-mirrored': message(['info', 'protocol'], 'success'),
  'packet-received': facts('mqtt.packet', 'event', ['network'], ['info', 'protocol']),
  'packet-sent': facts('mqtt.packet', 'event', ['network'], ['info', 'protocol']),
  'audit-created': audit(['configuration'], ['creation']),
  'audit-changed': audit(['configuration'], ['change']),
  'audit-deleted': audit(['configuration'], ['deletion']),
  'audit-accessed': audit(['configuration'], ['access']),
  'audit-login': audit(['authentication', 'iam'], ['start', 'admin']),
  'audit-command': audit(['configuration'], ['change']),
  'sys-metrics': facts('mqtt.sys', 'metric', ['network'], ['info']),
  'probe-started': facts('mqtt.probe', 'event', ['process'], ['start']),
  'probe-stopped': facts('mqtt.probe', 'event', ['process'], ['end']),
  'probe-heartbeat': facts('mqtt.probe', 'state', ['process'], ['info'], 'success'),
  'input-gap': facts('mqtt.probe', 'event', ['process'], ['info'], 'failure'),
  'line-unparsed': facts('mqtt.probe', 'pipeline_error', ['process'], ['info'], 'failure'),
  'event-rejected': facts('mqtt.probe', 'pipeline_error', ['process'], ['info'], 'failure'),
  'anomaly-detected': facts('mqtt.anomaly', 'alert', ['intrusion_detection'], ['info']),
};

/** Every dataset, in the order of the event model. */
export const DATASETS: readonly string[] = [...new Set(Object.values(ACTIONS).map(({ dataset }) => dataset))];

/** Datasets of what the probe says or makes itself. */
const OURS: ReadonlySet<string> = new Set(['mqtt.probe', 'mqtt.sys', 'mqtt.anomaly']);

/** Actions that records of a broker can have. */
export const BROKER_ACTIONS: ReadonlySet<string> = new Set(
  Object.entries(ACTIONS).flatMap(([action, { dataset }]) => (OURS.has(dataset) ? [] : [action])),
);

/** `logs`, or `metrics` for the one dataset that holds samples. */
export function streamType(dataset: string): 'logs' | 'metrics' {
  return dataset === 'mqtt.sys' ? 'metrics' : 'logs';
}
