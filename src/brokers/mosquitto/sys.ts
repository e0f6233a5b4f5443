import type { MqttMessage } from '../../core/dialect.ts';
import type { Emit, JsonObject, JsonValue } from '../../core/event.ts';
import { emitSysNumbers, type SysDocument, type SysField, SysNumbers } from '../../ecs/sys-numbers.ts';

const BROKER = '$SYS/broker/';
/** States of bridges, which remote brokers write too. */
const BRIDGES = '$SYS/broker/connection/';
const UPTIME = 'uptime';
/** After so many intervals without news, changes may be lost that the broker will not publish again. */
const SILENT_INTERVALS = 3;
/** The broker's first interval is shorter than the others. */
const MIN_SILENCE_S = 60;
const VERSION = /^mosquitto version (\d{1,6}\.\d{1,6}[\w.~+-]{0,32})$/;
const SECONDS = /^(\d{1,12}) seconds$/;

/** Topics of `sys_tree.c` of 1.6, 2.0 and 2.1, below `$SYS/broker/`. */
const FIELDS: Readonly<Record<string, SysField>> = {
  'clients/total': 'mqtt.broker.clients.total',
  'clients/maximum': 'mqtt.broker.clients.maximum',
  'clients/connected': 'mqtt.broker.clients.connected',
  'clients/active': 'mqtt.broker.clients.connected',
  'clients/disconnected': 'mqtt.broker.clients.disconnected',
  'clients/inactive': 'mqtt.broker.clients.disconnected',
  'clients/expired': 'mqtt.broker.clients.expired',
  'messages/received': 'mqtt.broker.messages.received',
  'messages/sent': 'mqtt.broker.messages.sent',
  'messages/stored': 'mqtt.broker.messages.stored',
  'messages/inflight': 'mqtt.broker.messages.inflight',
  'store/messages/count': 'mqtt.broker.messages.stored',
  'store/messages/bytes': 'mqtt.broker.messages.stored_bytes',
  'retained messages/count': 'mqtt.broker.messages.retained',
  'subscriptions/count': 'mqtt.broker.subscriptions',
  'shared_subscriptions/count': 'mqtt.broker.shared_subscriptions',
  'heap/current': 'mqtt.broker.heap.current',
  'heap/current size': 'mqtt.broker.heap.current',
  'heap/maximum': 'mqtt.broker.heap.maximum',
  'heap/maximum size': 'mqtt.broker.heap.maximum',
  'publish/messages/received': 'mqtt.broker.publish.received',
  'publish/messages/sent': 'mqtt.broker.publish.sent',
  'publish/messages/dropped': 'mqtt.broker.publish.dropped',
  'publish/bytes/received': 'mqtt.broker.publish.bytes.received',
  'publish/bytes/sent': 'mqtt.broker.publish.bytes.sent',
  'bytes/received': 'mqtt.broker.bytes.received',
  'bytes/sent': 'mqtt.broker.bytes.sent',
  'packet/out/count': 'mqtt.broker.packet_out.count',
  'packet/out/bytes': 'mqtt.broker.packet_out.bytes',
  'connections/socket/count': 'mqtt.broker.socket_connections',
  ...loads(),
};

/** Topics of the broker's own numbers. */
export function ownsTopic(topic: string): boolean {
  return topic.startsWith(BROKER) && !topic.startsWith(BRIDGES);
}

/** As in `Pulse`: every update of the numbers begins with the uptime. */
export function nodeOf(topic: string): string | undefined {
  return topic === `${BROKER}${UPTIME}` ? '' : undefined;
}

/**
 * The numbers of `$SYS/broker/…`. At each interval the broker publishes the uptime, then the numbers that have changed.
 * They are retained: the first update after subscribing has all of them.
 */
export class MosquittoNumbers {
  private readonly numbers: SysNumbers;
  private uptimeS: number | undefined;
  private intervalS: number | undefined;

  /** @param saved what `state` gave */
  constructor(saved?: JsonValue) {
    const state =
      typeof saved === 'object' && saved !== null && !Array.isArray(saved) ? (saved as JsonObject) : {};
    this.numbers = new SysNumbers(true, state.numbers);
    this.uptimeS = typeof state.uptime === 'number' ? state.uptime : undefined;
    this.intervalS = typeof state.interval === 'number' ? state.interval : undefined;
  }

  /** @returns the version of the broker, where the message tells it */
  message({ topic, payload, seen }: MqttMessage, emit: Emit): string | undefined {
    const name = topic.slice(BROKER.length);
    const text = payload.toString('latin1', 0, 256);
    if (name === 'version') return VERSION.exec(text)?.[1];
    const seconds = name === UPTIME ? SECONDS.exec(text)?.[1] : undefined;
    if (seconds !== undefined) this.follow(Number(seconds), emit);
    const field = name === UPTIME ? 'mqtt.broker.uptime' : fieldOf(name);
    tell(this.numbers.take(name, field, seconds ?? text, seen), emit);
    return undefined;
  }

  /** Nothing will follow: emits the interval in hand. */
  finish(emit: Emit): void {
    tell(this.numbers.finish(), emit);
  }

  /** Plain JSON, bounded. */
  state(): JsonObject {
    const { numbers, uptimeS, intervalS } = this;
    return {
      numbers: numbers.state(),
      ...(uptimeS !== undefined && { uptime: uptimeS }),
      ...(intervalS !== undefined && { interval: intervalS }),
    };
  }

  /** After a restart, or a silence so long that changes may be lost, the numbers so far do not hold any more. */
  private follow(uptimeS: number, emit: Emit): void {
    const { uptimeS: before, intervalS } = this;
    this.uptimeS = uptimeS;
    if (before === undefined) return;
    const passedS = uptimeS - before;
    const isSilence =
      intervalS !== undefined && passedS > Math.max(MIN_SILENCE_S, SILENT_INTERVALS * intervalS);
    if (passedS < 0 || isSilence) {
      tell(this.numbers.end(), emit);
      this.numbers.clear();
      this.intervalS = undefined;
    } else if (passedS > 0) this.intervalS = passedS;
  }
}

/** Not every broker that has these topics keeps its clients from publishing there: a name may be `constructor`. */
function fieldOf(name: string): SysField | undefined {
  return Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
}

function tell(complete: SysDocument | undefined, emit: Emit): void {
  if (complete !== undefined) emitSysNumbers(complete, undefined, emit);
}

function loads(): Record<string, SysField> {
  const rates = [
    'connections',
    'sockets',
    'messages/received',
    'messages/sent',
    'publish/received',
    'publish/sent',
  ];
  const fields: Record<string, SysField> = {};
  for (const rate of [...rates, 'publish/dropped', 'bytes/received', 'bytes/sent'])
    for (const window of ['1min', '5min', '15min'])
      fields[`load/${rate}/${window}`] = `mqtt.broker.load.${rate.replace('/', '.')}.${window}` as SysField;
  return fields;
}
