import type { Socket } from 'node:net';
import { RetryableError } from '../../../core/errors.ts';
import type { Batch, Receipt } from '../../../core/output.ts';
import { amount } from '../../../core/text/amount.ts';
import { connectionError } from '../../../net/problem.ts';
import type { LogstashConnection } from '../output.ts';
import { Confirmation } from './confirmation.ts';

/** A receiver that has read nothing for so long is told of. */
const PATIENCE_MS = 30_000;

interface Unsettled {
  readonly resolve: (receipt: Receipt) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Protocol tcp: JSON lines to Logstash's tcp input with the json_lines codec. It acknowledges nothing: see `Confirmation`
 * for when events count as delivered.
 */
export class TcpConnection implements LogstashConnection {
  private readonly socket: Socket;
  private readonly place: string;
  private readonly confirmation: Confirmation;
  private readonly unsettled = new Set<Unsettled>();
  /** Of the batches that the kernel has not taken, in their order: tells why. */
  private readonly held: Batch['waiting'][] = [];
  private readonly patienceMs: number;
  private patience: NodeJS.Timeout | undefined;
  private confirmedAny = false;
  private lost: Error | undefined;
  private ending = false;

  /** @param place the host, for messages */
  constructor(socket: Socket, place: string, confirmAfterMs: number, patienceMs: number = PATIENCE_MS) {
    this.socket = socket;
    this.place = place;
    this.patienceMs = patienceMs;
    this.confirmation = new Confirmation(confirmAfterMs);
    // Logstash sends nothing: reading only shows that it has ended the connection.
    socket.resume();
    socket.on('end', () => this.otherSideEnded());
    socket.on('close', () => this.lose(undefined));
    socket.on('error', (error) => this.lose(error));
  }

  get isUp(): boolean {
    return this.lost === undefined;
  }

  get useful(): boolean {
    return this.confirmedAny;
  }

  get idle(): boolean {
    return this.unsettled.size === 0;
  }

  /** The input says nothing by itself: a connection is all there is to see. */
  async greet(): Promise<void> {}

  describe(): string {
    return `connected, ${amount(this.confirmation.size, 'write')} to be confirmed`;
  }

  /** @throws RetryableError when the connection is or gets lost before the events are confirmed */
  write(batch: Batch): Promise<Receipt> {
    if (this.lost !== undefined) return Promise.reject(this.lost);
    // Thousands of these wait for confirmation: the closures below must hold the count alone, not the batch.
    const { promise, resolve, reject } = Promise.withResolvers<Receipt>();
    const delivered = batch.ends.length;
    const { bytes, release, waiting } = batch;
    const entry = { resolve, reject };
    this.unsettled.add(entry);
    this.hold(waiting);
    this.confirmation.began();
    this.socket.write(bytes, (error) => {
      if (error) return;
      release();
      this.confirmation.left(() => {
        this.unsettled.delete(entry);
        this.confirmedAny = true;
        resolve({ delivered, duplicates: 0 });
      });
      if (this.letGo()) this.confirmation.drained();
    });
    return promise;
  }

  /** Ends the connection; what the other side confirms by its own end within `timeoutMs` is delivered. */
  async end(timeoutMs: number): Promise<void> {
    if (this.lost !== undefined) return;
    this.ending = true;
    const closed = new Promise<void>((resolve) => this.socket.once('close', () => resolve()));
    const timer = setTimeout(() => this.socket.destroy(), timeoutMs);
    this.socket.end();
    await closed;
    clearTimeout(timer);
  }

  private hold(waiting: Batch['waiting']): void {
    this.held.push(waiting);
    this.patience ??= setTimeout(() => this.tellHeld(), this.patienceMs).unref();
  }

  /** @returns true when nothing is held any more */
  private letGo(): boolean {
    this.held.shift();
    this.patience?.refresh();
    if (this.held.length > 0) return false;
    clearTimeout(this.patience);
    this.patience = undefined;
    return true;
  }

  private tellHeld(): void {
    const seconds = Math.round(this.patienceMs / 1000);
    this.held[0]?.(new RetryableError(`${this.place} has read nothing for ${seconds} s`));
    this.patience?.refresh();
  }

  private otherSideEnded(): void {
    if (this.ending && this.held.length === 0) this.confirmation.confirmAll();
    else this.socket.destroy();
  }

  private lose(error: Error | undefined): void {
    if (this.lost !== undefined) return;
    this.lost = connectionError(this.place, error);
    this.confirmation.stop();
    clearTimeout(this.patience);
    for (const { reject } of this.unsettled) reject(this.lost);
  }
}
