import { type Found, findSiblings, look } from '../finding/discovery.ts';
import type { Tailing } from '../tailing/tailing.ts';
import { fileKey, type Tracked } from '../tailing/tracked-files.ts';
import type { Siblings } from './siblings.ts';

/**
 * A file that was rotated away is let go when nothing was appended for so long: one that another has followed, or the last that
 * there was at its place.
 */
const QUIET_MS = { followed: 60_000, last: 24 * 60 * 60 * 1000 };
/** The same for files that were deleted: nobody can open them any more, but a broker may have them open. */
const DELETED_QUIET_MS = { followed: 2000, last: 60_000 };

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
    if (tracked.rotated) letGo(tracked, QUIET_MS.followed);
  }

  /** It left the patterns: renamed or deleted. It is read on through its handle. */
  async movedAway(tracked: Tracked): Promise<void> {
    if (!tracked.rotated) {
      await this.siblings.missedBetween(tracked);
      tracked.rotated = true;
    }
    const quietMs = (await isThere(tracked)) ? QUIET_MS : DELETED_QUIET_MS;
    letGo(tracked, this.isFollowed(tracked) ? quietMs.followed : quietMs.last);
  }

  /** Something was written at its place since. Else a broker that was not told of the rotation may go on in the old file. */
  private isFollowed({ source }: Tracked): boolean {
    return this.tailing.files.latest.get(source.path) !== source;
  }
}

/** It has a name, maybe another one than before. */
async function isThere(tracked: Tracked): Promise<boolean> {
  const key = fileKey(tracked);
  const before = tracked.path === undefined ? undefined : await look(tracked.path);
  if (before !== undefined && fileKey(before) === key) return true;
  const siblings = await findSiblings(tracked.source.path);
  tracked.path = siblings.find((sibling) => fileKey(sibling) === key)?.path;
  return tracked.path !== undefined;
}

function letGo(tracked: Tracked, quietMs: number): void {
  if (tracked.source.quietMs >= quietMs) tracked.source.markComplete();
}
