import type { MqttMessage } from '../../../core/dialect.ts';
import type { Emit, JsonObject, JsonValue } from '../../../core/event.ts';
import { CATALOGUE } from '../../../ecs/catalogue.ts';
import {
  emitSysNumbers,
  type SysDocument,
  type SysField,
  SysNumbers,
  sysNumber,
} from '../../../ecs/sys-numbers.ts';
import { isObject } from '../values/json.ts';

const NODES = '$SYS/brokers';
/** Topics that a node publishes at every interval. Its name is an atom of Erlang, which has at most 255 characters. */
const NUMBER = /^\$SYS\/brokers\/([^/]{1,255})\/(uptime|datetime|version|sysdescr|(?:stats|metrics)\/.+)$/s;
/** Nodes whose numbers are collected at the same time. */
const MAX_NODES = 64;
const VERSION = /^v?(\d{1,6}\.\d{1,6}[\w.~+-]{0,32})$/;
/** `3 days,4 hours, 5 minutes, 6 seconds`; leading units that are zero are left out. */
const UPTIME =
  /^(?:(\d{1,9}) days?, ?)?(?:(\d{1,2}) hours?, ?)?(?:(\d{1,2}) minutes?, ?)?(\d{1,2}) seconds?$/;

/** Topics whose field has another name; `fieldOf` finds the others. */
const NAMES: Readonly<Record<string, SysField>> = {
  'stats/clients/count': 'mqtt.broker.clients.connected',
  'stats/clients/max': 'mqtt.broker.clients.maximum',
  'stats/live_connections/count': 'mqtt.broker.clients.connected',
  'stats/live_connections/max': 'mqtt.broker.clients.maximum',
  'stats/retained/count': 'mqtt.broker.messages.retained',
  'stats/retained/max': 'mqtt.broker.maximum.retained',
  'stats/subscriptions/shared/count': 'mqtt.broker.shared_subscriptions',
  'stats/subscriptions/shared/max': 'mqtt.broker.maximum.shared_subscriptions',
  'stats/sessions/persistent/count': 'mqtt.broker.persistent_sessions',
  'stats/sessions/persistent/max': 'mqtt.broker.maximum.persistent_sessions',
  'metrics/messages/retained': 'mqtt.broker.messages.retained_stored',
  'metrics/packets/publish/received': 'mqtt.broker.publish.received',
  'metrics/packets/publish/sent': 'mqtt.broker.publish.sent',
  'metrics/packets/publish/dropped': 'mqtt.broker.publish.dropped',
  // emqttd and EMQX 3 leave out the direction where there is one only.
  'metrics/packets/connect': 'mqtt.broker.packets.connect.received',
  'metrics/packets/connack': 'mqtt.broker.packets.connack.sent',
  'metrics/packets/subscribe': 'mqtt.broker.packets.subscribe.received',
  'metrics/packets/suback': 'mqtt.broker.packets.suback.sent',
  'metrics/packets/unsubscribe': 'mqtt.broker.packets.unsubscribe.received',
  'metrics/packets/unsuback': 'mqtt.broker.packets.unsuback.sent',
  'metrics/packets/pingreq': 'mqtt.broker.packets.pingreq.received',
  'metrics/packets/pingresp': 'mqtt.broker.packets.pingresp.sent',
  'metrics/packets/disconnect': 'mqtt.broker.packets.disconnect.received',
  'metrics/packets/auth': 'mqtt.broker.packets.auth.received',
  // 4.x has other names for what 5 calls authentication and authorization.
  'metrics/client/auth/success': 'mqtt.broker.authentication.success',
  'metrics/client/auth/success/anonymous': 'mqtt.broker.authentication.success_anonymous',
  'metrics/client/auth/failure': 'mqtt.broker.authentication.failure',
  'metrics/client/acl/allow': 'mqtt.broker.authorization.allow',
  'metrics/client/acl/deny': 'mqtt.broker.authorization.deny',
  'metrics/client/acl/cache_hit': 'mqtt.broker.authorization.cache_hit',
  'metrics/client/acl/cache_miss': 'mqtt.broker.authorization.cache_miss',
  'metrics/client/check_acl': 'mqtt.broker.client.authorize',
};

/** The topic is one of a node's numbers, or of what it is. */
export function isNumber(topic: string): boolean {
  return topic === NODES || NUMBER.test(topic);
}

/** As in `Pulse`. Version and description are retained: they do not show that the node is alive. */
export function nodeOf(topic: string): string | undefined {
  const [, node, name = ''] = NUMBER.exec(topic) ?? [];
  return name === 'version' || name === 'sysdescr' ? undefined : node;
}

