import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { RetryableError } from '../../../core/errors.ts';
import type { Batch, Receipt, Rejected } from '../../../core/output.ts';
import { amount } from '../../../core/text/amount.ts';
import { connectionError } from '../../../net/problem.ts';
import { InFlight, type Limits } from '../in-flight.ts';
import type { LogstashConnection } from '../output.ts';
import { type Acknowledged, type Part, type Shipment, startOf, streamOf } from '../shipment.ts';
import { Shipments } from '../shipments.ts';
import { Requests } from './requests.ts';
import { fullProblem, httpProblem, isFull } from './status.ts';

/** What the connections of one output have in common. */
interface HttpOptions {
  /** Most that is under way without an answer. */
  readonly window: Limits;
  /** Largest request: less after one that was too large for the server. */
  readonly most: { bytes: number };
  /** Level of gzip, 0: none. */
  readonly compression: number;
  /** Logstash answers when all events are in its queue, and says nothing before. */
  readonly answerTimeoutMs: number;
  readonly acknowledged: Acknowledged;
  /** The value of the Authorization header. */
  readonly authorization: string | undefined;
}

/** Requests at the same time. */
const AT_ONCE = 4;
/** Pause before a request that was refused for a full queue is made again: it doubles up to the largest. */
const FULL_PAUSE_MS = 250;
const FULL_PAUSE_MAX_MS = 10_000;
/** A server that does not even take so much is set up wrongly: no event is to blame. */
const SMALL_BYTES = 16 * 1024;
/** A buffer above this is not kept. */
const KEEP_BYTES = 2 ** 21;
/** Bodies differ a little in size: the same buffers serve all of them. */
const BODY_STEP = 2 ** 20;
const OPEN = 0x5b;
const COMMA = 0x2c;
const CLOSE = 0x5d;

const compress = promisify(gzip);

/**
 * Protocol http: JSON arrays to Logstash's http input, which splits them with its default codec and answers 200 when every
 * event is in its queue. Of JSON lines it would take the first only.
 */
export class HttpConnection implements LogstashConnection {
  private readonly socket: Socket;
  private readonly place: string;
  private readonly options: HttpOptions;
  private readonly requests: Requests;
  private readonly inFlight: InFlight;
  private readonly shipments: Shipments;
  private readonly bodies: Buffer[] = [];
  private readonly givenUp = new AbortController();
  private turn: Promise<void> = Promise.resolve();
  private underWay = 0;
  private free: () => void = () => {};
  private takenAny = false;
  private fullSince: number | undefined;
  private lost: RetryableError | undefined;
  private readonly losing = Promise.withResolvers<Error>();

  /**
   * @param socket what the first request travels on; kept alive
   * @param another opens one more, for requests at the same time
   * @param place the host, for messages and the Host header
   */
  constructor(socket: Socket, another: () => Socket, place: string, options: HttpOptions) {
    this.socket = socket;
    this.place = place;
    this.options = options;
    this.inFlight = new InFlight(options.window);
    this.shipments = new Shipments(options.acknowledged);
    this.requests = new Requests(socket, another, place, { ...options, atOnce: AT_ONCE });
    const ended = (error?: Error): void => {
      if (!this.requests.endsEach) this.lose(error);
    };
    socket.on('close', () => ended());
    socket.on('error', ended);
  }

  get over(): Promise<Error> {
    return this.losing.promise;
  }

  get isUp(): boolean {
    return this.lost === undefined;
  }

  get useful(): boolean {
    return this.takenAny;
  }

  get idle(): boolean {
    return this.shipments.isEmpty;
  }

  /** An empty request makes no event and is answered as any other. */
  async greet(): Promise<void> {
    try {
      const answer = await this.requests.post(Buffer.alloc(0));
      const problem = isFull(answer) ? undefined : httpProblem(this.place, answer, this.options, 0);
      if (problem !== undefined) throw problem;
    } catch (error) {
      throw this.lose(error);
    }
  }

  describe(): string {
    const { events } = this.inFlight;
    if (this.fullSince !== undefined) {
      const seconds = Math.round((performance.now() - this.fullSince) / 1000);
      return `connected, its queue has been full for ${seconds} s (429), ${amount(events, 'event')} to send`;
    }
    return events === 0 ? 'connected' : `connected, ${amount(events, 'event')} not answered`;
  }

  write(batch: Batch): Promise<Receipt> {
    if (this.lost !== undefined) return Promise.reject(this.lost);
    const shipment = this.shipments.begin(batch);
    this.turn = this.turn.then(() => this.send(batch, shipment));
    return shipment.receipt;
  }

  async end(timeoutMs: number): Promise<void> {
    if (this.lost !== undefined) return;
    const timer = setTimeout(() => this.lose(undefined), timeoutMs);
    await this.shipments.settled();
    clearTimeout(timer);
    this.lose(undefined);
  }

