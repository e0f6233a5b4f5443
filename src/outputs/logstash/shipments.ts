import type { Batch } from '../../core/output.ts';
import { type Acknowledged, Shipment } from './shipment.ts';

/** The batches on one connection that are not settled. */
export class Shipments {
  private readonly unsettled = new Set<Shipment>();
  private readonly known: Acknowledged;
  private readonly done: (() => void)[] = [];

  constructor(known: Acknowledged) {
    this.known = known;
  }

  /** After a loss: none was unsettled when it came. */
  get isEmpty(): boolean {
    return this.unsettled.size === 0;
  }

  /** Takes up a batch. */
  begin(batch: Batch): Shipment {
    const shipment = new Shipment(batch, this.known);
    this.unsettled.add(shipment);
    shipment.receipt.then(
      () => {
        this.unsettled.delete(shipment);
        if (this.isEmpty) this.wake();
      },
      () => {},
    );
    return shipment;
  }

  /** Resolves when all of them are settled or lost. */
  settled(): Promise<void> {
    return this.isEmpty ? Promise.resolve() : new Promise((resolve) => this.done.push(resolve));
  }

  /** The connection is lost, and with it what was not acknowledged. */
  lose(error: Error): void {
    for (const shipment of this.unsettled) shipment.lose(error);
    this.wake();
  }

  private wake(): void {
    for (const resolve of this.done.splice(0)) resolve();
  }
}