/** As in `Pulse`. */
export function nodesIn(topic: string, payload: Buffer): readonly string[] | undefined {
  if (topic !== NODES) return undefined;
  return payload
    .toString('utf8', 0, MAX_NODES * 256)
    .split(',')
    .slice(0, MAX_NODES);
}

/** The numbers of the nodes of one cluster. Each node publishes all of its own at every interval. */
export class EmqxNumbers {
  private readonly nodes = new Map<string, SysNumbers>();

  /** @param saved what `state` gave */
  constructor(saved?: JsonValue) {
    if (!isObject(saved)) return;
    for (const [node, state] of Object.entries(saved)) this.nodes.set(node, new SysNumbers(false, state));
  }

  /** @returns the version of the broker, where the message tells it */
  message({ topic, payload, seen }: MqttMessage, emit: Emit): string | undefined {
    const nodes = nodesIn(topic, payload);
    if (nodes !== undefined) {
      for (const node of this.nodes.keys()) if (!nodes.includes(node)) this.nodes.delete(node);
      return undefined;
    }
    const [, node = '', name = ''] = NUMBER.exec(topic) ?? [];
    const text = payload.toString('utf8', 0, 256);
    if (name === 'version') return VERSION.exec(text)?.[1];
    if (name === 'sysdescr' || name === 'datetime') return undefined;
    const numbers = this.numbersOf(node);
    if (name === 'uptime') {
      const uptimeS = uptime(text);
      if (uptimeS !== undefined) numbers.set('mqtt.broker.uptime', uptimeS);
      return undefined;
    }
    tell(numbers.take(name, fieldOf(name), text, seen), node, emit);
    return undefined;
  }

  /** Nothing will follow: emits the intervals in hand. */
  finish(emit: Emit): void {
    for (const [node, numbers] of this.nodes) tell(numbers.finish(), node, emit);
  }

  /** Plain JSON, bounded. */
  state(): JsonObject {
    return Object.fromEntries([...this.nodes].map(([node, numbers]) => [node, numbers.state()]));
  }

  private numbersOf(node: string): SysNumbers {
    const known = this.nodes.get(node);
    if (known !== undefined) return known;
    const numbers = new SysNumbers(false);
    const [oldest] = this.nodes.keys();
    if (this.nodes.size >= MAX_NODES && oldest !== undefined) this.nodes.delete(oldest);
    this.nodes.set(node, numbers);
    return numbers;
  }
}

function tell(complete: SysDocument | undefined, node: string, emit: Emit): void {
  if (complete !== undefined) emitSysNumbers(withClients(complete), node, emit);
}

/** Before 5.0 there is no `live_connections`: every connection is one of a connected client. */
function withClients(document: SysDocument): SysDocument {
  const fields = new Map(document.fields);
  const copy = (from: SysField, to: SysField): void => {
    const value = fields.get(from);
    if (value !== undefined && !fields.has(to)) fields.set(to, value);
  };
  copy('mqtt.broker.connections', 'mqtt.broker.clients.connected');
  copy('mqtt.broker.maximum.connections', 'mqtt.broker.clients.maximum');
  return { ...document, fields };
}

/** Seconds. From 5.0 on the payload is in milliseconds. */
function uptime(text: string): number | undefined {
  const ms = sysNumber(text);
  if (ms !== undefined) return Math.floor(ms / 1000);
  const found = UPTIME.exec(text);
  if (found === null) return undefined;
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = found.slice(1).map((part) => Number(part ?? 0));
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}

/** From 3.x to 5.0.0 the names of stats keep their dots within one level. */
function fieldOf(topic: string): SysField | undefined {
  const name = topic.startsWith('stats/') ? topic.replaceAll('.', '/') : topic;
  if (Object.hasOwn(NAMES, name)) return NAMES[name];
  const [family = '', ...path] = name.split('/');
  if (family === 'stats') {
    const kind = path.pop();
    if (path.length !== 1) return undefined;
    if (kind === 'count' || kind === 'total') return known(path.join('.'));
    return kind === 'max' ? known(`maximum.${path.join('.')}`) : undefined;
  }
  // A field cannot both be a number and have fields below it: parts of a sum are beside it, `a.b_c` for `a.b.c`.
  return known(path.join('.')) ?? known([...path.slice(0, -2), path.slice(-2).join('_')].join('.'));
}

function known(name: string): SysField | undefined {
  const field = `mqtt.broker.${name}`;
  return Object.hasOwn(CATALOGUE, field) ? (field as SysField) : undefined;
}
