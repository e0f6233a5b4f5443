import type { Socket } from 'node:net';
import { promisify } from 'node:util';
import { deflate } from 'node:zlib';
import { BlockedError, RetryableError } from '../../../core/errors.ts';
import type { Batch, Receipt } from '../../../core/output.ts';
import { amount } from '../../../core/text/amount.ts';
import { connectionError } from '../../../net/problem.ts';
import { InFlight, type Limits } from '../in-flight.ts';
import type { LogstashConnection } from '../output.ts';
import type { Acknowledged, Part, Shipment } from '../shipment.ts';
import { Shipments } from '../shipments.ts';
import { AckReader, compressedHeader, contentOf, EMPTY_WINDOW, windowBytes, writeWindow } from './frames.ts';
import type { Pace } from './pace.ts';
import { Pulse } from './pulse.ts';
import { Standstill } from './standstill.ts';
import type { Suspects } from './suspects.ts';
import { Trials } from './trials.ts';

/** What the connections of one output have in common. */
interface LumberjackOptions {
  /** Most that is under way without an acknowledgement. */
  readonly window: Limits;
  /** Level of zlib, 0: none. */
  readonly compression: number;
  /** No sign of life for so long while something is under way: the connection is given up. */
  readonly ackTimeoutMs: number;
  /** Nothing was acknowledged for so long, though it is alive: that is told. */
  readonly patienceMs: number;
  /** Nothing else for so long: what is held back is tried all the same. */
  readonly quietMs: number;
  readonly acknowledged: Acknowledged;
  readonly pace: Pace;
  readonly suspects: Suspects;
}

/** A server that answers an empty window does so at once; of the others nothing more can be learnt by waiting. */
const GREETING_MS = 1000;
/** A slow line takes the time that is waited for a sign of life for no more than this. */
const PIECE_BYTES = 64 * 1024;
/** A buffer above this is not kept. */
const KEEP_BYTES = 2 ** 21;

const compress = promisify(deflate);

interface Window extends Part {
  acknowledged: number;
}

/** Protocol lumberjack (version 2): windows of events, acknowledged when Logstash has them in its queue. */
export class LumberjackConnection implements LogstashConnection {
  private readonly socket: Socket;
  private readonly place: string;
  private readonly options: LumberjackOptions;
  private readonly acks = new AckReader();
  private readonly windows: Window[] = [];
  private readonly inFlight: InFlight;
  private readonly shipments: Shipments;
  private turn: Promise<void> = Promise.resolve();
  private frames: Buffer = Buffer.alloc(0);
  private readonly trials: Trials;
  private acknowledgedAny = false;
  private ending = false;
  private lost: RetryableError | undefined;
  private heard: () => void = () => {};
  private readonly pulse: Pulse;
  private readonly standstill: Standstill;

  /** @param place the host, for messages */
  constructor(socket: Socket, place: string, options: LumberjackOptions) {
    this.socket = socket;
    this.place = place;
    this.options = options;
    this.inFlight = new InFlight(options.window);
    this.shipments = new Shipments(options.acknowledged);
    this.trials = new Trials({
      ...options,
      place,
      inFlight: this.inFlight,
      inTurn: (act) => this.inTurn(act),
      send: (part, window) => this.sendWindow(part, window),
    });
    socket.on('data', (bytes) => this.read(bytes));
    socket.on('close', () => this.lose(undefined));
    socket.on('error', (error) => this.lose(error));
    const timeoutMs = options.ackTimeoutMs;
    const words = `no acknowledgement and no sign of life within ${timeoutMs / 1000} s`;
    this.pulse = new Pulse({
      isBusy: () => this.windows.length > 0,
      ping: () => socket.write(EMPTY_WINDOW),
      timeoutMs,
      dead: () => this.lose(new RetryableError(`${place}: ${words}`)),
    });
    this.standstill = new Standstill(place, options.patienceMs, (problem) =>
      this.windows[0]?.shipment.waiting(problem),
    );
  }

  get isUp(): boolean {
    return this.lost === undefined;
  }

  get useful(): boolean {
    return this.acknowledgedAny;
  }

  get idle(): boolean {
    return this.shipments.isEmpty;
  }

  async greet(): Promise<void> {
    const heard = new Promise<void>((resolve) => {
      this.heard = resolve;
    });
    const timer = setTimeout(this.heard, GREETING_MS);
    this.socket.write(EMPTY_WINDOW);
    await heard;
    clearTimeout(timer);
    if (this.lost !== undefined) throw this.lost;
  }

  describe(): string {
    const { events } = this.inFlight;
    if (events === 0) return `connected${this.trials.words}`;
    const { seconds } = this.pulse;
    return `connected, ${amount(events, 'event')} not acknowledged, last sign of life ${seconds} s ago${this.trials.words}`;
  }

