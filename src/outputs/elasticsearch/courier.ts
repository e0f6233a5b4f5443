import { setTimeout as delay } from 'node:timers/promises';
import { BlockedError, RetryableError } from '../../core/errors.ts';
import type { Rejected } from '../../core/output.ts';
import { type Backoff, pauseMs } from '../../core/waiting/backoff.ts';
import { type Fate, FILTER_PATH, fateOf, type Item, readAnswer } from './answer.ts';
import { type Bulk, Part } from './bulk.ts';
import type { Cluster } from './cluster.ts';
import { Outcome, type Piece } from './outcome.ts';
import type { Server } from './server.ts';

/** What is too much for the server now is not halved below this. */
const SMALLEST_BYTES = 16 * 1024;
/** How much larger requests may become after one that was taken. */
const GROWTH = 1.05;

/** Some items of a bulk as one request. */
interface Load {
  readonly part: Part;
  /** Which items of the first bulk they are; undefined: the same. */
  readonly items: readonly number[] | undefined;
  /** An attempt that was not answered may have been carried out. */
  readonly uncertain: boolean;
}

/** Tells why there has to be a pause, and makes it; `attempt` from 0. */
type Wait = (reason: RetryableError, attempt: number) => Promise<void>;

/** What is left after an attempt. */
interface Rest {
  readonly load: Load;
  /** Why there has to be a pause first. */
  readonly reason: RetryableError | undefined;
}

/**
 * Brings bulks to the cluster and does not give up: every item ends as delivered, duplicate or rejected. Only what was
 * refused for now travels again, and while anything does, no other bulk sets out.
 */
export class Courier {
  /** Data streams whose documents get their ids from the server: time series. */
  readonly withoutId = new Set<string>();
  /** Most bytes that the server takes in one request, as far as it has shown: less after a refusal, slowly more again. */
  limitBytes = Number.POSITIVE_INFINITY;
  /** What it has shown to be too large for it at any time. */
  private mostBytes = Number.POSITIVE_INFINITY;
  private readonly cluster: Cluster;
  private readonly server: Server;
  private readonly backoff: Backoff;
  private readonly closing: AbortSignal;
  /** A bulk is being tried again. */
  private troubled = false;
  private calm: Promise<void> = Promise.resolve();
  private calmDown: () => void = () => {};

  /** @param closing aborted when nothing may be sent any more */
  constructor(cluster: Cluster, server: Server, backoff: Backoff, closing: AbortSignal) {
    this.cluster = cluster;
    this.server = server;
    this.backoff = backoff;
    this.closing = closing;
    closing.addEventListener('abort', () => this.calmDown(), { once: true });
  }

  /** @throws the reason of `closing` when it is aborted first */
  async deliver(bulk: Bulk, pieces: readonly Piece[]): Promise<void> {
    while (this.troubled && !this.closing.aborted) await this.calm;
    const outcome = new Outcome(pieces, bulk.count);
    let troubled = false;
    const wait: Wait = async (reason, attempt) => {
      // One knocks for all.
      if (this.troubled && !troubled) return this.calm;
      if (!troubled) this.enterTrouble();
      troubled = true;
      pieces[0]?.ticket.waiting(reason);
      const ms = pauseMs(this.backoff, attempt, reason.retryAfterMs);
      await delay(ms, undefined, { signal: this.closing });
    };
    try {
      const whole = new Part(bulk, 0, bulk.count);
      await this.carry({ part: whole, items: undefined, uncertain: false }, outcome, wait);
    } finally {
      if (troubled) this.leaveTrouble();
    }
    outcome.tell();
  }

  /** Sends a load until nothing of it is left. */
  private async carry(first: Load, outcome: Outcome, wait: Wait): Promise<void> {
    let load = first;
    for (let attempt = 0; ; attempt++) {
      const { part, items, uncertain } = load;
      if (part.count > 1 && part.body.length > this.limitBytes) {
        const [left, right] = part.halves();
        await this.carry({ part: left, items: items?.slice(0, left.count), uncertain }, outcome, wait);
        load = { part: right, items: items?.slice(left.count), uncertain };
        continue;
      }
      const rest = await this.attempt(load, outcome);
      if (rest === undefined) return;
      if (rest.reason !== undefined) await wait(rest.reason, attempt);
      load = rest.load;
    }
  }

