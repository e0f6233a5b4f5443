import { setTimeout as delay } from 'node:timers/promises';
import type { IPublishPacket, ISubscriptionMap, MqttClient } from 'mqtt';
import { BlockedError } from '../../core/errors.ts';
import { connectMirror } from '../../inputs/mqtt/connection/connect.ts';
import { failureWords } from '../../inputs/mqtt/connection/failure.ts';
import { compileFilter } from '../../inputs/mqtt/session/filters.ts';
import { aclAdvice } from '../../inputs/mqtt/session/subscriptions.ts';
import type { MirrorPlace, Share } from '../doctor.ts';

const CONNECT_TIMEOUT_MS = 10_000;
/** The broker sends its counters one after the other: how long the last may be behind the first. */
const COUNTERS_MS = 300;
/** Retained values come at once when they may be read. */
const RETAINED_MS = 2000;
/** Publishes that are enough to tell a share by. */
const ENOUGH = 200;
const MAX_TOPICS = 50_000;
const REFUSED = 0x80;
const UPTIME = '$SYS/broker/uptime';
const RECEIVED = '$SYS/broker/publish/messages/received';
const DROPPED = '$SYS/broker/publish/messages/dropped';
const VERSION = '$SYS/broker/version';

/** What a client with the mirror's rights gets. */
export interface Observation {
  /** Why it got nothing, for people; undefined: it was connected. */
  readonly failure?: string;
  /** Subscriptions that the broker refused, with what to do. */
  readonly refused: readonly string[];
  /** `$SYS` can be read. */
  readonly seesSystem: boolean;
  readonly version?: string | undefined;
  /** undefined: the counters did not move, or not twice. */
  readonly share?: Share | undefined;
  /** Messages that the broker dropped meanwhile. */
  readonly dropped: number;
  /** Topics of the messages that came. */
  readonly topics: ReadonlySet<string>;
}

/** The counters at one moment, and what had come until then. */
interface Tick {
  readonly at: number;
  readonly seen: number;
  published: number | undefined;
}

/**
 * Subscribes as the mirror does, with a client id of its own and a session that ends with the connection, and counts.
 * The broker is one thread: what came before its counters in the connection was published before it counted.
 * @param clientId of this connection
 */
export async function observe(
  { settings }: MirrorPlace,
  clientId: string,
  observeMs: number,
): Promise<Observation> {
  const nothing = { refused: [], seesSystem: false, dropped: 0, topics: new Set<string>() };
  let client: MqttClient;
  try {
    ({ client } = connectMirror({ ...settings, protocol: 5, session_expiry: 0 }, clientId, true));
  } catch (error) {
    if (error instanceof BlockedError) return { ...nothing, failure: error.message };
    throw error;
  }
  const watch = new Watch();
  client.on('message', (topic, payload, packet) => watch.take(topic, payload, packet));
  try {
    const failure = await connected(client);
    if (failure !== undefined) return { ...nothing, failure };
    const refused = await subscribe(client, settings.topics, settings.user);
    await watch.until(RETAINED_MS, () => watch.uptime !== undefined);
    if (watch.uptime === undefined) return { ...nothing, refused, topics: watch.topics };
    await watch.until(observeMs, () => watch.isEnough);
    await delay(COUNTERS_MS);
    return {
      refused,
      seesSystem: true,
      version: watch.version,
      share: watch.share,
      dropped: watch.dropped,
      topics: watch.topics,
    };
  } finally {
    client.on('error', () => {});
    await client.endAsync(true);
  }
}

function connected(client: MqttClient): Promise<string | undefined> {
  return new Promise((resolve) => {
    client.once('connect', () => resolve(undefined));
    client.once('error', (error) => resolve(failureWords(error)));
    client.once('close', () => resolve('the broker closes the connection'));
    setTimeout(() => resolve(`no answer within ${CONNECT_TIMEOUT_MS / 1000} s`), CONNECT_TIMEOUT_MS).unref();
  });
}

/** @returns what the broker refused */
async function subscribe(
  client: MqttClient,
  topics: readonly { readonly filter: string }[],
  user: string | undefined,
): Promise<string[]> {
  const filters: ISubscriptionMap = {};
  for (const name of topics.map(({ filter }) => compileFilter(filter).filter)) {
    if (!name.startsWith('$SYS/')) filters[name] = { qos: 0, nl: true, rap: false, rh: 2 };
  }
  for (const name of [UPTIME, RECEIVED, DROPPED, VERSION]) filters[name] = { qos: 0, rap: false, rh: 0 };
  return new Promise((resolve) => {
    client.subscribe(filters, (error, _granted, packet) => {
      const codes = packet?.granted ?? [];
      const names = Object.keys(filters);
      if (codes.length === 0 && error !== null) resolve([error.message]);
      else
        resolve(names.filter((_, i) => Number(codes[i]) >= REFUSED).map((filter) => aclAdvice(filter, user)));
    });
  });
}

/** Counts what comes. */
class Watch {
  uptime: string | undefined;
  version: string | undefined;
  readonly topics = new Set<string>();
  private seen = 0;
  private published: number | undefined;
  private readonly ticks: Tick[] = [];
  private readonly drops: number[] = [];
  private wake: () => void = () => {};

  take(topic: string, payload: Buffer, { retain }: IPublishPacket): void {
    if (!topic.startsWith('$SYS/')) {
      if (retain) return;
      this.seen++;
      if (this.topics.size < MAX_TOPICS) this.topics.add(topic);
      return;
    }
    const text = payload.toString();
    if (topic === UPTIME) {
      this.uptime = text;
      // The first of the broker's counters of one moment.
      if (!retain) this.ticks.push({ at: performance.now(), seen: this.seen, published: this.published });
    } else if (topic === RECEIVED) {
      this.published = Number(text);
      const tick = this.ticks.at(-1);
      if (tick !== undefined) tick.published = this.published;
    } else if (topic === DROPPED) {
      this.drops.push(Number(text));
    } else if (topic === VERSION) {
      this.version = /(\d+\.\d+\S*)/.exec(text)?.[1];
    }
    this.wake();
  }

  get dropped(): number {
    return (this.drops.at(-1) ?? 0) - (this.drops[0] ?? 0);
  }

  get share(): Share | undefined {
    const [first, last] = [this.ticks[0], this.ticks.at(-1)];
    if (first?.published === undefined || last?.published === undefined || first === last) return undefined;
    return {
      published: last.published - first.published,
      seen: last.seen - first.seen,
      seconds: (last.at - first.at) / 1000,
    };
  }

  get isEnough(): boolean {
    return (this.share?.published ?? 0) >= ENOUGH;
  }

  /** Resolves when something holds, or after a time. */
  async until(ms: number, holds: () => boolean): Promise<void> {
    const late = AbortSignal.timeout(ms);
    while (!holds() && !late.aborted) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
        late.addEventListener('abort', () => resolve(), { once: true });
      });
    }
  }
}
