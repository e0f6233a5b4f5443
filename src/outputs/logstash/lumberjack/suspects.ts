/** An event that was lost alone so often in a row may be what makes the server give up. */
const SUSPICIOUS = 3;
/** Refusals after which an event is given up for good. */
const REFUSALS = 5;
/** So many are held back at the same time at most: their bytes are kept. */
const MOST = 32;
/** After so many losses of other events it is not this one that is to blame. */
const DISTURBANCES = 64;

interface Suspect {
  /** The host that refuses it. */
  place: string;
  /** How often the connection was lost when it was sent alone, behind others that the same connection had taken. */
  refusals: number;
  /** Windows that a connection has to have taken before it is tried, or given up: one more than at the last time. */
  behind: number;
  /** Losses of other events since it was tried. */
  disturbances: number;
  /** It is to blame. */
  isGuilty: boolean;
  /** It is kept as given up. While others are not settled its batch may come again. */
  isKept: boolean;
}

const FRESH = { refusals: 0, behind: 1, disturbances: 0, isGuilty: false, isKept: false };

/**
 * Finds the events that a server does not survive. In lumberjack nothing says so: the server resets the connection, as it
 * does for many other reasons. An event is to blame when it was sent alone `REFUSALS` times, each time the connection was
 * lost at once, and each time other events had passed on the same connection, the next time also at the very place where
 * it was refused before, while nothing else was lost meanwhile. So a server that is down, overloaded, or resets whatever
 * it gets blames nobody. Shared by the connections of an output; a restart forgets it.
 */
export class Suspects {
  private readonly known = new Map<string, Suspect>();
  private last = { id: '', times: 0 };

  get size(): number {
    return this.known.size;
  }

  has(id: string): boolean {
    return this.known.has(id);
  }

  /**
   * The other side ended a connection while this event alone was under way.
   * @param taken windows that the connection had taken before
   */
  refused(id: string, place: string, taken: number): void {
    const suspect = this.known.get(id);
    if (suspect === undefined) {
      this.disturbed();
      this.last = { id, times: this.last.id === id ? this.last.times + 1 : 1 };
      if (this.last.times < SUSPICIOUS || this.known.size >= MOST) return;
      this.known.set(id, { ...FRESH, place });
      return;
    }
    if (suspect.place !== place) Object.assign(suspect, FRESH, { place });
    suspect.disturbances = 0;
    if (taken < suspect.behind) return;
    suspect.refusals++;
    suspect.behind = taken + 1;
  }

  /** Something else was lost: the fault may be the connection's. */
  disturbed(): void {
    for (const [id, suspect] of this.known) {
      if (suspect.isGuilty) continue;
      suspect.refusals = 0;
      if (++suspect.disturbances >= DISTURBANCES) this.known.delete(id);
    }
    this.sweep();
  }

  /** It was taken. */
  forget(id: string): void {
    this.known.delete(id);
    this.sweep();
  }

  /** It was given up, and is settled. */
  kept(id: string): void {
    const suspect = this.known.get(id);
    if (suspect !== undefined) suspect.isKept = true;
    this.sweep();
  }

  /** Others have shown that the connection would take it, if it could be taken. @param taken as above */
  isTime(id: string, place: string, taken: number): boolean {
    const suspect = this.known.get(id);
    if (suspect === undefined) return true;
    if (suspect.place !== place) return taken > 0;
    return suspect.isGuilty || taken >= suspect.behind;
  }

  /** It is to blame: it may be given up. @param taken as above */
  isGuilty(id: string, place: string, taken: number): boolean {
    const suspect = this.known.get(id);
    if (suspect === undefined || suspect.place !== place) return false;
    suspect.isGuilty ||= suspect.refusals >= REFUSALS && taken >= suspect.behind;
    return suspect.isGuilty;
  }

  /** Those that are given up are forgotten together with the last that is not: later they are tried again. */
  private sweep(): void {
    if ([...this.known.values()].every(({ isKept }) => isKept)) this.known.clear();
  }
}
