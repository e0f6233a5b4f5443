import { CuttingProxy } from '../support/cutting-proxy.ts';
import type { Kind } from '../support/search-server/prepare.ts';
import { SearchServer } from '../support/search-server/start.ts';
import { putTemplates } from '../support/search-server/templates.ts';
import type { Cleanup } from '../support/temp.ts';
import { Arrivals, type Arrived } from './arrivals.ts';
import type { Random } from './random.ts';
import type { Sink } from './scenario.ts';

const STREAMS = 'logs-mqtt.*-chaos';
const ACTION = { event: { properties: { action: { type: 'keyword' } } } };
/** What counts of them: all but the probe's own word, as in `isOwn`. Gaps of the input count. */
const COUNTED = {
  bool: {
    must_not: [{ prefix: { 'event.action': 'probe-' } }, { term: { 'event.action': 'event-rejected' } }],
  },
};

/** A real server behind a proxy that is cut; at times it is itself restarted. */
export class SearchSink implements Sink {
  readonly namespace = 'chaos';
  readonly output: string;
  arrivals = new Arrivals();
  private readonly server: SearchServer;
  private readonly proxy: CuttingProxy;
  private readonly random: Random;
  /** What the server is asked or told last: it is not asked while it restarts. */
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(server: SearchServer, proxy: CuttingProxy, random: Random) {
    this.server = server;
    this.proxy = proxy;
    this.random = random;
    this.output = `{type: elasticsearch, nodes: "${proxy.url}", batch: {events: 500, delay: 50ms}}`;
  }

  static async start(t: Cleanup, kind: Kind, random: Random): Promise<SearchSink> {
    const server = await SearchServer.start(kind);
    t.after(() => server.remove());
    await putTemplates(server, 'chaos', ACTION);
    const proxy = await CuttingProxy.start(server.url);
    t.after(() => proxy.stop());
    return new SearchSink(server, proxy, random);
  }

  idle(): Promise<void> {
    return this.proxy.idle();
  }

  async down(): Promise<void> {
    await this.proxy.shut(true);
    if (!this.random.chance(0.1)) return;
    await this.inTurn(async () => {
      await this.server.stop();
      await this.server.start();
      this.proxy.aim(this.server.url);
    });
  }

  up(): Promise<void> {
    return this.proxy.shut(false);
  }

  async cut(): Promise<void> {
    await this.proxy.shut(true);
    await this.up();
  }

  received(): Promise<number> {
    return this.inTurn(async () => {
      // An index that has just been made cannot be searched yet.
      await this.server.ask('GET', '/_cluster/health?wait_for_status=yellow');
      await this.server.ask('POST', `/${STREAMS}/_refresh?allow_no_indices=true&expand_wildcards=all`);
      const target = `/${STREAMS}/_count?allow_no_indices=true`;
      const { count } = await this.server.ask('POST', target, { query: COUNTED });
      return Number(count);
    });
  }

  /** Reads every document. */
  async collect(): Promise<void> {
    this.arrivals = new Arrivals();
    for (const { _id, _source } of await this.server.documents(STREAMS)) {
      const event = _source as unknown as Arrived;
      if (_id !== event.event.id) throw new Error(`document ${_id} holds the event ${event.event.id}`);
      this.arrivals.take(event);
    }
  }

  private inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.turn.then(act);
    this.turn = done.catch(() => {});
    return done;
  }
}
