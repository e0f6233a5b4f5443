import { setTimeout as delay } from 'node:timers/promises';
import { BACKOFF } from '../../core/backoff.js';
import { RetryableError } from '../../core/errors.js';
import { abortable } from '../../pipeline/abortable.js';
import { Pool } from '../../pipeline/pool.js';
import { Bulk } from './bulk.js';
import { Courier } from './courier.js';
import { Server } from './server.js';
import { Ticket } from './ticket.js';
/** An event may overshoot the limit. */
const SLACK_BYTES = 64 * 1024;
/**
 * Elasticsearch, OpenSearch and Elastic's serverless by the bulk API. Events of several batches share a request; what is
 * not answered is sent again by itself, for ever, so that a batch is given back only when the output is closed.
 */
export class ElasticsearchOutput {
    cluster;
    options;
    server;
    courier;
    bulks;
    slots;
    closing = new AbortController();
    underway = new Set();
    filling = Promise.resolve();
    open;
    constructor(cluster, options) {
        this.cluster = cluster;
        this.options = options;
        this.server = new Server(cluster, options.flavor);
        this.courier = new Courier(cluster, this.server, options.backoff ?? BACKOFF, this.closing.signal);
        const { concurrency, batch } = options;
        const make = () => new Bulk(batch.bytes + SLACK_BYTES);
        this.bulks = new Pool(Array.from({ length: concurrency + 1 }, make));
        this.slots = new Pool(Array.from({ length: concurrency }, () => true));
    }
    async check(signal) {
        await this.server.identify(signal);
    }
    async inspect(streams, signal) {
        await this.server.verify(streams, signal);
    }
    write(batch) {
        const ticket = new Ticket(batch.ends.length, batch.waiting);
        const { receipt } = ticket;
        this.filling = this.filling.then(() => this.fill(batch, ticket)).catch((error) => ticket.fail(error));
        return receipt;
    }
    async close(timeoutMs) {
        await Promise.race([this.finish(), delay(timeoutMs, undefined, { ref: false })]);
        this.closing.abort(new RetryableError('the output is closed'));
        await this.filling;
        this.dispatch();
        await Promise.all(this.underway);
        await this.cluster.close();
    }
    describe() {
        const { words } = this.server;
        return words === '' ? this.cluster.place : `${this.cluster.place}: ${words}`;
    }
    /** Copies a batch into bulks, each of which is sent when it is full, or after a while. */
    async fill(batch, ticket) {
        const { events, bytes, delayMs } = this.options.batch;
        const limit = { events, bytes: Math.min(bytes, this.courier.limitBytes) };
        for (let done = 0; done < batch.ends.length;) {
            this.open ??= {
                bulk: await this.bulks.take(this.closing.signal),
                pieces: [],
                timer: setTimeout(() => this.dispatch(), delayMs),
            };
            const { bulk, pieces } = this.open;
            const next = bulk.add(batch, done, limit, this.courier.withoutId);
            if (next > done)
                pieces.push({ ticket, resent: batch.resent, count: next - done });
            done = next;
            if (done < batch.ends.length || bulk.count >= limit.events || bulk.size >= limit.bytes)
                this.dispatch();
        }
        batch.release();
    }
    /** Sends the bulk that is being filled. */
    dispatch() {
        if (this.open === undefined)
            return;
        const { bulk, pieces, timer } = this.open;
        clearTimeout(timer);
        this.open = undefined;
        const done = this.send(bulk, pieces).finally(() => this.underway.delete(done));
        this.underway.add(done);
    }
    async send(bulk, pieces) {
        const { signal } = this.closing;
        try {
            const slot = await this.slots.take(signal);
            await this.courier.deliver(bulk, pieces).finally(() => this.slots.give(slot));
        }
        catch (error) {
            for (const { ticket } of pieces)
                ticket.fail(error);
        }
        finally {
            bulk.clear();
            this.bulks.give(bulk);
        }
    }
    /** Resolves when everything that was written has its receipt. */
    async finish() {
        await abortable(this.filling, this.closing.signal).catch(() => { });
        this.dispatch();
        await Promise.all(this.underway);
    }
}
