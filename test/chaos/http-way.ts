import { freePort } from '../support/mosquitto.ts';
import { WebHook } from '../support/web-hook.ts';
import { topicOf } from './arrivals.ts';
import type { Way } from './scenario.ts';

/** Web hooks of an EMQX, in arrays over several connections, which break now and then: what was not answered comes again. */
export class HttpWay implements Way {
  readonly input: string;
  private readonly port: number;
  private hook: WebHook | undefined;

  private constructor(port: number) {
    this.port = port;
    this.input = `{type: http, listen: "127.0.0.1:${port}", exclude: [{topic: "plant/out/#"}]}`;
  }

  static async start(): Promise<HttpWay> {
    return new HttpWay(await freePort());
  }

  get written(): number {
    return this.hook?.next ?? 0;
  }

  async begin(): Promise<void> {
    const event = (n: number): object => ({
      event: 'message.publish',
      clientid: 'writer',
      topic: topicOf(n),
      qos: 1,
      payload: `payload ${n}`,
      timestamp: Date.now(),
    });
    this.hook = new WebHook(this.port, event, { connections: 4, events: 10, pauseMs: 60 });
  }

  async disturb(): Promise<string> {
    this.hook?.cut();
    return 'requests broken off';
  }

  async end(): Promise<void> {
    await this.hook?.stop();
  }

  /** An event that comes again is recognised, unless the connection broke when the answer was on its way. */
  times(n: number): number {
    return this.hook?.attempts[n] ?? 0;
  }
}
