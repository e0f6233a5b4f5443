import type { Config } from '../config/load.ts';
import type { Logger } from '../core/log.ts';
import type { Graveyard } from '../core/output.ts';
import type { Note } from '../core/source.ts';
import { DeadLetters } from '../state/dead-letters.ts';
import { RejectionReports } from './rejection-reports.ts';
import { type Replayed, type ReplayTarget, replay } from './replay.ts';

/** The dead letters of all outputs: kept, reported, replayed, purged. */
export class DeadLetterOffice {
  private readonly config: Config;
  private readonly reports: RejectionReports;
  private readonly letters = new Map<string, DeadLetters>();
  private readonly replaying = new Map<string, Promise<Replayed>>();

  /** @param say makes an event of a note */
  constructor(config: Config, log: Logger, say: (note: Note) => void) {
    this.config = config;
    this.reports = new RejectionReports(log, say);
  }

  graveyard(output: string): Graveyard {
    const letters = this.of(output);
    return {
      check: () => letters.check(),
      add: async (source, rejected) => {
        await letters.add(source, rejected);
        this.reports.add(output, rejected);
      },
    };
  }

  /** Tells of what was rejected meanwhile. */
  report(): void {
    this.reports.tell(Date.now());
  }

  async purge(output: string): Promise<object> {
    await this.of(output).purge();
    return { purged: true };
  }

  /**
   * Sends an output's letters to it again; a call during a replay joins it.
   * @param save makes the counters safe
   */
  replay(target: ReplayTarget, save: () => Promise<void>, signal: AbortSignal): Promise<Replayed> {
    const { name } = target;
    const running =
      this.replaying.get(name) ??
      replay(this.of(name), target, save, signal).finally(() => this.replaying.delete(name));
    this.replaying.set(name, running);
    return running;
  }

  private of(output: string): DeadLetters {
    const { state, dead_letters: limits } = this.config;
    const letters = this.letters.get(output) ?? new DeadLetters(state, output, limits.size);
    this.letters.set(output, letters);
    return letters;
  }
}
