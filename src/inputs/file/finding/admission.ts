import type { Intake } from '../reading/intake.ts';
import { openFile } from '../reading/opening.ts';
import type { Tailing } from '../tailing/tailing.ts';
import { fileKey } from '../tailing/tracked-files.ts';
import type { Found } from './discovery.ts';
import { lowestOffset, mayBeCopy, recognise } from './identity.ts';

/**
 * Why a file is looked into. `matched`: it matches a pattern; `missed`: a sibling that was written since the last look;
 * `appeared`: the same, and it may be a copy that is just being made; `known`: a sibling that is of interest only when it
 * holds a known generation.
 */
export type Reason = 'matched' | 'missed' | 'appeared' | 'known';

/** Decides which files are read: those that hold something new. */
export class Admission {
  private readonly tailing: Tailing;
  private readonly intake: Intake;

  constructor(tailing: Tailing, intake: Intake) {
    this.tailing = tailing;
    this.intake = intake;
  }

  /**
   * Takes up a file that is not open yet.
   * @param place the path that a generation which is new once had
   * @throws StateError when it cannot be remembered that it is read
   */
  async admit(file: Found, why: Reason, place: string = file.path): Promise<void> {
    const { files, scans, problems, host } = this.tailing;
    if (files.isFinished(file)) return;
    const opened = await openFile(file, problems, () =>
      files.denied.set(fileKey(file), { path: file.path, place, why }),
    );
    if (opened === undefined) return;
    if (!opened.packed && fileKey(opened) !== fileKey(file)) {
      // It was rotated away between the look and the opening.
      scans.scanAgain();
      await opened.handle.close();
      return;
    }
    const known = host.generations.generations(host.name);
    let id = await recognise(opened, known);
    const active = files.all().find(({ source }) => source.id === id);
    // Two logs may begin alike.
    if (active !== undefined && why === 'matched' && !(await active.source.agrees(opened))) id = undefined;
    if (id === undefined && opened.head.length === 0) {
      // Without a first byte that is saved, the next content of this file would pass for this generation after a crash.
      files.finish(file, file);
      await opened.handle.close();
      return;
    }
    if (why === 'appeared' && id === undefined && (opened.packed || mayBeCopy(opened, known))) {
      await opened.handle.close();
      return;
    }
    if (id !== undefined && files.sought.has(id)) {
      // Its reader goes on in the copy, and looks for it itself.
      await opened.handle.close();
      return;
    }
    const unread =
      id === undefined
        ? opened.head.length > 0
        : opened.sizeBytes > lowestOffset(host.generations.get(id)?.cursors);
    const wanted = id === undefined ? why !== 'known' : active === undefined && (why === 'matched' || unread);
    if (!wanted || (opened.packed && !unread)) {
      files.finish(file, file);
      await opened.handle.close();
      return;
    }
    const first = id === undefined ? undefined : host.generations.get(id)?.path;
    await this.intake.take(id, opened, file, first ?? place);
  }
}
