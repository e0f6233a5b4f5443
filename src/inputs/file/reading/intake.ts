import { randomBytes } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import type { TextFraming } from '../../../framing/detect.ts';
import type { Found } from '../finding/discovery.ts';
import { fingerprintAt } from '../finding/identity.ts';
import type { Tailing } from '../tailing/tailing.ts';
import type { Tracked } from '../tailing/tracked-files.ts';
import { FileSource } from './file-source.ts';
import type { OpenedFile } from './opening.ts';

/** 24 hex digits. */
const SOURCE_ID_BYTES = 12;

/** Makes a source of an open file: it is remembered first, then handed to the outputs, and let go when they have read it. */
export class Intake {
  private readonly tailing: Tailing;
  private readonly findCopy: (tracked: Tracked) => Promise<FileHandle | undefined>;

  /** @param findCopy finds the copy of a file that was truncated */
  constructor(tailing: Tailing, findCopy: (tracked: Tracked) => Promise<FileHandle | undefined>) {
    this.tailing = tailing;
    this.findCopy = findCopy;
  }

  /**
   * Takes up a file.
   * @param id of the generation it holds; undefined: one that is not known yet
   * @param opened closed here when it is not taken
   * @param place the path that the generation once had
   * @throws StateError when it cannot be remembered
   */
  async take(id: string | undefined, opened: OpenedFile, file: Found, place: string): Promise<void> {
    const { host, files } = this.tailing;
    const sourceId = id ?? randomBytes(SOURCE_ID_BYTES).toString('hex');
    files.seen.add(sourceId);
    try {
      if (id === undefined) await this.remember(sourceId, opened, file, place);
      else {
        const generation = host.generations.get(id);
        const { device, inode, target } = file;
        if (generation !== undefined) Object.assign(generation, { device, inode, target });
      }
      await host.generations.save();
    } catch (error) {
      await opened.handle.close();
      throw error;
    }
    const after = files.latest.get(place);
    const source = new FileSource({
      id: sourceId,
      input: host.name,
      path: place,
      handle: opened.handle,
      begins: opened.begins,
      head: opened.head,
      sizeBytes: opened.sizeBytes,
      framing: this.framing(),
      findCopy: () => this.findCopy(tracked),
    });
    const rotated = file.path !== place || opened.packed;
    const tracked: Tracked = { source, device: file.device, inode: file.inode, path: file.path, rotated };
    files.sources.add(source);
    files.track(tracked);
    files.latest.set(place, source);
    host.log.info({ file: file.path, source: sourceId, known: id !== undefined }, 'reading file');
    if (opened.packed) source.markComplete();
    void host.add(source, after?.id === sourceId ? undefined : after).then(() => this.done(tracked));
  }

  /** A generation that is new; where it is read from is the business of `start`. */
  private async remember(id: string, opened: OpenedFile, file: Found, place: string): Promise<void> {
    const { host, scans, config } = this.tailing;
    const seen = new Date(scans.lastScanMs).toISOString();
    const { device, inode, target } = file;
    const generation = {
      input: host.name,
      path: place,
      target,
      head: opened.head.toString('base64'),
      device,
      inode,
      seen,
    };
    const atEnd = this.tailing.isFirstRun && scans.isFirst && config.start === 'end';
    const offset = opened.sizeBytes;
    host.generations.add(
      id,
      generation,
      atEnd ? { offset, before: await fingerprintAt(opened.handle, offset) } : undefined,
    );
  }

  private async done(tracked: Tracked): Promise<void> {
    const { files, scans, problems } = this.tailing;
    if (scans.isStopped) return;
    const left = await tracked.source.close();
    files.sources.delete(tracked.source);
    problems.clear(tracked.source.id);
    // Else another generation is in its file.
    if (files.get(tracked) !== tracked) return;
    files.untrack(tracked);
    if (left !== undefined) files.finish(tracked, left, tracked.source.id);
  }

  private framing(): TextFraming | undefined {
    const { container } = this.tailing.config;
    if (container === 'auto') return undefined;
    return container === 'none' ? 'lines' : container;
  }
}
