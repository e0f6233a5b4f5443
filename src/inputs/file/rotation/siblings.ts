import path from 'node:path';
import { matches } from '../../../core/files/patterns.ts';
import { type Found, findSiblings, look, placesOf } from '../finding/discovery.ts';
import type { Admission } from '../reading/admission.ts';
import type { Tailing } from '../tailing/tailing.ts';
import { fileKey, type Tracked } from '../tailing/tracked-files.ts';

/** Finds generations beside the files of a tailer that were rotated away while nobody looked. */
export class Siblings {
  private readonly tailing: Tailing;
  private readonly admission: Admission;

  constructor(tailing: Tailing, admission: Admission) {
    this.tailing = tailing;
    this.admission = admission;
  }

  /** Generations that were rotated away while the probe did not run or see, before the files that took their place. */
  async missedBefore(found: readonly Found[]): Promise<void> {
    const { config, files, host, scans } = this.tailing;
    const known = host.generations.generations(host.name);
    if (known.length === 0) return;
    // A file that is not there now has siblings all the same: they were at its place.
    const paths = new Set([
      ...config.paths,
      ...found.map((f) => f.path),
      ...known.map(([, generation]) => generation.path),
    ]);
    const here = new Set(found.map(fileKey));
    const sinceMs = scans.unseenSinceMs;
    const admit = async (file: Found, place: string): Promise<void> => {
      const why = file.modifiedMs >= sinceMs ? 'missed' : 'known';
      if (!here.has(fileKey(file)) && !files.has(file)) await this.admission.admit(file, why, place);
      here.add(fileKey(file));
    };
    const admitSiblings = async (file: string, place: string): Promise<void> => {
      for (const sibling of await findSiblings(file)) await admit(sibling, place);
    };
    // Where no path leads any more: a link has changed, or the file was renamed.
    for (const [, { path: place, target }] of known) {
      if (target === undefined || target === place || !matches(place, config.paths)) continue;
      const left = await look(target);
      if (left?.regular !== true) continue;
      await admitSiblings(left.path, place);
      await admit(left, place);
    }
    for (const file of paths) await admitSiblings(file, file);
  }

  /** Tries files again that could not be read, wherever they are now; what is gone is no problem any more. */
  async refused(found: readonly Found[]): Promise<void> {
    const { files, problems } = this.tailing;
    for (const [key, { path: file, place, why }] of [...files.refused]) {
      const around = why === 'matched' ? found : await findSiblings(place);
      const now = around.find((one) => fileKey(one) === key);
      if (now?.path === file && files.finishedIn(now) !== undefined) continue;
      files.refused.delete(key);
      if (now?.path !== file) problems.clear(file);
      if (now !== undefined && why !== 'matched') await this.admission.admit(now, why, place);
    }
  }

  /** Files may have been created at the place of one that is read, and rotated away, between two looks. */
  async missedBetween(tracked: Tracked): Promise<void> {
    const { files, scans } = this.tailing;
    for (const sibling of await findSiblings(tracked.source.path)) {
      if (fileKey(sibling) === fileKey(tracked)) tracked.path = sibling.path;
      else if (!files.has(sibling) && sibling.modifiedMs >= scans.unseenSinceMs) {
        await this.admission.admit(sibling, 'missed', tracked.source.path);
      }
    }
  }

  /**
   * A file may have been written and rotated away between two looks, without one that is open having left its place, or with
   * none there before or after.
   * @param sinceMs milliseconds since 1970
   */
  async appeared(found: readonly Found[], sinceMs: number): Promise<void> {
    const { config, files } = this.tailing;
    const paths = new Set([...config.paths, ...found.map((file) => file.path)]);
    for (const { source } of files.all()) paths.add(source.path);
    const placesIn = new Map(found.map((file) => [file.path, file.places]));
    const looks = new Map<string, Promise<Found | undefined>>();
    const hasChanged = async (directory: string): Promise<boolean> => {
      const looked = looks.get(directory) ?? look(directory);
      looks.set(directory, looked);
      return ((await looked)?.modifiedMs ?? 0) >= sinceMs;
    };
    for (const file of paths) {
      const places = placesIn.get(file) ?? (await placesOf(file));
      const changed = await Promise.all(places.map((place) => hasChanged(path.dirname(place))));
      if (!changed.includes(true)) continue;
      for (const sibling of await findSiblings(file)) {
        if (sibling.modifiedMs >= sinceMs && !files.has(sibling))
          await this.admission.admit(sibling, 'appeared', file);
      }
    }
  }
}
