import { setTimeout as delay } from 'node:timers/promises';
import { resetSocket } from '../support/certificates.ts';
import { LumberjackServer, type ReceivedWindow } from '../support/lumberjack-server.ts';
import type { Cleanup } from '../support/temp.ts';
import { until } from '../support/wait.ts';
import { Arrivals, type Arrived } from './arrivals.ts';
import type { Random } from './random.ts';
import type { Sink } from './scenario.ts';

const MOST_DELAY_MS = 60;

/**
 * A server that stops, resets, acknowledges late and in parts, loses windows that it has not acknowledged, and
 * acknowledgements of windows that it has taken.
 */
export class LumberjackSink implements Sink {
  readonly arrivals = new Arrivals();
  readonly output: string;
  private server: LumberjackServer;
  private readonly port: number;
  private readonly random: Random;
  private readonly lost: () => void;

  private constructor(t: Cleanup, server: LumberjackServer, random: Random, lost: () => void) {
    this.server = server;
    this.port = server.port;
    this.random = random;
    this.lost = lost;
    this.output = `{type: logstash, protocol: lumberjack, hosts: "127.0.0.1:${this.port}"}`;
    this.listen(server);
    t.after(() => this.server.stop());
  }

  /** @param lost called when the answer to something that was taken does not leave */
  static async start(t: Cleanup, random: Random, lost: () => void): Promise<LumberjackSink> {
    return new LumberjackSink(t, await LumberjackServer.start(), random, lost);
  }

  idle(): Promise<void> {
    return until(
      () => this.server.sockets.size === 0,
      () => 'the connection of a killed probe',
    );
  }

  down(): Promise<void> {
    return this.server.stop();
  }

  async up(): Promise<void> {
    this.server = await LumberjackServer.start(this.port);
    this.listen(this.server);
  }

  async cut(): Promise<void> {
    this.server.reset();
  }

  private listen(server: LumberjackServer): void {
    let working: Promise<void> = Promise.resolve();
    server.onWindow = (window) => {
      working = working.then(() => this.work(window));
    };
  }

  private async work(window: ReceivedWindow): Promise<void> {
    const { events, socket } = window;
    await delay(this.random.below(MOST_DELAY_MS));
    if (socket.destroyed) return;
    if (this.random.chance(0.02)) return resetSocket(socket);
    if (this.random.chance(0.2)) {
      const part = this.random.below(events.length);
      this.take(window, 0, part);
      window.ack(part);
      await delay(this.random.below(MOST_DELAY_MS));
      // The rest is lost with its connection; taken later, it would come after what is sent again.
      if (socket.destroyed) return;
      this.take(window, part, events.length);
    } else this.take(window, 0, events.length);
    if (this.random.chance(0.02)) {
      this.lost();
      resetSocket(socket);
    } else window.ack();
  }

  private take({ events }: ReceivedWindow, from: number, to: number): void {
    for (const event of events.slice(from, to)) this.arrivals.take(event as unknown as Arrived);
  }
}