  write(batch: Batch): Promise<Receipt> {
    if (this.lost !== undefined) return Promise.reject(this.lost);
    const shipment = this.shipments.begin(batch);
    this.inTurn(() => this.send(batch, shipment));
    return shipment.receipt;
  }

  async end(timeoutMs: number): Promise<void> {
    if (this.lost !== undefined) return;
    this.ending = true;
    const timer = setTimeout(() => this.socket.destroy(), timeoutMs);
    await this.shipments.settled();
    if (this.lost === undefined) {
      const closed = new Promise<void>((resolve) => this.socket.once('close', () => resolve()));
      this.socket.end();
      await closed;
    }
    clearTimeout(timer);
  }

  private inTurn(act: () => Promise<void>): void {
    this.turn = this.turn.then(act);
  }

  /** Sends a batch window by window. Once the connection is lost the batch is no longer touched. */
  private async send(batch: Batch, shipment: Shipment): Promise<void> {
    const { pace, window } = this.options;
    if (this.lost !== undefined) return;
    this.trials.hold(batch, shipment);
    for (let from = shipment.next(0); from < shipment.count; ) {
      const { windowEvents = pace.events } = this.trials;
      // After a loss one window at a time, so that it is known which one the server did not like.
      if (pace.careful || windowEvents < pace.events) await this.inFlight.empty();
      await this.trials.hear();
      if (this.lost !== undefined) return;
      const most = Math.min(pace.events, windowEvents, window.events);
      const part = shipment.part(batch, from, most, pace.bytes(window.bytes));
      await this.inFlight.room(part.to - part.from, part.bytes);
      if (this.lost !== undefined) return;
      const size = windowBytes(part);
      if (this.frames.length < size) this.frames = Buffer.allocUnsafeSlow(size);
      const frames = this.frames.subarray(0, size);
      writeWindow(batch, part, frames);
      await this.sendWindow(part, frames);
      if (this.lost !== undefined) return;
      from = shipment.next(part.to);
    }
    if (this.frames.length > KEEP_BYTES) this.frames = Buffer.alloc(0);
    batch.release();
  }

  private async sendWindow(part: Part, frames: Buffer): Promise<void> {
    const { compression } = this.options;
    const content = compression > 0 ? await compress(contentOf(frames), { level: compression }) : undefined;
    if (this.lost !== undefined) return;
    if (this.windows.length === 0) {
      this.pulse.sign();
      this.standstill.moved();
    }
    this.windows.push({ ...part, acknowledged: 0 });
    this.inFlight.add(part.to - part.from, part.bytes);
    if (content === undefined) return this.transmit(frames);
    this.socket.write(compressedHeader(part.to - part.from, content.length));
    return this.transmit(content);
  }

  /** Writes bytes so that each piece that goes is a sign of life: a slow line takes long for all. */
  private async transmit(bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length && this.lost === undefined; at += PIECE_BYTES) {
      const piece = bytes.subarray(at, at + PIECE_BYTES);
      await new Promise<void>((resolve) => {
        this.socket.write(piece, () => resolve());
      });
      this.pulse.sign();
    }
  }

  private read(bytes: Buffer): void {
    this.pulse.sign();
    const understood = this.acks.push(bytes, (sequence) => this.ack(sequence));
    if (understood) return;
    this.lose(
      new BlockedError(
        `${this.place}: what answers there does not speak lumberjack version 2; hosts has to name a beats input`,
      ),
    );
  }

  private ack(sequence: number): void {
    this.heard();
    if (sequence === 0 || this.lost !== undefined) return;
    const [window] = this.windows;
    const events = window === undefined ? 0 : window.to - window.from;
    if (window === undefined || sequence > events) {
      this.lose(
        new RetryableError(
          `${this.place}: acknowledged event ${sequence} of a window of ${events}: it breaks the protocol`,
        ),
      );
      return;
    }
    if (sequence <= window.acknowledged) return;
    this.acknowledgedAny = true;
    this.standstill.moved();
    const { shipment, from, bytes } = window;
    shipment.acknowledge(from + window.acknowledged, from + sequence);
    window.acknowledged = sequence;
    if (sequence < events) return;
    this.windows.shift();
    this.options.pace.taken();
    this.inFlight.remove(events, bytes);
    this.trials.passed(window);
  }

  private lose(error: Error | undefined): void {
    if (this.lost !== undefined) return;
    this.lost = connectionError(this.place, error);
    this.pulse.stop();
    this.standstill.stop();
    // What we gave up ourselves, the other side did not.
    this.trials.lost(this.windows, !this.ending && !(error instanceof RetryableError));
    this.socket.destroy(this.lost);
    this.heard();
    this.inFlight.giveUp();
    this.shipments.lose(this.lost);
  }
}
