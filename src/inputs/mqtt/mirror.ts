import type { IConnackPacket, MqttClient } from 'mqtt';
import type { Input, InputHost } from '../../core/input.ts';
import type { Journal } from '../../core/source.ts';
import type { MqttInputConfig } from './config.ts';
import { connectMirror, type MirrorConnection } from './connection/connect.ts';
import { failureWords, isBridgeRefusal, isEnding, isTakeover } from './connection/failure.ts';
import { MAX_PAUSE_MS, RetryTimer } from './connection/retry-timer.ts';
import { Acknowledger } from './messages/acknowledger.ts';
import { MessageTaker } from './messages/message-taker.ts';
import { Redelivery } from './messages/redelivery.ts';
import { Room } from './messages/room.ts';
import { PulseWatch } from './pulse-watch.ts';
import { MirrorReports } from './reports.ts';
import { MirrorSession } from './session/session.ts';

/**
 * A connection that ends sooner counts as a failed attempt: two clients with one id that take over from each other wait
 * longer and longer.
 */
const STABLE_MS = MAX_PAUSE_MS;
/**
 * Keeps MQTT.js from acknowledging by itself; the next packet is handled at once. One for all: to make an error costs as
 * much as everything else that is done with a message.
 */
const ACKNOWLEDGED_LATER = new Error('acknowledged later');

/**
 * Mirrors the traffic of a broker: subscribes like a bridge, admits each message to the journal, and acknowledges it only
 * then. Never publishes.
 */
export class MqttMirror implements Input {
  private readonly config: MqttInputConfig;
  private readonly clientId: string;
  private readonly host: InputHost;
  private readonly journal: Journal;
  private readonly reports: MirrorReports;
  private readonly pulse: PulseWatch | undefined;
  private readonly redelivery: Redelivery;
  private readonly taker: MessageTaker;
  private readonly session: MirrorSession;
  private readonly retry = new RetryTimer();
  private readonly stopping = new AbortController();
  private client: MqttClient | undefined;
  private failures = 0;
  /** Connections in a row that the broker has taken and ended soon, with no complaint. */
  private endings = 0;
  private connectedAt = 0;
  /** With 3.1.1: the bridge bit is set. Some brokers do not know it. */
  private asBridge = true;
  private lastError: unknown;

  constructor(config: MqttInputConfig, clientId: string, host: InputHost) {
    this.config = config;
    this.clientId = clientId;
    this.host = host;
    const { signal } = this.stopping;
    const { retry } = this;
    const journal = host.journal();
    const reports = new MirrorReports(config.url, host, journal, signal);
    const redelivery = new Redelivery();
    const pulse =
      host.pulse && new PulseWatch(host.pulse, (reason, node, ms) => reports.silence(reason, node, ms));
    const room = new Room({ host, journal, reports, reconnect: () => this.reconnect(), signal });
    this.journal = journal;
    this.reports = reports;
    this.pulse = pulse;
    this.redelivery = redelivery;
    this.taker = new MessageTaker({ policy: config.payload, host, journal, redelivery, pulse, room });
    this.session = new MirrorSession({ config, clientId, host, reports, redelivery, retry });
  }

  async start(): Promise<void> {
    await this.taker.recall();
    this.connect();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    this.pulse?.stop();
    this.retry.cancel();
    this.session.suspend();
    const { client } = this;
    this.client = undefined;
    if (client === undefined) return;
    await new Promise<void>((resolve) => {
      // One that the broker has not taken yet says no DISCONNECT, and would go on connecting.
      client.end(!client.connected, {}, () => resolve());
      setTimeout(() => {
        client.stream.destroy();
        resolve();
      }, 1000).unref();
    });
  }

  problems(): readonly string[] {
    const { problem } = this.reports;
    return problem === '' ? this.session.refused : [problem];
  }

  private connect(): void {
    if (this.stopping.signal.aborted) return;
    let connection: MirrorConnection;
    try {
      connection = connectMirror(this.config, this.clientId, false, this.asBridge);
    } catch (error) {
      this.disconnected(undefined, error);
      return;
    }
    const { client, cutBytes } = connection;
    this.client = client;
    const { redelivery } = this;
    const acknowledger = new Acknowledger(client.stream, (packetId) => redelivery.acknowledged(packetId));
    client.handleMessage = (packet, done) => {
      const cut = cutBytes(packet.length ?? 0);
      const result = this.taker.take(packet, cut, acknowledger) ? undefined : ACKNOWLEDGED_LATER;
      const relief = this.journal.relief();
      if (relief === undefined) done(result);
      else void relief.then(() => done(result));
    };
    client.on('packetsend', ({ cmd }) => cmd === 'pingreq' && redelivery.pinged());
    client.on('packetreceive', ({ cmd }) => cmd === 'pingresp' && redelivery.ponged());
    client.on('connect', (connack) => this.connected(client, connack));
    client.on('error', (error) => {
      this.lastError = error;
      // MQTT.js goes on behind a packet that is none, without what came with it.
      client.stream.destroy();
    });
    client.on('disconnect', (packet) => {
      this.lastError = Object.assign(new Error(`disconnected by the broker`), {
        code: packet.reasonCode ?? 0,
      });
    });
    client.once('close', () => this.disconnected(client, this.lastError));
  }

  private connected(client: MqttClient, connack: IConnackPacket): void {
    this.connectedAt = performance.now();
    if (!this.asBridge)
      this.host.log.warn(
        { input: this.host.name },
        'this broker takes no bridges: messages come without their retain flag ("protocol: 5" keeps it where the broker speaks it)',
      );
    const session = connack.sessionPresent;
    this.host.log.info({ input: this.host.name, session }, 'connected to the broker');
    this.pulse?.start();
    this.session.resume(client, connack);
  }

  private disconnected(client: MqttClient | undefined, error: unknown): void {
    if (client !== this.client || this.stopping.signal.aborted) return;
    this.client = undefined;
    this.session.suspend();
    this.pulse?.stop();
    this.lastError = undefined;
    const isTaken = this.connectedAt > 0;
    const stable = isTaken && performance.now() - this.connectedAt >= STABLE_MS && !isTakeover(error);
    if (this.config.protocol === 4)
      this.asBridge = isTaken || (isBridgeRefusal(error) ? !this.asBridge : this.asBridge);
    this.connectedAt = 0;
    this.failures = stable ? 0 : this.failures + 1;
    this.endings = isTaken && isEnding(error) ? (stable ? 1 : this.endings + 1) : 0;
    const { clientId, endings } = this;
    const words = failureWords(error, isTaken ? { clientId, endings } : undefined);
    this.reports.report(`${this.config.url}: ${words}`, endings === 1 ? 'warn' : 'error');
    client?.removeAllListeners();
    client?.on('error', () => {});
    this.retry.later(this.failures, () => this.connect());
  }

  /** The broker sends what it was not acknowledged only on a new connection. */
  private reconnect(): void {
    this.lastError = new Error('connecting again for the messages that were left with the broker');
    // It is no failure: it has not to wait longer each time.
    this.failures = 0;
    this.client?.stream.destroy();
  }
}
