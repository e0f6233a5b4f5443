/** Says once that a spool cannot be read, and once that it can be again. */
export class ReadTrouble {
    /** For `status`; undefined: it can be read. */
    problem;
    input;
    log;
    constructor(input, log) {
        this.input = input;
        this.log = log;
    }
    /** @param reason why not; undefined: it can be read */
    tell = (reason) => {
        const { input, log } = this;
        const problem = reason && `the spool of input ${input} cannot be read (${reason})`;
        if (problem === this.problem)
            return;
        this.problem = problem;
        if (problem === undefined)
            log.info({ input }, 'the spool can be read again');
        else
            log.error({ input }, problem);
    };
}
