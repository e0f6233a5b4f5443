import { setTimeout as delay } from 'node:timers/promises';
import { connect, type MqttClient } from 'mqtt';
import { Mosquitto } from '../support/mosquitto.ts';
import type { Cleanup } from '../support/temp.ts';
import { until } from '../support/wait.ts';
import { topicOf } from './arrivals.ts';
import type { Random } from './random.ts';
import type { Way } from './scenario.ts';

/** Messages that a publisher has under way. */
const WINDOW = 10;
const PAUSE_MS = 40;
const CLIENT = 'chaos-probe';
const RECEIVED = /Received PUBLISH from writer\d \(d\d, q\d, r\d, m\d+, 'plant\/(?:out\/)?(\d+)'/g;

/** A real Mosquitto that is restarted, with a publisher of QoS 1 and one of QoS 2, and a session of ours that stays. */
export class MqttWay implements Way {
  readonly input: string;
  /** Nothing of QoS 0 is sent, which the probe cannot know. */
  readonly told = /^input-gap: .* the connection was lost: messages of QoS 0 /;
  written = 0;
  private readonly broker: Mosquitto;
  private readonly random: Random;
  private readonly clients: MqttClient[];
  private stopped = false;
  private publishing: Promise<unknown> = Promise.resolve();
  private received: Map<number, number> | undefined;

  private constructor(t: Cleanup, broker: Mosquitto, random: Random) {
    this.broker = broker;
    this.random = random;
    this.input = `{type: mqtt, url: "mqtt://127.0.0.1:${broker.port}", client_id: ${CLIENT}, topics: "plant/#", exclude: [{topic: "plant/out/#"}]}`;
    this.clients = [1, 2].map((qos) =>
      connect(`mqtt://127.0.0.1:${broker.port}`, {
        clientId: `writer${qos}`,
        clean: false,
        reconnectPeriod: 100,
      }),
    );
    for (const client of this.clients) {
      client.on('error', () => {});
      t.after(() => client.end(true));
    }
  }

  static async start(t: Cleanup, directory: string, random: Random): Promise<MqttWay> {
    const kept = `persistence true\npersistence_location ${directory}/\nmax_queued_messages 0`;
    return new MqttWay(t, await Mosquitto.start(t, directory, kept), random);
  }

  /** A session has to be there before the first message. */
  async begin(): Promise<void> {
    await until(
      () => this.broker.log().includes(`Sending SUBACK to ${CLIENT}`),
      () => this.broker.log().slice(-1000),
    );
    this.publishing = Promise.all(this.clients.map((client, i) => this.publish(client, i === 0 ? 1 : 2)));
    // `end` tells of it; without it, when a run breaks off, the clients are ended meanwhile.
    this.publishing.catch(() => {});
  }

  /** In good order: after a crash the broker itself may have lost what it had acknowledged. */
  async disturb(): Promise<string> {
    await this.broker.stop();
    await delay(this.random.below(300));
    await this.broker.start();
    return 'broker restart';
  }

  async end(): Promise<void> {
    this.stopped = true;
    await this.publishing;
    for (const client of this.clients) await client.endAsync();
  }

  /** How often the broker was given it: a publisher whose acknowledgement was lost with the broker sends again. */
  times(n: number): number {
    if (this.received === undefined) {
      this.received = new Map();
      for (const [, digits] of this.broker.log().matchAll(RECEIVED))
        this.received.set(Number(digits), (this.received.get(Number(digits)) ?? 0) + 1);
    }
    return this.received.get(n) ?? 0;
  }

  private async publish(client: MqttClient, qos: 1 | 2): Promise<void> {
    while (!this.stopped) {
      const numbers = Array.from({ length: WINDOW }, () => this.written++);
      await Promise.all(numbers.map((n) => client.publishAsync(topicOf(n), `payload ${n}`, { qos })));
      await delay(PAUSE_MS);
    }
  }
}
