import type { FSWatcher } from 'chokidar';
import { isSystemError, StateError } from '../../core/errors.ts';
import type { Input, InputHost } from '../../core/input.ts';
import type { FileInputConfig } from './config.ts';
import { type Found, findFiles, unreadable, watchPatterns } from './finding/discovery.ts';
import { Admission } from './reading/admission.ts';
import { Intake } from './reading/intake.ts';
import { CopySearch } from './rotation/copy-search.ts';
import { Rotation } from './rotation/rotation.ts';
import { Siblings } from './rotation/siblings.ts';
import { accessProblem, directoryProblem, Problems } from './tailing/problems.ts';
import { LOOK_MS, Scans } from './tailing/scans.ts';
import type { Tailing } from './tailing/tailing.ts';
import { fileKey, TrackedFiles } from './tailing/tracked-files.ts';

/** Tails log files: finds them, tells their generations apart, and hands each to the outputs as a source. */
export class FileTailer implements Input {
  private readonly tailing: Tailing;
  private readonly admission: Admission;
  private readonly siblings: Siblings;
  private readonly rotation: Rotation;
  private watcher: FSWatcher | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** The last look could not see all files, or was none of this run. */
  private isBlind = true;

  constructor(config: FileInputConfig, host: InputHost) {
    const known = host.generations.generations(host.name);
    const lastScanMs =
      known.length === 0 ? Date.now() : Math.max(...known.map(([, { seen }]) => Date.parse(seen)));
    this.tailing = {
      config,
      host,
      isFirstRun: host.generations.isNew,
      files: new TrackedFiles(),
      scans: new Scans(lastScanMs, () => this.look()),
      problems: new Problems(host),
    };
    const intake = new Intake(this.tailing, (tracked) => copies.find(tracked));
    this.admission = new Admission(this.tailing, intake);
    this.siblings = new Siblings(this.tailing, this.admission);
    this.rotation = new Rotation(this.tailing, this.siblings);
    const copies = new CopySearch(this.tailing, this.siblings);
  }

  async start(): Promise<void> {
    this.watcher = watchPatterns(this.tailing.config.paths, () => void this.scan());
    this.timer = setInterval(() => void this.scan(), LOOK_MS);
    await this.scan();
  }

  async stop(): Promise<void> {
    const { scans, files } = this.tailing;
    scans.stop();
    clearInterval(this.timer);
    await this.watcher?.close();
    await scans.idle();
    for (const source of files.sources) await source.close();
  }

  problems(): readonly string[] {
    return this.tailing.problems.all;
  }

  /** Looks at everything; a call during a scan makes it run once more. */
  scan(): Promise<void> {
    return this.tailing.scans.scan();
  }

  private async look(): Promise<void> {
    const { problems } = this.tailing;
    try {
      await this.lookAtEverything();
      problems.clear('look');
    } catch (error) {
      if (!(error instanceof StateError) && !isSystemError(error)) throw error;
      problems.report('look', error.message);
    }
  }

  private async lookAtEverything(): Promise<void> {
    const { config, files, scans, problems } = this.tailing;
    const startedMs = Date.now();
    const hidden = await unreadable(config.paths);
    const isBlind = hidden !== undefined;
    const found = await findFiles(config.paths);
    if (hidden === undefined) problems.clear('directory');
    else problems.report('directory', directoryProblem(hidden.directory, hidden.error));
    await this.missing(found, isBlind);
    for (const { id, problem } of files.sources)
      if (problem === undefined) problems.clear(id);
      else problems.report(id, problem);
    const here = new Set(found.map(fileKey));
    for (const tracked of files.all()) {
      await tracked.source.inspect();
      if (!here.has(fileKey(tracked))) await this.rotation.movedAway(tracked);
    }
    if (this.isBlind) await this.siblings.missedBefore(found);
    await this.siblings.refused(found);
    // What an older generation has taught holds for the one behind it.
    for (const file of found.toSorted((a, b) => a.modifiedMs - b.modifiedMs)) {
      if (scans.isStopped) return;
      const tracked = files.get(file);
      if (tracked === undefined) await this.admission.admit(file, 'matched');
      else this.rotation.stillThere(tracked, file);
    }
    await this.siblings.appeared(found, scans.isFirst ? startedMs : scans.unseenSinceMs);
    this.isBlind = isBlind;
    const seenMs = isBlind ? scans.lastScanMs : startedMs;
    this.remember(seenMs);
    scans.completed(seenMs);
  }

  /** Last in a look: what was written before it is known now, and not earlier; it may be cut short. */
  private remember(seenMs: number): void {
    const { files, host } = this.tailing;
    const seen = new Date(seenMs).toISOString();
    for (const id of [...files.all().map(({ source }) => source.id), ...files.seen]) {
      const generation = host.generations.get(id);
      if (generation !== undefined) generation.seen = seen;
    }
    files.seen.clear();
  }

  private async missing(found: readonly Found[], isBlind: boolean): Promise<void> {
    const { config, problems } = this.tailing;
    if (found.length > 0 || isBlind) return problems.clear('paths');
    const reasons = await Promise.all(config.paths.map((pattern) => accessProblem(pattern, undefined)));
    problems.report('paths', reasons.join('; '));
  }
}
