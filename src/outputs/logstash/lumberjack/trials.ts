import type { Batch } from '../../../core/output.ts';
import type { InFlight } from '../in-flight.ts';
import { type Part, type Shipment, streamOf } from '../shipment.ts';
import { eventOf, windowBytes, writeWindow } from './frames.ts';
import type { Pace } from './pace.ts';
import type { Suspects } from './suspects.ts';

/** While there are suspects, many windows have to show how the connection is. */
const WINDOW_EVENTS = 64;

/** A suspect, as a window of its own. */
interface Held {
  readonly id: string;
  readonly part: Part;
  readonly window: Buffer;
  readonly stream: string;
}

/** A window that was under way. */
interface LostWindow extends Part {
  readonly acknowledged: number;
}

interface TrialsOptions {
  readonly suspects: Suspects;
  readonly pace: Pace;
  /** The host. */
  readonly place: string;
  /** Nothing else came for so long: a suspect is tried all the same. */
  readonly quietMs: number;
  readonly inFlight: InFlight;
  /** Does something between two batches. */
  readonly inTurn: (act: () => Promise<void>) => void;
  readonly send: (part: Part, window: Buffer) => Promise<void>;
}

/** The suspects that one connection has to bring: held back until other events have shown that the connection is well. */
export class Trials {
  private readonly options: TrialsOptions;
  private readonly suspects: Suspects;
  private readonly held: Held[] = [];
  private readonly quiet: NodeJS.Timeout;
  private isListed = false;
  private isOver = false;
  /** Windows that the connection has taken. */
  private taken = 0;

  constructor(options: TrialsOptions) {
    const { suspects, inFlight, quietMs } = options;
    this.options = options;
    this.suspects = suspects;
    let before = 0;
    this.quiet = setInterval(() => {
      if (this.taken === before && inFlight.events === 0) this.list(true);
      before = this.taken;
    }, quietMs).unref();
  }

  /** For `status`; empty when nothing is held back. */
  get words(): string {
    const { length } = this.held;
    return length === 0 ? '' : `, ${length} held back that may be what makes it end the connection`;
  }

  /** Sets the suspects of a shipment apart; their bytes are kept. */
  hold(batch: Batch, shipment: Shipment): void {
    if (this.suspects.size === 0) return;
    for (const number of shipment.setApart((id) => this.suspects.has(id))) {
      const part = shipment.part(batch, number, 1, Number.POSITIVE_INFINITY);
      const window = Buffer.allocUnsafeSlow(windowBytes(part));
      writeWindow(batch, part, window);
      const stream = streamOf(batch, shipment.index(number));
      this.held.push({ id: shipment.id(number), part, window, stream });
    }
    this.list();
  }

  /** The connection has taken a window. */
  passed({ shipment, from, to }: Part): void {
    this.taken++;
    if (to - from === 1 && this.suspects.size > 0) this.suspects.forget(shipment.id(from));
    this.list();
  }

  /** Most events of a window; undefined: there are no suspects, and more than one window may be under way. */
  get windowEvents(): number | undefined {
    return this.suspects.size === 0 ? undefined : WINDOW_EVENTS;
  }

  /**
   * Tries, or gives up, those for which it is time, one after the other and each alone. To be called between two windows.
   * @param anyway nothing else comes that could show how the connection is
   */
  async hear(anyway = false): Promise<void> {
    const { suspects, options, taken } = this;
    const isDue = ({ id }: Held): boolean => anyway || suspects.isTime(id, options.place, taken);
    const at = this.isOver ? -1 : this.held.findIndex(isDue);
    const [held] = at === -1 ? [] : this.held.splice(at, 1);
    if (held === undefined) return;
    await options.inFlight.empty();
    if (this.isOver) return;
    if (!this.givesUp(held)) await options.send(held.part, held.window);
    await options.inFlight.empty();
    await this.hear();
  }

  /**
   * No connection any more.
   * @param windows what was under way, in order
   * @param byOther the other side has ended it
   */
  lost(windows: readonly LostWindow[], byOther: boolean): void {
    const { suspects, options, taken } = this;
    this.isOver = true;
    clearInterval(this.quiet);
    const [window, another] = windows;
    if (window === undefined) return;
    const { shipment, from, to, acknowledged } = window;
    const id = shipment.id(from);
    // A suspect that is tried says nothing about the others.
    if (!suspects.has(id)) options.pace.lost(to - from - acknowledged);
    if (!byOther) return;
    if (another === undefined && to - from === 1) suspects.refused(id, options.place, taken);
    else suspects.disturbed();
  }

  /** For when no window comes that it could be between. */
  private list(anyway = false): void {
    if (this.isListed || this.held.length === 0) return;
    this.isListed = true;
    this.options.inTurn(async () => {
      this.isListed = false;
      await this.hear(anyway);
    });
  }

  private givesUp({ id, part, window, stream }: Held): boolean {
    const { place } = this.options;
    if (!this.suspects.isGuilty(id, place, this.taken)) return false;
    const { shipment } = part;
    void shipment.receipt.then(() => this.suspects.kept(id)).catch(() => {});
    const reason = `${place} ends the connection whenever it gets this event, and takes the others`;
    shipment.refuse({ event: eventOf(window), stream, status: 0, type: 'connection_reset', reason });
    return true;
  }
}
