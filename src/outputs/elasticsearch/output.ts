import { setTimeout as delay } from 'node:timers/promises';
import { RetryableError } from '../../core/errors.ts';
import type { Batch, Output, Receipt } from '../../core/output.ts';
import { abortable } from '../../core/waiting/abortable.ts';
import { BACKOFF, type Backoff } from '../../core/waiting/backoff.ts';
import { Pool } from '../../core/waiting/pool.ts';
import { Bulk } from './bulk.ts';
import type { Cluster } from './cluster.ts';
import { Courier } from './courier.ts';
import type { Piece } from './outcome.ts';
import { type Flavor, Server } from './server.ts';
import { Ticket } from './ticket.ts';

export interface ElasticsearchOptions {
  readonly flavor: Flavor | 'auto';
  readonly batch: { readonly events: number; readonly bytes: number; readonly delayMs: number };
  /** Requests at the same time. */
  readonly concurrency: number;
  readonly backoff?: Backoff;
}

/** A bulk that is being filled, and whose events are in it. */
interface Open {
  readonly bulk: Bulk;
  readonly pieces: Piece[];
  timer: NodeJS.Timeout | undefined;
}

/** An event may overshoot the limit. */
const SLACK_BYTES = 64 * 1024;

/**
 * Elasticsearch, OpenSearch and Elastic's serverless by the bulk API. Events of several batches share a request; what is
 * not answered is sent again by itself, for ever, so that a batch is given back only when the output is closed.
 */
export class ElasticsearchOutput implements Output {
  private readonly cluster: Cluster;
  private readonly options: ElasticsearchOptions;
  private readonly server: Server;
  private readonly courier: Courier;
  private readonly bulks: Pool<Bulk>;
  private readonly slots: Pool<true>;
  private readonly closing = new AbortController();
  private readonly underway = new Set<Promise<void>>();
  private filling: Promise<unknown> = Promise.resolve();
  private open: Open | undefined;

  constructor(cluster: Cluster, options: ElasticsearchOptions) {
    this.cluster = cluster;
    this.options = options;
    this.server = new Server(cluster, options.flavor);
    this.courier = new Courier(cluster, this.server, options.backoff ?? BACKOFF, this.closing.signal);
    const { concurrency, batch } = options;
    const make = (): Bulk => new Bulk(batch.bytes + SLACK_BYTES);
    this.bulks = new Pool(Array.from({ length: concurrency + 1 }, make));
    this.slots = new Pool(Array.from({ length: concurrency }, () => true as const));
  }

  async check(signal: AbortSignal): Promise<void> {
    await this.server.identify(signal);
  }

  async inspect(streams: readonly string[], signal: AbortSignal): Promise<void> {
    await this.server.verify(streams, signal);
  }

  write(batch: Batch): Promise<Receipt> {
    const ticket = new Ticket(batch.ends.length, batch.waiting);
    const { receipt } = ticket;
    this.filling = this.filling.then(() => this.fill(batch, ticket)).catch((error) => ticket.fail(error));
    return receipt;
  }

  async close(timeoutMs: number): Promise<void> {
    await Promise.race([this.finish(), delay(timeoutMs, undefined, { ref: false })]);
    this.closing.abort(new RetryableError('the output is closed'));
    await this.filling;
    this.dispatch();
    await Promise.all(this.underway);
    await this.cluster.close();
  }

  describe(): string {
    const { words } = this.server;
    return words === '' ? this.cluster.place : `${this.cluster.place}: ${words}`;
  }

  /** Copies a batch into bulks, each of which is sent when it is full, or after a while. */
  private async fill(batch: Batch, ticket: Ticket): Promise<void> {
    const { events, bytes, delayMs } = this.options.batch;
    const limit = { events, bytes: Math.min(bytes, this.courier.limitBytes) };
    for (let done = 0; done < batch.ends.length; ) {
      this.open ??= {
        bulk: await this.bulks.take(this.closing.signal),
        pieces: [],
        timer: setTimeout(() => this.dispatch(), delayMs),
      };
      const { bulk, pieces } = this.open;
      const next = bulk.add(batch, done, limit, this.courier.withoutId);
      if (next > done) pieces.push({ ticket, resent: batch.resent, count: next - done });
      done = next;
      if (done < batch.ends.length || bulk.count >= limit.events || bulk.size >= limit.bytes) this.dispatch();
    }
    batch.release();
  }

  /** Sends the bulk that is being filled. */
  private dispatch(): void {
    if (this.open === undefined) return;
    const { bulk, pieces, timer } = this.open;
    clearTimeout(timer);
    this.open = undefined;
    const done = this.send(bulk, pieces).finally(() => this.underway.delete(done));
    this.underway.add(done);
  }

  private async send(bulk: Bulk, pieces: readonly Piece[]): Promise<void> {
    const { signal } = this.closing;
    try {
      const slot = await this.slots.take(signal);
      await this.courier.deliver(bulk, pieces).finally(() => this.slots.give(slot));
    } catch (error) {
      for (const { ticket } of pieces) ticket.fail(error);
    } finally {
      bulk.clear();
      this.bulks.give(bulk);
    }
  }

  /** Resolves when everything that was written has its receipt. */
  private async finish(): Promise<void> {
    await abortable(this.filling, this.closing.signal).catch(() => {});
    this.dispatch();
    await Promise.all(this.underway);
  }
}
