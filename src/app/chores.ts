import { hasCode, StateError } from '../core/errors.ts';
import type { Surroundings } from './surroundings.ts';

/** How often it is looked for what is to be reported. */
const REPORT_MS = 5000;
/** Pause between two looks for positions of files that are long gone. */
const EXPIRE_MS = 3_600_000;

/** What a running probe does again and again: saves positions, forgets old ones, reports what is due, gives its heartbeat. */
export class Chores {
  private readonly around: Surroundings;
  private readonly report: () => void;
  private readonly heartbeat: () => void;
  private readonly isRead: (id: string) => boolean;
  private readonly timers: NodeJS.Timeout[] = [];
  private saving: Promise<void> = Promise.resolve();

  /**
   * @param report tells of rejected events, and of inputs of which nothing comes
   * @param heartbeat says how the probe is
   * @param isRead a source with this id is read now
   */
  constructor(
    around: Surroundings,
    report: () => void,
    heartbeat: () => void,
    isRead: (id: string) => boolean,
  ) {
    this.around = around;
    this.report = report;
    this.heartbeat = heartbeat;
    this.isRead = isRead;
  }

  start(): void {
    const { config, store } = this.around;
    const expire = (): void => store.expire(Date.now(), this.isRead);
    expire();
    this.every(EXPIRE_MS, expire);
    this.every(config.save, () => {
      this.saving = Promise.all([this.saving, this.save()]).then(() => {});
    });
    this.every(REPORT_MS, this.report);
    this.every(config.heartbeat, this.heartbeat);
  }

  /** Nothing more is begun. Resolves when nothing goes on: another probe may open the directory then. */
  async stop(): Promise<void> {
    for (const timer of this.timers) clearInterval(timer);
    await this.saving;
  }

  private every(ms: number, act: () => void): void {
    this.timers.push(setInterval(act, ms));
  }

  /** Saves how far each output has come, and then removes from the spool what none of them needs. */
  private async save(): Promise<void> {
    const { lanes, spool, store } = this.around;
    for (const lane of lanes) lane.refresh();
    const needed = spool.needed();
    try {
      await store.save();
      await spool.trim(needed);
    } catch (error) {
      if (!(error instanceof StateError)) throw error;
      // On a full disk the order is turned round: what nobody needs makes room for the positions. A crash before they are
      // saved would then tell of a gap where there is none, which is better than to stand still for ever.
      if (hasCode(error.cause, 'ENOSPC', 'EDQUOT')) await spool.trim(needed);
    }
  }
}
