/** A version as one number: 2.0.11 is 2 000 011. */
export function versionNumber(version: string): number {
  const [major = 0, minor = 0, patch = 0] = version.split(/[^0-9]+/).map(Number);
  return major * 1_000_000 + minor * 1000 + patch;
}

/** The oldest version of which the tables tell: older ones write what it writes, but for some lines of their configuration. */
const OLDEST = versionNumber('1.5.0');

/** Which versions of the broker may have written the log: narrowed by its version lines, and by formats that not all have. */
export class VersionRange {
  private from: number;
  private to: number;

  /** While set, nothing changes. */
  frozen = false;

  /** @param state what `state` gave */
  constructor(state: unknown) {
    const [from, to] = Array.isArray(state) ? state : [];
    this.from = typeof from === 'number' ? from : 0;
    this.to = typeof to === 'number' ? to : Number.MAX_SAFE_INTEGER;
  }

  /** The broker has started, of this version. */
  is(version: string): void {
    this.from = Math.max(OLDEST, versionNumber(version));
    this.to = this.from;
  }

  /** A line tells which version has written it. */
  tells(version: string): void {
    const told = Math.max(OLDEST, versionNumber(version));
    this.narrow(told, told);
  }

  /** A line was written that only these versions write. */
  narrow(since: number, until: number): void {
    if (this.frozen || until < this.from || since > this.to) return;
    if (since > this.from) this.from = since;
    if (until < this.to) this.to = until;
  }

  /** Every possible version is at least this one. */
  isSince(version: number): boolean {
    return this.from >= version;
  }

  /** Every possible version is older. */
  isBefore(version: number): boolean {
    return this.to < version;
  }

  /** Some possible version lies between the two, or is one of them. */
  meets(since: number, until: number): boolean {
    return this.from <= until && this.to >= since;
  }

  state(): number[] {
    return [this.from, this.to];
  }
}

/** From here on peers have their port, and lines at most 999 bytes. */
export const VERSION_2_0 = versionNumber('2.0.0');
/** From here on names hold no control characters, and connect lines tell the protocol. */
export const VERSION_1_6 = versionNumber('1.6.0');
/** From here on connect lines have the protocol level of MQTT. */
export const VERSION_2_1 = versionNumber('2.1.0');
