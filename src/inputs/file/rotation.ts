import { type Found, look } from './discovery.ts';
import type { Siblings } from './siblings.ts';
import type { Tailing } from './tailing.ts';
import { fileKey, type Tracked } from './tracked-files.ts';

/** A file that was rotated away is let go when nothing was appended for so long. */
const ROTATED_QUIET_MS = 60_000;
/** The same for a file that was deleted: nobody can open it any more. */
const DELETED_QUIET_MS = 2000;

/** Follows files that are read to where they are renamed to, and lets them go when nothing is appended there. */
export class Rotation {
  private readonly tailing: Tailing;
  private readonly siblings: Siblings;

  constructor(tailing: Tailing, siblings: Siblings) {
    this.tailing = tailing;
    this.siblings = siblings;
  }

  /** It matches the patterns, under its old name or another one. */
  stillThere(tracked: Tracked, file: Found): void {
    const generation = this.tailing.host.generations.get(tracked.source.id);
    if (generation !== undefined) {
      generation.target = file.target;
      generation.head = tracked.source.firstBytes.toString('base64');
    }
    if (tracked.path !== undefined && tracked.path !== file.path && tracked.source.path !== file.path)
      tracked.rotated = true;
    tracked.path = file.path;
    if (tracked.rotated) letGo(tracked, ROTATED_QUIET_MS);
  }

  /** It left the patterns: renamed or deleted. It is read on through its handle. */
  async movedAway(tracked: Tracked): Promise<void> {
    if (!tracked.rotated) {
      tracked.rotated = true;
      await this.siblings.missedBetween(tracked);
    }
    const now = tracked.path === undefined ? undefined : await look(tracked.path);
    const elsewhere = now !== undefined && fileKey(now) === fileKey(tracked);
    letGo(tracked, elsewhere ? ROTATED_QUIET_MS : DELETED_QUIET_MS);
  }
}

function letGo(tracked: Tracked, quietMs: number): void {
  if (Date.now() - tracked.source.quietSinceMs >= quietMs) tracked.source.markComplete();
}
