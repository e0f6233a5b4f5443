import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** Pause before a body is sent again. */
const AGAIN_MS = 10;

/** A broker's web hook: sends arrays of numbered events on several connections, each again until it was answered with 200. */
export class WebHook {
  /** Numbers below it are under way or were answered. */
  next = 0;
  /** How often a number was sent to somebody who listened. */
  readonly attempts: number[] = [];
  /** Numbers that were answered with 200. */
  readonly taken = new Set<number>();
  private readonly port: number;
  private readonly event: (n: number) => object;
  private readonly pauseMs: number;
  private agent = new Agent({ keepAlive: true });
  private stopped = false;
  private readonly running: Promise<unknown>;

  /** @param event the body's event of a number */
  constructor(
    port: number,
    event: (n: number) => object,
    { connections, events, pauseMs = 0 }: { connections: number; events: number; pauseMs?: number },
  ) {
    this.port = port;
    this.event = event;
    this.pauseMs = pauseMs;
    this.running = Promise.all(Array.from({ length: connections }, () => this.work(events)));
  }

  /** Breaks off what is under way; it is sent again. */
  cut(): void {
    this.agent.destroy();
    this.agent = new Agent({ keepAlive: true });
  }

  /** Resolves when everything was answered. */
  async stop(): Promise<void> {
    this.stopped = true;
    await this.running;
    this.agent.destroy();
  }

  private async work(events: number): Promise<void> {
    while (!this.stopped) {
      const numbers = Array.from({ length: events }, () => this.next++);
      const body = JSON.stringify(numbers.map(this.event));
      while ((await this.post(body, numbers)) !== 200) await delay(AGAIN_MS);
      for (const n of numbers) this.taken.add(n);
      await delay(this.pauseMs);
    }
  }

  private post(body: string, numbers: readonly number[]): Promise<number> {
    return new Promise((resolve) => {
      const sent = request(
        { port: this.port, host: '127.0.0.1', method: 'POST', path: '/', agent: this.agent },
        (response) => {
          response.resume();
          response.once('close', () => resolve(response.complete ? (response.statusCode ?? 0) : 0));
        },
      );
      const count = (): void => {
        for (const n of numbers) this.attempts[n] = (this.attempts[n] ?? 0) + 1;
      };
      sent.once('socket', (socket) => (socket.connecting ? socket.once('connect', count) : count()));
      sent.once('error', () => resolve(0));
      sent.end(body);
    });
  }
}
