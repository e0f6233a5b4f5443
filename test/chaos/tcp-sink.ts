import { setImmediate as turn } from 'node:timers/promises';
import { Receiver } from '../support/receiver.ts';
import type { Cleanup } from '../support/temp.ts';
import { until } from '../support/wait.ts';
import { Arrivals } from './arrivals.ts';
import type { Sink } from './scenario.ts';

/** A receiver of lines that stops, resets its connections and pauses. It reads what has come before it resets. */
export class TcpSink implements Sink {
  readonly arrivals = new Arrivals();
  readonly output: string;
  private receiver: Receiver;
  private readonly port: number;

  private constructor(t: Cleanup, receiver: Receiver) {
    this.receiver = receiver;
    this.port = receiver.port;
    this.output = `{type: logstash, hosts: "127.0.0.1:${this.port}", confirm_after: 1s}`;
    t.after(() => this.receiver.stop());
  }

  static async start(t: Cleanup): Promise<TcpSink> {
    const take = (line: string): void => sink.arrivals.take(JSON.parse(line));
    const sink = new TcpSink(t, await Receiver.start(0, { take }));
    return sink;
  }

  idle(): Promise<void> {
    return until(
      () => this.receiver.sockets.size === 0,
      () => 'the connection of a killed probe',
    );
  }

  async down(): Promise<void> {
    await this.read();
    await this.receiver.stop();
  }

  async up(): Promise<void> {
    this.receiver = await Receiver.start(this.port, { take: (line) => this.arrivals.take(JSON.parse(line)) });
  }

  async cut(): Promise<void> {
    await this.read();
    this.receiver.reset();
  }

  /** Confirmed is what a connection has outlived, when the receiver keeps up; so this one does, however busy the machine. */
  private async read(): Promise<void> {
    for (let i = 0; i < 20; i++) await turn();
  }
}
