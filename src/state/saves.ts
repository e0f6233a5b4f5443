import { setTimeout as delay } from 'node:timers/promises';
import { reasonOf, StateError } from '../core/errors.ts';
import type { Logger } from '../core/log.ts';

/** Those who wait for a save wait for each other. */
const GATHER_MS = 50;

/** Saves of the positions: only of what has changed, one after the other. */
export class Saves {
  /** Why the last one failed. */
  problem: string | undefined;
  private readonly directory: string;
  private readonly log: Logger;
  private readonly write: () => Promise<void>;
  private hasChanged = true;
  private saving: Promise<void> = Promise.resolve();
  private gathering: Promise<void> | undefined;
  private isClosed = false;

  /** @param write writes all of it into the directory; where it fails, what was there is still whole */
  constructor(directory: string, log: Logger, write: () => Promise<void>) {
    this.directory = directory;
    this.log = log;
    this.write = write;
  }

  changed(): void {
    this.hasChanged = true;
  }

  /** @throws StateError when it cannot be written */
  save(): Promise<void> {
    const saved = this.saving.then(() => this.writeChanged());
    this.saving = saved.catch(() => {});
    return saved;
  }

  /** Resolves after a save of all that has changed up to now, soon; `problem` tells when it has failed. */
  soon(): Promise<void> {
    this.gathering ??= delay(GATHER_MS).then(() => {
      this.gathering = undefined;
      return this.save().catch(() => {});
    });
    return this.gathering;
  }

  /** Saves for the last time: the directory may be another probe's from then on. @throws StateError */
  close(): Promise<void> {
    return this.save().finally(() => {
      this.isClosed = true;
    });
  }

  private async writeChanged(): Promise<void> {
    if (!this.hasChanged || this.isClosed) return;
    this.hasChanged = false;
    try {
      await this.write();
      if (this.problem !== undefined) this.log.info({}, 'positions are saved again');
      this.problem = undefined;
    } catch (error) {
      this.hasChanged = true;
      const problem = `positions cannot be saved in ${this.directory} (${reasonOf(error)}): make room or give the right to write`;
      if (this.problem === undefined) this.log.error({}, problem);
      this.problem = problem;
      throw new StateError(problem, { cause: error });
    }
  }
}
