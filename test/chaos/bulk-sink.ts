import { type BulkItem, BulkServer, type Reaction, type Refusal } from '../support/bulk-server.ts';
import { CuttingProxy } from '../support/cutting-proxy.ts';
import type { Cleanup } from '../support/temp.ts';
import { Arrivals, type Arrived, numberIn } from './arrivals.ts';
import type { Random } from './random.ts';
import type { Sink } from './scenario.ts';

/** Events with such a number are refused for good. */
const POISON = 101;

/**
 * A hostile bulk server behind a proxy that is cut: refuses requests and items for now and some for good, and cuts
 * connections before it has stored anything and after it has stored everything.
 */
export class BulkSink implements Sink {
  readonly arrivals = new Arrivals();
  readonly output: string;
  private readonly proxy: CuttingProxy;
  private readonly server: BulkServer;
  private readonly random: Random;
  private readonly lost: () => void;
  private readonly refused = new Set<string>();

  private constructor(server: BulkServer, proxy: CuttingProxy, random: Random, lost: () => void) {
    this.proxy = proxy;
    this.server = server;
    this.random = random;
    this.lost = lost;
    this.output = `{type: elasticsearch, nodes: "${proxy.url}", batch: {events: 500, delay: 50ms}}`;
    server.react = () => this.react();
    server.judge = (item) => this.judge(item);
  }

  /** @param lost called when the answer to something that was stored does not leave */
  static async start(t: Cleanup, random: Random, lost: () => void): Promise<BulkSink> {
    const server = await BulkServer.start();
    const proxy = await CuttingProxy.start(server.url);
    t.after(() => server.stop());
    t.after(() => proxy.stop());
    return new BulkSink(server, proxy, random, lost);
  }

  idle(): Promise<void> {
    return this.proxy.idle();
  }

  down(): Promise<void> {
    return this.proxy.shut(true);
  }

  up(): Promise<void> {
    return this.proxy.shut(false);
  }

  async cut(): Promise<void> {
    await this.down();
    await this.up();
  }

  isRefused(n: number): boolean {
    return n % POISON === 0;
  }

  private react(): Reaction {
    if (this.random.chance(0.03)) return { status: 429 };
    if (this.random.chance(0.03)) return { status: 503 };
    if (this.random.chance(0.02)) return 'cut-before';
    if (!this.random.chance(0.03)) return undefined;
    // Once everything is stored.
    queueMicrotask(this.lost);
    return 'cut-after';
  }

  /** What is not refused is stored. */
  private judge(item: BulkItem): Refusal | undefined {
    const event: Arrived = item.source as Arrived;
    const n = numberIn(event);
    if (n !== undefined && this.isRefused(n)) {
      // Refused again is not stored again.
      if (!this.refused.has(event.event.id)) this.arrivals.take(event);
      this.refused.add(event.event.id);
      return { status: 400, type: 'document_parsing_exception', reason: 'not for me' };
    }
    const isStored = this.server.stored.has(`${item.index} ${item.id}`);
    if (!isStored && this.random.chance(0.01))
      return { status: 429, type: 'es_rejected_execution_exception', reason: 'not now' };
    this.arrivals.take(event);
    return undefined;
  }
}
