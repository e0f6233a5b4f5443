import { createHmac } from 'node:crypto';
import { isIPv4, isIPv6 } from 'node:net';
import type { EventKind, Slot } from '../../core/event.ts';

/** What is hidden, and the secret of the digests. */
interface PrivacyPolicy {
  readonly clientId: boolean;
  readonly user: boolean;
  readonly topic: boolean;
  readonly ip: boolean;
  readonly key: Buffer;
}

type Category = 'clientId' | 'user' | 'topic' | 'ip';

/** Fields that say something about a person or a device, by what the configuration calls it. */
const FIELDS: Readonly<Record<Category, readonly string[]>> = {
  clientId: ['mqtt.client.id', 'mqtt.publisher.client.id'],
  user: ['user.name', 'user.target.name', 'mqtt.publisher.user.name', 'related.user'],
  topic: [
    'mqtt.topic',
    'mqtt.topic_root',
    'mqtt.subscription.filter',
    'mqtt.subscription.share_group',
    'mqtt.will.topic',
    'mqtt.properties.response_topic',
    // Those that have a slot come from named levels.
    'labels',
  ],
  ip: ['source.ip', 'source.address', 'related.ip'],
};
/** Fields with words of a broker or client that can hold any of it. */
const FREE_TEXT: ReadonlySet<string> = new Set([
  'error.message',
  'mqtt.bridge.name',
  'mqtt.alarm.name',
  'mqtt.alarm.details',
  'mqtt.client.alias',
  'mqtt.client.attributes',
  'mqtt.log.fields',
  'mqtt.audit.request',
  'mqtt.auth.method',
  'mqtt.properties.content_type',
  'mqtt.properties.correlation_data',
  'mqtt.user_properties',
  'tls.client.server_name',
  'tls.client.subject',
  'tls.client.x509.subject.common_name',
  'tls.client.x509.serial_number',
]);

/** Hex digits of a digest: 128 bits. */
const DIGEST_DIGITS = 32;
const REMEMBERED = 4096;
/** Longer names are not remembered: a client may choose 65,535 bytes. */
const REMEMBERED_CHARS = 256;
/** IPv4 keeps 24 bits, IPv6 48 (the network of a site). */
const V6_GROUPS = 3;

type Hide = (value: Slot) => Slot;

/**
 * Hides who and what events are about, before they leave the normalizer: names become keyed digests (the same name gives the
 * same digest, so that events can still be counted and joined), addresses lose their last part. Texts that may hold a name
 * are left out, and the message becomes a sentence of the fields that remain.
 */
export class Privacy {
  private readonly policy: PrivacyPolicy;
  private readonly plans = new Map<EventKind, readonly (Hide | undefined)[]>();
  private readonly digests = new Map<string, string>();

  constructor(policy: PrivacyPolicy) {
    this.policy = policy;
  }

  /** The values of an event with everything hidden that the policy names. */
  values(kind: EventKind, values: readonly Slot[]): readonly Slot[] {
    let plan = this.plans.get(kind);
    if (plan === undefined) {
      plan = kind.slots.map((slot) => this.hiding(slot));
      this.plans.set(kind, plan);
    }
    return values.map((value, i) => {
      const hide = plan[i];
      return hide === undefined || value === undefined ? value : hide(value);
    });
  }

  /** What stands in the place of a message: the action and the hidden names. */
  message(kind: EventKind, values: readonly Slot[]): string {
    const named = ['mqtt.client.id', 'user.name', 'mqtt.topic', 'mqtt.subscription.filter', 'source.ip']
      .map((field) => [field, values[kind.slots.indexOf(field)]] as const)
      .filter(([, value]) => value !== undefined)
      .map(([field, value]) => `${field}=${value}`);
    return [kind.action, ...named].join(' ');
  }

  /** A keyed digest of a text, 32 hex digits. */
  digest(text: string): string {
    const known = this.digests.get(text);
    if (known !== undefined) return known;
    const digest = createHmac('sha256', this.policy.key).update(text).digest('hex').slice(0, DIGEST_DIGITS);
    if (text.length > REMEMBERED_CHARS) return digest;
    if (this.digests.size >= REMEMBERED) this.digests.clear();
    this.digests.set(text, digest);
    return digest;
  }

  private hiding(slot: string): Hide | undefined {
    if (FREE_TEXT.has(slot)) return () => undefined;
    for (const category of Object.keys(FIELDS) as Category[]) {
      if (!this.policy[category] || !FIELDS[category].includes(slot)) continue;
      return each(category === 'ip' ? truncated : (text) => this.digest(text));
    }
    return undefined;
  }
}

function each(hide: (text: string) => string | undefined): Hide {
  return (value) => {
    if (typeof value === 'string') return hide(value);
    if (!Array.isArray(value)) return undefined;
    const hidden = value.map((item) => hide(String(item))).filter((item) => item !== undefined);
    return hidden.length === 0 ? undefined : hidden;
  };
}

/** The network of an address; undefined for what is no IP address. */
export function truncated(address: string): string | undefined {
  if (isIPv4(address)) return `${address.slice(0, address.lastIndexOf('.'))}.0`;
  if (!isIPv6(address)) return undefined;
  const [head = ''] = address.split('%');
  const [front = '', back] = head.split('::');
  const given = front === '' ? [] : front.split(':');
  const zeros = back === undefined ? 0 : 8 - given.length - (back === '' ? 0 : back.split(':').length);
  const groups = [...given, ...Array<string>(zeros).fill('0'), ...(back ?? '').split(':')].slice(
    0,
    V6_GROUPS,
  );
  return `${groups.map((group) => Number.parseInt(group || '0', 16).toString(16)).join(':')}::`;
}
