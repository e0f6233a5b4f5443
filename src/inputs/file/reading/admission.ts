import path from 'node:path';
import { isSystemError } from '../../../core/errors.ts';
import { isSibling } from '../../../core/files/patterns.ts';
import type { GenerationStore } from '../../../core/generations.ts';
import type { Found } from '../finding/discovery.ts';
import { lowestOffset, mayBeCopy, recognise } from '../finding/identity.ts';
import type { Tailing } from '../tailing/tailing.ts';
import { fileKey, type Reason, type Tracked, type Wanted } from '../tailing/tracked-files.ts';
import type { Intake } from './intake.ts';
import { type OpenedFile, openFile, refuse } from './opening.ts';

/** What is done with a file, and the known generation in it; `nothing-new`: it is not looked into before it changes. */
interface Verdict {
  readonly now: 'read' | 'later' | 'nothing-new';
  readonly id?: string | undefined;
}

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
    const { files, host } = this.tailing;
    const finished = files.finishedIn(file);
    if (finished !== undefined) {
      if (finished.id !== undefined) files.seen.add(finished.id);
      return;
    }
    const wanted = { why, place };
    const writer = await host.writerOf(file);
    if (writer !== undefined) return this.leave(file, wanted, writer);
    const opened = await openFile(file, this.tailing, wanted);
    if (opened === undefined) return;
    const { now, id } = await this.judge(file, opened, why).catch(
      async (error: unknown): Promise<Verdict> => {
        if (!isSystemError(error)) throw error;
        await refuse(file, this.tailing, wanted, error);
        return { now: 'later' };
      },
    );
    if (now === 'read') {
      const first = id === undefined ? undefined : host.generations.get(id)?.path;
      await this.intake.take(id, opened, file, first ?? place);
      return;
    }
    if (now === 'nothing-new') files.finish(file, file, id);
    await opened.handle.close();
  }

  /** The events in it would become events again, and be written again, without end. */
  private leave(file: Found, wanted: Wanted, writer: string): void {
    const { files, problems } = this.tailing;
    problems.report(
      file.path,
      `${file.path} is not read: output ${writer} writes it; let it write elsewhere`,
    );
    files.refused.set(fileKey(file), { path: file.path, ...wanted });
  }

  private async judge(file: Found, opened: OpenedFile, why: Reason): Promise<Verdict> {
    if (fileKey(opened.file) !== fileKey(file)) {
      // It was rotated away between the look and the opening.
      this.tailing.scans.scanAgain();
      return { now: 'later' };
    }
    const id = await this.generationIn(opened, why);
    return id === undefined
      ? { now: await this.judgeNew(file, opened, why) }
      : { now: this.judgeKnown(id, opened, why), id };
  }

  /** The known generation that a file holds; undefined: it is a new one. */
  private async generationIn(opened: OpenedFile, why: Reason): Promise<string | undefined> {
    const id = await recognise(opened, this.known());
    const { source } = (id === undefined ? undefined : this.active(id)) ?? {};
    if (source === undefined || why !== 'matched') return id;
    // Two logs may begin alike.
    const isOther = !(await source.beginsWith(opened)) && !source.isOverwritten;
    return isOther ? undefined : id;
  }

  private async judgeNew(file: Found, opened: OpenedFile, why: Reason): Promise<Verdict['now']> {
    // Without a first byte that is saved, the next content of this file would pass for this generation after a crash.
    if (opened.head.length === 0) return 'nothing-new';
    if (why === 'appeared' && (opened.packed || mayBeCopy(opened, this.known()))) return 'later';
    return why === 'known' || (await this.isBeginning(file, opened)) ? 'nothing-new' : 'read';
  }

  /** It holds what the log beside it begins with: that one is just being copied. */
  private async isBeginning(file: Found, opened: OpenedFile): Promise<boolean> {
    const { dir, base } = path.parse(file.path);
    for (const { source } of this.tailing.files.all()) {
      const isBeside = path.dirname(source.path) === dir && isSibling(source.path, base);
      if (isBeside && (await source.beginsWith(opened))) return true;
    }
    return false;
  }

  private judgeKnown(id: string, opened: OpenedFile, why: Reason): Verdict['now'] {
    const { files, host } = this.tailing;
    // Its reader goes on in the copy, and looks for it itself.
    if (files.sought.has(id)) return 'later';
    const isUnread = opened.sizeBytes > lowestOffset(host.generations.get(id)?.cursors);
    // More may be appended to one that stands at its place.
    const isWanted = isUnread || (why === 'matched' && !opened.packed);
    return isWanted && this.active(id) === undefined ? 'read' : 'nothing-new';
  }

  private known(): ReturnType<GenerationStore['generations']> {
    const { generations, name } = this.tailing.host;
    return generations.generations(name);
  }

  private active(id: string): Tracked | undefined {
    return this.tailing.files.all().find(({ source }) => source.id === id);
  }
}
