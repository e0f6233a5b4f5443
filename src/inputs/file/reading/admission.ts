import type { GenerationStore } from '../../../core/generations.ts';
import type { Found } from '../finding/discovery.ts';
import { lowestOffset, mayBeCopy, recognise } from '../finding/identity.ts';
import type { Tailing } from '../tailing/tailing.ts';
import { fileKey, type Reason, type Tracked } from '../tailing/tracked-files.ts';
import type { Intake } from './intake.ts';
import { type OpenedFile, openFile } from './opening.ts';

/** What is done with a file: read as a generation, a new one without `id`; looked into again; or not before it changes. */
type Verdict = { readonly id: string | undefined } | 'later' | 'nothing-new';

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
    const { files, problems, host } = this.tailing;
    if (files.isFinished(file)) return;
    const opened = await openFile(file, problems, () =>
      files.denied.set(fileKey(file), { path: file.path, place, why }),
    );
    if (opened === undefined) return;
    const verdict = await this.judge(file, opened, why);
    if (typeof verdict === 'object') {
      const { id } = verdict;
      const first = id === undefined ? undefined : host.generations.get(id)?.path;
      await this.intake.take(id, opened, file, first ?? place);
      return;
    }
    if (verdict === 'nothing-new') files.finish(file, file);
    await opened.handle.close();
  }

  private async judge(file: Found, opened: OpenedFile, why: Reason): Promise<Verdict> {
    if (!opened.packed && fileKey(opened) !== fileKey(file)) {
      // It was rotated away between the look and the opening.
      this.tailing.scans.scanAgain();
      return 'later';
    }
    const id = await this.generationIn(opened, why);
    return id === undefined ? this.judgeNew(opened, why) : this.judgeKnown(id, opened, why);
  }

  /** The known generation that a file holds; undefined: it is a new one. */
  private async generationIn(opened: OpenedFile, why: Reason): Promise<string | undefined> {
    const id = await recognise(opened, this.known());
    const active = id === undefined ? undefined : this.active(id);
    // Two logs may begin alike.
    return active !== undefined && why === 'matched' && !(await active.source.agrees(opened))
      ? undefined
      : id;
  }

  private judgeNew(opened: OpenedFile, why: Reason): Verdict {
    // Without a first byte that is saved, the next content of this file would pass for this generation after a crash.
    if (opened.head.length === 0) return 'nothing-new';
    if (why === 'appeared' && (opened.packed || mayBeCopy(opened, this.known()))) return 'later';
    return why === 'known' ? 'nothing-new' : { id: undefined };
  }

  private judgeKnown(id: string, opened: OpenedFile, why: Reason): Verdict {
    const { files, host } = this.tailing;
    // Its reader goes on in the copy, and looks for it itself.
    if (files.sought.has(id)) return 'later';
    const isUnread = opened.sizeBytes > lowestOffset(host.generations.get(id)?.cursors);
    // More may be appended to one that stands at its place.
    const isWanted = isUnread || (why === 'matched' && !opened.packed);
    return isWanted && this.active(id) === undefined ? { id } : 'nothing-new';
  }

  private known(): ReturnType<GenerationStore['generations']> {
    const { generations, name } = this.tailing.host;
    return generations.generations(name);
  }

  private active(id: string): Tracked | undefined {
    return this.tailing.files.all().find(({ source }) => source.id === id);
  }
}
