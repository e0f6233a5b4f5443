import { performance } from 'node:perf_hooks';
import { amount } from '../../core/text/amount.ts';
import type { OutputStatus, Status } from '../../telemetry/status.ts';

/** Longer than an output that works leaves events unsettled. */
const STANDSTILL_MS = 15_000;

/** Says why there is nothing to follow: events are shown when they are read for an output, and one that is blocked reads nothing. */
export class OutputWatch {
  private readonly output: string | undefined;
  private readonly now: () => number;
  private isTold = false;
  /** Since when, and from what, its numbers have not changed. */
  private since = { numbers: '', at: 0 };

  /** @param output its name; undefined: the first one */
  constructor(output: string | undefined, now = (): number => performance.now()) {
    this.output = output;
    this.now = now;
  }

  /** @returns what is new of it, a sentence; empty: nothing */
  look({ outputs }: Pick<Status, 'outputs'>): string {
    const followed =
      this.output === undefined ? outputs[0] : outputs.find(({ name }) => name === this.output);
    if (followed === undefined) return '';
    const trouble = followed.problem ?? this.standstill(followed);
    const isNew = (trouble !== undefined) !== this.isTold;
    this.isTold = trouble !== undefined;
    if (!isNew) return '';
    return trouble === undefined
      ? `output ${followed.name} takes events again`
      : `${trouble}: what it does not take is hardly read, and so not shown`;
  }

  private standstill({ name, place, read, pending }: OutputStatus): string | undefined {
    const [numbers, now] = [`${read} ${pending}`, this.now()];
    if (numbers !== this.since.numbers) this.since = { numbers, at: now };
    if (pending === 0 || now - this.since.at < STANDSTILL_MS) return undefined;
    return `output ${name} (${place}) has taken none of ${amount(pending, 'event')} for ${STANDSTILL_MS / 1000} s`;
  }
}
