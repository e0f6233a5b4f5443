/** A version as one number: 2.0.11 is 2 000 011. */
export function versionNumber(version: string): number {
  const [major = 0, minor = 0, patch = 0] = version.split(/[^0-9]+/).map(Number);
  return major * 1_000_000 + minor * 1000 + patch;
}

/** Which versions of the broker may have written a log: narrowed by what it says of itself and by formats that come and went. */
export class VersionRange {
  private from: number;
  private to: number;

  /** Nothing changes while it is set. */
  frozen = false;

  /** @param state what `state` gave */
  constructor(state: unknown) {
    const [from, to] = Array.isArray(state) ? state : [];
    this.from = typeof from === 'number' ? from : 0;
    this.to = typeof to === 'number' ? to : Number.MAX_SAFE_INTEGER;
  }

  /** The broker has said its version. */
  is(version: string): void {
    this.from = versionNumber(version);
    this.to = this.from;
  }

  /** Some line is of these versions. */
  narrow(since: number, until: number): void {
    if (this.frozen || until < this.from || since > this.to) return;
    if (since > this.from) this.from = since;
    if (until < this.to) this.to = until;
  }

  /** All that is possible lies at or above a version. */
  isSince(version: number): boolean {
    return this.from >= version;
  }

  /** All that is possible lies below a version. */
  isBefore(version: number): boolean {
    return this.to < version;
  }

  /** Some possible version lies within. */
  meets(since: number, until: number): boolean {
    return this.from <= until && this.to >= since;
  }

  state(): number[] {
    return [this.from, this.to];
  }
}

/** Peers are written with their port, and lines have at most 999 bytes. */
export const VERSION_2_0 = versionNumber('2.0.0');
/** Names hold no control characters; protocol versions are written. */
export const VERSION_1_6 = versionNumber('1.6.0');
/** Protocols are written as the levels of the wire. */
export const VERSION_2_1 = versionNumber('2.1.0');
