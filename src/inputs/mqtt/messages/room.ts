import type { InputHost } from '../../../core/input.ts';
import type { Journal } from '../../../core/source.ts';
import { amount } from '../../../core/text/amount.ts';
import type { MirrorReports } from '../reports.ts';

interface Parts {
  readonly host: InputHost;
  readonly journal: Journal;
  readonly reports: MirrorReports;
  /** Connects again, for the messages that the broker keeps. */
  readonly reconnect: () => void;
  /** The mirror stops. */
  readonly signal: AbortSignal;
}

/** What becomes of messages that find no room: QoS 1 stays with the broker, QoS 0 is counted. */
export class Room {
  private readonly parts: Parts;
  /** Messages of QoS 0 that found no room since there was some. */
  private dropped = 0;
  private starved = false;

  constructor(parts: Parts) {
    this.parts = parts;
  }

  /** Messages were left with the broker: later ones of QoS 1 wait there behind them. */
  get isStarved(): boolean {
    return this.starved;
  }

  /** No room: QoS 1 stays with the broker, which gets to send it again after a reconnect; QoS 0 is gone. */
  full(wantsAck: boolean): void {
    const { host, journal, signal } = this.parts;
    const first = !this.starved && this.dropped === 0;
    if (wantsAck) this.starved = true;
    else this.dropped++;
    if (!first) return;
    host.log.warn({ input: host.name }, 'no room for messages: the outputs do not keep up');
    void journal.room(signal).then(
      () => this.roomAgain(),
      () => {},
    );
  }

  private roomAgain(): void {
    const { reports, reconnect } = this.parts;
    const { dropped, starved } = this;
    this.dropped = 0;
    this.starved = false;
    if (dropped > 0)
      reports.gap('queue_full', `${amount(dropped, 'message')} of QoS 0 found no room`, {
        'mqtt.drop.count': dropped,
      });
    if (starved) reconnect();
  }
}
