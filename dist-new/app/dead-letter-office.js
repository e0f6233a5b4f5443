import { DeadLetters } from '../state/dead-letters.js';
import { RejectionReports } from './rejection-reports.js';
import { replay } from './replay.js';
/** The dead letters of all outputs: kept, reported, replayed, purged. */
export class DeadLetterOffice {
    config;
    reports;
    letters = new Map();
    replaying = new Map();
    /** @param say makes an event of a note */
    constructor(config, log, say) {
        this.config = config;
        this.reports = new RejectionReports(log, say);
    }
    graveyard(output) {
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
    report() {
        this.reports.tell(Date.now());
    }
    async purge(output) {
        await this.of(output).purge();
        return { purged: true };
    }
    /**
     * Sends an output's letters to it again; a call during a replay joins it.
     * @param save makes the counters safe
     */
    replay(target, save, signal) {
        const { name } = target;
        const running = this.replaying.get(name) ??
            replay(this.of(name), target, save, signal).finally(() => this.replaying.delete(name));
        this.replaying.set(name, running);
        return running;
    }
    of(output) {
        const { state, dead_letters: limits } = this.config;
        const letters = this.letters.get(output) ?? new DeadLetters(state, output, limits.size);
        this.letters.set(output, letters);
        return letters;
    }
}
