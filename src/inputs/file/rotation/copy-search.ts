import type { FileHandle } from 'node:fs/promises';
import { reasonOf } from '../../../core/errors.ts';
import { type Found, findSiblings } from '../finding/discovery.ts';
import { holds, lowestOffset, type Opened, type Remembered } from '../finding/identity.ts';
import { type OpenedFile, openFile } from '../reading/opening.ts';
import type { Tailing } from '../tailing/tailing.ts';
import type { Tracked } from '../tailing/tracked-files.ts';
import type { Siblings } from './siblings.ts';

/** Looks for the copies of files that were truncated (copytruncate of logrotate). */
export class CopySearch {
  private readonly tailing: Tailing;
  private readonly siblings: Siblings;

  constructor(tailing: Tailing, siblings: Siblings) {
    this.tailing = tailing;
    this.siblings = siblings;
  }

  /**
   * The file was truncated: a copy may hold what was not read; what is in the file now is another generation. Of several
   * copies the longest is taken: what was written between the copying and the truncation is in none.
   */
  async find(tracked: Tracked): Promise<FileHandle | undefined> {
    const { host, files, scans, problems } = this.tailing;
    const { id } = tracked.source;
    files.untrack(tracked);
    files.sought.add(id);
    scans.scanAgain();
    const generation = host.generations.get(id);
    if (generation !== undefined) generation.head = tracked.source.firstBytes.toString('base64');
    const wanted = { why: 'known', place: tracked.source.path } as const;
    let best: { readonly found: Found; readonly opened: OpenedFile } | undefined;
    for (const file of generation === undefined ? [] : await findSiblings(tracked.source.path)) {
      const opened = files.has(file) ? undefined : await openFile(file, this.tailing, wanted);
      if (opened === undefined || generation === undefined) continue;
      const more = opened.sizeBytes > (best?.opened.sizeBytes ?? lowestOffset(generation.cursors));
      const isCopy = more && (await this.isCopy(opened, generation, best?.opened));
      await (isCopy ? best?.opened : opened)?.handle.close();
      if (isCopy) best = { found: file, opened };
    }
    if (best !== undefined && generation !== undefined) {
      const { path: place, target } = best.found;
      const { device, inode } = best.opened.file;
      host.log.info({ file: place }, 'file was truncated; reading its copy to the end');
      Object.assign(tracked, { device, inode, path: place, rotated: true });
      Object.assign(generation, { device, inode, target });
      files.track(tracked);
    }
    files.sought.delete(id);
    // What that could not take up the next look does.
    await this.siblings.missedBetween(tracked).catch((error: unknown) => {
      problems.report('look', reasonOf(error));
    });
    void scans.scan();
    return best?.opened.handle;
  }

  /** @param best closed too when it cannot be told: all begins anew then */
  private async isCopy(opened: Opened, generation: Remembered, best: Opened | undefined): Promise<boolean> {
    try {
      return await holds(opened, generation);
    } catch (error) {
      await opened.handle.close();
      await best?.handle.close();
      throw error;
    }
  }
}
