import type { Socket } from 'node:net';
import { RetryableError } from '../../core/errors.ts';
import type { Batch, Receipt } from '../../core/output.ts';
import { connectionProblem } from '../../net/reconnecting.ts';
import { Confirmation } from './confirmation.ts';

interface Unsettled {
  readonly resolve: (receipt: Receipt) => void;
  readonly reject: (error: Error) => void;
}

/** One established TCP connection to a Logstash: what is written on it, and what of it is confirmed. */
export class LogstashConnection {
  private readonly socket: Socket;
  private readonly place: string;
  private readonly confirmation: Confirmation;
  private readonly unsettled = new Set<Unsettled>();
  private writes = 0;
  private lost: Error | undefined;
  private ending = false;

  /** @param place the host, for messages */
  constructor(socket: Socket, place: string, confirmAfterMs: number) {
    this.socket = socket;
    this.place = place;
    this.confirmation = new Confirmation(confirmAfterMs);
    // Logstash sends nothing: reading only shows that it has ended the connection.
    socket.resume();
    socket.on('end', () => this.otherSideEnded());
    socket.on('close', () => this.lose(undefined));
    socket.on('error', (error) => this.lose(error));
  }

  /** False as soon as it is known to be gone. */
  get isUp(): boolean {
    return this.lost === undefined;
  }

  /** @throws RetryableError when the connection is or gets lost before the events are confirmed */
  write(batch: Batch): Promise<Receipt> {
    if (this.lost !== undefined) return Promise.reject(this.lost);
    // Thousands of these wait for confirmation: the closures below must hold the count alone, not the batch.
    const { promise, resolve, reject } = Promise.withResolvers<Receipt>();
    const delivered = batch.ends.length;
    const { bytes, release } = batch;
    const entry = { resolve, reject };
    this.unsettled.add(entry);
    this.writes++;
    this.confirmation.began();
    this.socket.write(bytes, (error) => {
      if (error) return;
      release();
      this.confirmation.left(() => {
        this.unsettled.delete(entry);
        resolve({ delivered, duplicates: 0 });
      });
      if (--this.writes === 0) this.confirmation.drained();
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

  private otherSideEnded(): void {
    if (this.ending && this.writes === 0) this.confirmation.confirmAll();
    else this.socket.destroy();
  }

  private lose(error: Error | undefined): void {
    if (this.lost !== undefined) return;
    this.lost = new RetryableError(`${this.place}: ${connectionProblem(error)}`, {
      cause: error,
      retryAfterMs: 0,
    });
    this.confirmation.stop();
    for (const { reject } of this.unsettled) reject(this.lost);
    this.unsettled.clear();
  }
}
