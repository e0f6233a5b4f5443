import type { InputHost } from '../../core/input.ts';
import { Repeats } from '../../core/log.ts';
import type { Journal, Note } from '../../core/source.ts';

/** Characters of a node's name that the sentence of a gap repeats. */
const NODE_CHARS = 100;
/** Gaps that wait for room in the journal; a broker that comes and goes meanwhile tells nothing new. */
const MAX_UNTOLD = 100;

/** What a mirror has to say: gaps as notes in its journal, problems in the probe's own log and its status. */
export class MirrorReports {
  private readonly url: string;
  private readonly host: InputHost;
  private readonly journal: Journal;
  private trouble = 'not connected yet';
  private readonly repeats = new Repeats();
  private readonly signal: AbortSignal;
  /** Gaps that found no room, oldest first. */
  private readonly untold: Note[] = [];

  /**
   * @param url of the broker
   * @param signal the mirror stops
   */
  constructor(url: string, host: InputHost, journal: Journal, signal: AbortSignal) {
    this.url = url;
    this.host = host;
    this.journal = journal;
    this.signal = signal;
  }

  /** Why nothing is received now, in a sentence; empty: there is no reason. */
  get problem(): string {
    return this.trouble;
  }

  /** Messages are missing, or signs of life. @param reason `event.reason` */
  gap(reason: string, message: string, fields: Note['fields'] = {}): void {
    const { untold, url, host } = this;
    if (untold.length === MAX_UNTOLD) return;
    untold.push({
      action: 'input-gap',
      seen: Date.now(),
      reason,
      message: `${url}: ${message}`,
      fields: { 'mqtt.probe.input.name': host.name, ...fields },
    });
    if (untold.length === 1) this.tell();
  }

  /** A node of the broker is silent or gone. */
  silence(reason: 'sys_silent' | 'node_gone', node: string, silentMs: number): void {
    const who = node === '' ? 'the broker' : `node ${node.slice(0, NODE_CHARS)}`;
    const what =
      reason === 'node_gone'
        ? `${who} has left the cluster: there are no numbers of it any more`
        : `${who} has said nothing in $SYS for ${Math.round(silentMs / 1000)} s: its numbers are missing`;
    this.gap(reason, what, node === '' ? {} : { 'service.node.name': node });
  }

  /** Nothing is received now. The same problem is logged once a minute. */
  report(problem: string, level: 'warn' | 'error' = 'error'): void {
    this.trouble = problem;
    const fields = this.repeats.next('problem', problem);
    if (fields !== undefined) this.host.log[level]({ input: this.host.name, ...fields }, problem);
  }

  /** What was granted is received. @param refusals why other filters are not, as far as it was not told yet */
  receiving(refusals: readonly string[]): void {
    this.trouble = '';
    for (const problem of refusals) this.host.log.error({ input: this.host.name }, problem);
  }

  /** Everything that is wanted is received. */
  recovered(): void {
    this.repeats.forget('problem');
    this.host.log.info({ input: this.host.name }, 'subscribed');
  }

  /** Tells all gaps, now or when there is room. */
  private tell(): void {
    const { untold, journal, signal } = this;
    for (let [note] = untold; note !== undefined; [note] = untold) {
      if (journal.append({ type: 'note', note }) === undefined) {
        journal.room(signal).then(
          () => this.tell(),
          () => {},
        );
        return;
      }
      untold.shift();
    }
  }
}