  /** Starts the requests of a batch. Once the connection is lost the batch is no longer touched. */
  private async send(batch: Batch, shipment: Shipment): Promise<void> {
    const { window, most } = this.options;
    for (let from = 0; from < shipment.count; ) {
      const part = shipment.part(batch, from, window.events, most.bytes);
      await this.inFlight.room(part.to - part.from, part.bytes);
      while (this.underWay === AT_ONCE && this.lost === undefined) {
        await new Promise<void>((resolve) => {
          this.free = resolve;
        });
      }
      if (this.lost !== undefined) return;
      this.inFlight.add(part.to - part.from, part.bytes);
      this.underWay++;
      const array = this.buffer(part.bytes + 1);
      writeArray(batch, part, array);
      void this.deliver(part, array, streamOf(batch, shipment.index(from)));
      from = part.to;
    }
    batch.release();
  }

  /**
   * Makes the request again for as long as the queue at the other side is full.
   * @param stream of the first event
   */
  private async deliver(part: Part, array: Buffer, stream: string): Promise<void> {
    try {
      const { compression } = this.options;
      const plain = array.subarray(0, part.bytes + 1);
      const body = compression > 0 ? await compress(plain, { level: compression }) : plain;
      let answer = await this.requests.post(body);
      for (let attempt = 0; isFull(answer); attempt++) {
        this.fullSince ??= performance.now();
        part.shipment.waiting(fullProblem(this.place));
        const bound = Math.min(FULL_PAUSE_MAX_MS, FULL_PAUSE_MS * 2 ** Math.min(attempt, 16));
        const pauseMs = Math.max(answer.retryAfterMs ?? 0, bound * (0.5 + Math.random() / 2));
        await delay(pauseMs, undefined, { signal: this.givenUp.signal });
        answer = await this.requests.post(body);
      }
      this.fullSince = undefined;
      const refused = answer.status === 413 ? this.tooLarge(part, plain, stream) : undefined;
      const problem = refused === undefined && httpProblem(this.place, answer, this.options, body.length);
      if (problem) throw problem;
      this.takenAny = true;
      this.underWay--;
      if (refused === undefined) part.shipment.acknowledge(part.from, part.to);
      else part.shipment.refuse(refused);
      if (array.length <= KEEP_BYTES) this.bodies.push(array);
      this.inFlight.remove(part.to - part.from, part.bytes);
      this.free();
    } catch (error) {
      this.lose(error);
    }
  }

  /** @returns the event, when it is one alone. @throws RetryableError when there are several: smaller requests follow */
  private tooLarge({ from, to, bytes }: Part, array: Buffer, stream: string): Rejected | undefined {
    const { place, options } = this;
    if (to - from > 1) {
      options.most.bytes = Math.min(options.most.bytes, bytes >> 1);
      const words = `${place} answers 413: a request of ${bytes} bytes is too large for it; smaller ones follow`;
      throw new RetryableError(words, { retryAfterMs: 0 });
    }
    if (bytes < SMALL_BYTES) return undefined;
    const reason = `${place} does not take a request of ${bytes} bytes, which is this event alone`;
    return {
      event: Buffer.from(array.subarray(1, -1)),
      stream,
      status: 413,
      type: 'content_too_large',
      reason,
    };
  }

  private buffer(bytes: number): Buffer {
    const kept = this.bodies.pop();
    if (kept !== undefined && kept.length >= bytes) return kept;
    return Buffer.allocUnsafeSlow(Math.ceil(bytes / BODY_STEP) * BODY_STEP);
  }

  private lose(error: unknown): Error {
    if (this.lost !== undefined) return this.lost;
    const reason = error === undefined || error instanceof Error ? error : new Error(String(error));
    this.lost = connectionError(this.place, reason);
    this.losing.resolve(this.lost);
    this.givenUp.abort();
    this.socket.destroy(error === undefined ? undefined : this.lost);
    this.requests.destroy();
    this.inFlight.giveUp();
    this.free();
    this.shipments.lose(this.lost);
    return this.lost;
  }
}

/** Writes the events of a part as a JSON array: commas and the last bracket stand where the newlines were. */
function writeArray(batch: Batch, { shipment, from, to }: Part, target: Buffer): void {
  let at = target.writeUInt8(OPEN, 0);
  for (let number = from; number < to; ) {
    const first = shipment.index(number);
    let last = first;
    // Nearly always all of them: one copy.
    while (++number < to && shipment.index(number) === last + 1) last++;
    const start = startOf(batch, first);
    const offset = at - start;
    at += batch.bytes.copy(target, at, start, batch.ends[last] ?? 0);
    for (let index = first; index <= last; index++) target[(batch.ends[index] ?? 0) + offset - 1] = COMMA;
  }
  target[at - 1] = CLOSE;
}
