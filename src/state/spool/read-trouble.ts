import type { Logger } from '../../core/log.ts';

/** Tells of what cannot be read: damage where it is found, trouble with the disk once, and once that it is over. */
export class ReadTrouble {
  /** For `status`; undefined: it can be read. */
  problem: string | undefined;
  private readonly input: string;
  private readonly log: Logger;

  constructor(input: string, log: Logger) {
    this.input = input;
    this.log = log;
  }

  /** @param reason why not; undefined: it can be read */
  readonly tell = (reason: string | undefined): void => {
    const { input, log } = this;
    const problem = reason && `the spool of input ${input} cannot be read (${reason})`;
    if (problem === this.problem) return;
    this.problem = problem;
    if (problem === undefined) log.info({ input }, 'the spool can be read again');
    else log.error({ input }, problem);
  };

  /** What is there is not what was written. */
  readonly damaged = (file: string, offset: number, bytes: number): void =>
    this.log.error({ input: this.input, file, offset, bytes }, 'the spool is damaged');
}