  /** One request. @returns what is left to do; undefined when nothing is */
  private async attempt(load: Load, outcome: Outcome): Promise<Rest | undefined> {
    const { part } = load;
    const body = part.body;
    let isSent = false;
    try {
      await this.server.verify(part.bulk.names(), this.closing);
      isSent = true;
      const query = {
        filter_path: FILTER_PATH,
        ...(this.server.refusesIndices && { require_data_stream: true }),
      };
      const answer = await this.cluster.request('POST', '/_bulk', query, this.closing, body);
      const { status } = answer;
      if (status === 200 && answer.isJson) {
        const rest = this.read(load, readAnswer(answer.body, part.count), outcome);
        if (rest === undefined && body.length * 2 > this.limitBytes) {
          this.limitBytes = Math.min(this.mostBytes, this.limitBytes * GROWTH);
        }
        return rest;
      }
      if (status === 413) {
        if (part.count === 1 && body.length > SMALLEST_BYTES) return this.tooLarge(load, outcome);
        if (part.count === 1) {
          // Who does not even take so much is set up wrongly: no event is to blame, and once it is right it takes more.
          this.mostBytes = Number.POSITIVE_INFINITY;
          return { load, reason: this.cluster.problem('events', answer) };
        }
        this.limitBytes = Math.min(this.limitBytes, body.length >> 1);
        this.mostBytes = this.limitBytes;
        return { load, reason: undefined };
      }
      if (status === 429) this.limitBytes = Math.max(body.length >> 1, SMALLEST_BYTES);
      const reason = this.cluster.problem('events', answer);
      const uncertain = load.uncertain || status < 400 || status >= 500;
      return { load: { ...load, uncertain }, reason };
    } catch (error) {
      this.closing.throwIfAborted();
      if (!(error instanceof RetryableError)) throw error;
      return { load: { ...load, uncertain: load.uncertain || isSent }, reason: error };
    }
  }

  private read(
    { part, items, uncertain }: Load,
    answer: 'created' | readonly Item[],
    outcome: Outcome,
  ): Rest | undefined {
    const again: number[] = [];
    let reason: RetryableError | undefined;
    let unsure = uncertain;
    for (let i = 0; i < part.count; i++) {
      const item = items?.[i] ?? part.from + i;
      const said = answer === 'created' ? undefined : answer[i];
      const fate: Fate = said === undefined ? 'delivered' : fateOf(said);
      if (said?.failureStore) outcome.failureStore[item] = 1;
      if (fate === 'delivered') {
        outcome.delivered[item] = 1;
      } else if (fate === 'conflict' && (uncertain || outcome.isResent(item))) {
        outcome.duplicates[item] = 1;
      } else if (said !== undefined && (fate === 'conflict' || fate === 'rejected')) {
        outcome.reject(item, this.rejected(part, i, said));
      } else if (said !== undefined) {
        again.push(i);
        if (said.status >= 500) unsure = true;
        reason = this.reasonOf(part.bulk.stream(part.from + i), fate, said, reason);
      }
    }
    if (again.length === 0) return undefined;
    const left = part.bulk.pick(
      again.map((i) => part.from + i),
      this.withoutId,
    );
    const origin = again.map((i) => items?.[i] ?? part.from + i);
    return {
      load: { part: new Part(left, 0, left.count), items: origin, uncertain: unsure },
      reason,
    };
  }

  /** Why an item has to travel again; what somebody has to act on counts most. */
  private reasonOf(
    stream: string,
    fate: Fate,
    { status, type, reason }: Item,
    before: RetryableError | undefined,
  ): RetryableError | undefined {
    const { place } = this.cluster;
    if (fate === 'without-id') {
      this.withoutId.add(stream);
      return before;
    }
    if (before instanceof BlockedError) return before;
    if (fate === 'again')
      return new RetryableError(`${place} cannot take some events now (${status}, ${type})`);
    this.server.forget();
    return new BlockedError(
      `${place} refuses events for ${stream} (${status}, ${type}: ${reason}): make the target ready, ` +
        `${this.server.setup()} does, or give the right to write; nothing is dropped`,
    );
  }

  private rejected(part: Part, index: number, { status, type, reason }: Item): Rejected {
    const item = part.from + index;
    const event = Buffer.from(part.bulk.event(item));
    return { event, stream: part.bulk.stream(item), status, type, reason };
  }

  private tooLarge({ part, items }: Load, outcome: Outcome): undefined {
    const reason = `its request of ${part.body.length} bytes is larger than the server takes (http.max_content_length)`;
    const said = { status: 413, type: 'content_too_large', reason, failureStore: false };
    outcome.reject(items?.[0] ?? part.from, this.rejected(part, 0, said));
    return undefined;
  }

  private enterTrouble(): void {
    this.troubled = true;
    this.calm = new Promise((resolve) => {
      this.calmDown = resolve;
    });
  }

  private leaveTrouble(): void {
    this.troubled = false;
    this.calmDown();
  }
}
