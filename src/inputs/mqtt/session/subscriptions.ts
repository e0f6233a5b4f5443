import type { IConnackPacket, ISubscriptionMap, MqttClient } from 'mqtt';
import type { MqttInputConfig } from '../config.ts';
import { compileFilter, withoutCovered } from './filters.ts';

/** Reason codes from here on are refusals (MQTT 3.1.1 §3.9.3, MQTT 5 §3.9.3). */
const REFUSAL = 0x80;
/** Refusals that no rule of access would change. */
const REFUSALS: Readonly<Record<number, string>> = {
  143: 'it takes no such filter',
  151: 'a quota is exceeded',
  158: 'it knows no shared subscriptions',
  161: 'it knows no subscription identifiers',
  162: 'it knows no wildcards',
};

interface Wanted {
  readonly filter: string;
  readonly qos: 0 | 1;
  /** Subscription Identifier of MQTT 5; undefined: with a single filter it would tell nothing. */
  readonly id: number | undefined;
  /** All that it is asked for with. */
  readonly terms: string;
}

/** Subscriptions of a session: what each filter was asked for with. */
export type Held = ReadonlyMap<string, string>;

/** What a mirror wants from its broker and what the broker's session holds for it; brings the two together. */
export class Subscriptions {
  private readonly wanted: readonly Wanted[];
  private readonly five: boolean;
  private readonly user: string | undefined;
  private held = new Map<string, string>();
  private refusals: readonly string[] = [];
  private limits: readonly string[] = [];

  /** @param config of the mirror */
  constructor(config: MqttInputConfig) {
    this.five = config.protocol === 5;
    const filters = withoutCovered(
      config.topics.map(({ filter, qos }) => ({ filter: compileFilter(filter).filter, qos })),
    );
    this.wanted = filters.map((one, i) => {
      const id = this.five && filters.length > 1 ? i + 1 : undefined;
      return { ...one, id, terms: [config.protocol, one.qos, id].join(' ') };
    });
    this.user = config.user;
  }

  /** What the session holds. */
  get all(): Held {
    return this.held;
  }

  /** Why filters are refused, and what would allow them; one sentence each. */
  get refused(): readonly string[] {
    return this.refusals;
  }

  /** Which filters were granted with less than was asked for, by the last call of `bring`; one sentence each. */
  get limited(): readonly string[] {
    return this.limits;
  }

  /** The session holds these, as far as is known: those of an earlier run, or none when it is new. */
  assume(held: Held): void {
    this.held = new Map(held);
  }

  /**
   * Asks for what is missing, or was asked for otherwise, and gives back what an earlier configuration has left behind.
   * @throws Error when the connection ends first
   */
  async bring(client: MqttClient, { properties }: IConnackPacket): Promise<void> {
    const names = new Set(this.wanted.map(({ filter }) => filter));
    for (const filter of [...this.held.keys()].filter((held) => !names.has(held))) {
      await client.unsubscribeAsync(filter);
      this.held.delete(filter);
    }
    const ids = properties?.subscriptionIdentifiersAvailable !== false;
    const refused: string[] = [];
    const limited: string[] = [];
    for (const one of this.wanted.filter(({ filter, terms }) => this.held.get(filter) !== terms)) {
      const code = await this.subscribe(client, one, ids ? one.id : undefined);
      if (code < REFUSAL) this.held.set(one.filter, one.terms);
      else refused.push(adviceFor(code, one.filter, this.user));
      if (code < one.qos)
        limited.push(
          `the broker gives "${one.filter}" with QoS ${code} only: what it has while the probe is away, or has no room, is lost; Mosquitto's "max_qos", EMQX's "max_qos_allowed"`,
        );
    }
    this.refusals = refused;
    this.limits = limited;
  }

  /** @returns the broker's reason code */
  private subscribe(client: MqttClient, { filter, qos }: Wanted, id: number | undefined): Promise<number> {
    // No Local is an error for a shared subscription (MQTT 5 §3.8.3.1).
    const noLocal = !filter.startsWith('$share/');
    const wish: ISubscriptionMap = {
      [filter]: { qos, ...(this.five && { nl: noLocal, rap: true, rh: 1 }) },
    };
    const properties = id === undefined ? {} : { properties: { subscriptionIdentifier: id } };
    return new Promise((resolve, reject) => {
      client.subscribe(wish, { qos, ...properties }, (error, _granted, packet) => {
        const code = packet?.granted?.[0];
        if (code !== undefined) resolve(Number(code));
        else reject(error ?? new Error(`no answer to the subscription of ${filter}`));
      });
    });
  }
}

function adviceFor(code: number, filter: string, user: string | undefined): string {
  const words = REFUSALS[code];
  return words === undefined
    ? aclAdvice(filter, user)
    : `the broker does not let us subscribe to "${filter}": ${words} (code ${code})`;
}

/** What would let us subscribe, in the words of the brokers' own configuration. */
export function aclAdvice(filter: string, user: string | undefined): string {
  const who = user === undefined ? 'all' : `{username, "${user}"}`;
  const mosquitto = `${user === undefined ? '' : `user ${user} / `}topic read ${filter}`;
  return `the broker does not let us subscribe to "${filter}"; Mosquitto's acl_file: ${mosquitto}; EMQX's acl.conf: {allow, ${who}, subscribe, ["${filter}"]}.`;
}
