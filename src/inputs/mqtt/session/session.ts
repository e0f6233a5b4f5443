import type { IConnackPacket, MqttClient } from 'mqtt';
import { reasonOf } from '../../../core/errors.ts';
import type { InputHost } from '../../../core/input.ts';
import { isObject } from '../../../core/json/object.ts';
import type { MqttInputConfig } from '../config.ts';
import type { RetryTimer } from '../connection/retry-timer.ts';
import type { Redelivery } from '../messages/redelivery.ts';
import type { MirrorReports } from '../reports.ts';
import { type Held, Subscriptions } from './subscriptions.ts';

interface Parts {
  readonly config: MqttInputConfig;
  readonly clientId: string;
  readonly host: InputHost;
  readonly reports: MirrorReports;
  readonly redelivery: Redelivery;
  readonly retry: RetryTimer;
}

/** The session that a broker keeps for a mirror over its connections and runs: its subscriptions, and what is lost with it. */
export class MirrorSession {
  private readonly parts: Parts;
  private readonly subscriptions: Subscriptions;
  /** The connection that carries it; undefined: none does. */
  private client: MqttClient | undefined;
  private everConnected = false;

  constructor(parts: Parts) {
    this.parts = parts;
    this.subscriptions = new Subscriptions(parts.config);
  }

  /** Why filters are refused, and what would allow them; one sentence each. */
  get refused(): readonly string[] {
    return this.subscriptions.refused;
  }

  /** A connection carries it: tells what is missing since the one before, and asks for what is to be received. */
  resume(client: MqttClient, connack: IConnackPacket): void {
    const { reports, redelivery } = this.parts;
    const { sessionPresent } = connack;
    const before = this.everConnected ? this.subscriptions.all : this.recall();
    if (!sessionPresent) {
      if (before !== undefined)
        reports.gap('session_lost', 'the broker has lost our session: messages sent meanwhile are missing');
      else if (this.formerId !== undefined)
        reports.gap(
          'session_lost',
          `the client id was "${this.formerId}" before: what the broker keeps for it is missing`,
        );
      redelivery.forget();
    } else if (this.everConnected) {
      reports.gap('connection_lost', 'the connection was lost: messages of QoS 0 sent meanwhile are missing');
    }
    this.subscriptions.assume((sessionPresent ? before : undefined) ?? new Map());
    this.everConnected = true;
    this.client = client;
    void this.subscribe(client, connack, 0);
  }

  /** No connection carries it any more. */
  suspend(): void {
    this.client = undefined;
  }

  /** What our session with this broker held when the last run ended; undefined: there was none. */
  private recall(): Held | undefined {
    const { config, clientId, host } = this.parts;
    const facts = host.facts.recall();
    if (facts?.url !== config.url || facts.client_id !== clientId) return undefined;
    const { filters } = facts;
    return isObject(filters)
      ? new Map(Object.entries(filters).map(([filter, terms]) => [filter, String(terms)]))
      : undefined;
  }

  /** Under which id the last run had its session with this broker, where it was another one. */
  private get formerId(): string | undefined {
    const { config, clientId, host } = this.parts;
    const { url, client_id: former } = host.facts.recall() ?? {};
    return url === config.url && typeof former === 'string' && former !== clientId ? former : undefined;
  }

  /** Refused filters are asked for again and again: somebody may change the broker's rules. */
  private async subscribe(client: MqttClient, connack: IConnackPacket, attempt: number): Promise<void> {
    const { subscriptions } = this;
    const { config, clientId, host, reports, retry } = this.parts;
    const told = subscriptions.refused;
    try {
      await subscriptions.bring(client, connack);
    } catch (error) {
      if (client === this.client) reports.report(`cannot subscribe: ${reasonOf(error)}`);
      return;
    }
    if (client !== this.client) return;
    for (const sentence of subscriptions.limited) host.log.warn({ input: host.name }, sentence);
    const filters = Object.fromEntries(subscriptions.all);
    host.facts.keep({ url: config.url, client_id: clientId, filters });
    const { refused } = subscriptions;
    reports.receiving(refused.filter((one) => !told.includes(one)));
    if (refused.length === 0) reports.recovered();
    else retry.later(attempt, () => void this.subscribe(client, connack, attempt + 1));
  }
}
