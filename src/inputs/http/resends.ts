import { hash } from 'node:crypto';
import type { Journal, JournalRecord } from '../../core/source.ts';

export type LineRecord = Extract<JournalRecord, { type: 'line' }>;

/** EMQX gives a request up after `request_ttl`, 45 s unless somebody has changed it; clocks differ. */
const TRYING_MS = 3_600_000;
const MAX_KNOWN = 100_000;
const TIME = /"(?:timestamp|ts)":(\d{13})\b/;
const KEPT = Promise.resolve();

/**
 * Admits each event once. A sender that got no answer cannot know what was taken, and sends all of it again: it waits when the
 * probe is killed, or its connection broke. Only an event with a fresh time of its own is recognised: EMQX gives milliseconds
 * (`timestamp`; `ts` in the 4.x plugin). Of two without, nobody knows whether they are the same.
 */
export class Resends {
  private readonly journal: Journal;
  /** Digests of records that may come again: when they are kept. */
  private readonly known = new Map<string, Promise<void>>();

  constructor(journal: Journal) {
    this.journal = journal;
  }

  /** Remembers what earlier runs have admitted: nobody knows which answers have arrived. */
  recall(): Promise<void> {
    return this.journal.recent((record) => {
      if (record.type === 'line') this.remember(record, KEPT);
    });
  }

  /** As `Journal.appendAll`, without the records that were admitted before. */
  admit(records: readonly LineRecord[]): Promise<void> | undefined {
    const { known, journal } = this;
    if (known.size === 0) return journal.appendAll(records);
    const digests = records.map(digestOf);
    const fresh = records.filter((_, i) => !known.has(digests[i] ?? ''));
    const kept = fresh.length === 0 ? KEPT : journal.appendAll(fresh);
    if (kept === undefined) return undefined;
    const before = digests.map((digest) => known.get(digest));
    for (const digest of digests) known.delete(digest);
    return Promise.all([kept, ...before]).then(() => {});
  }

  /** The answer to a request whose records were admitted was not sent. */
  unanswered(records: readonly LineRecord[], kept: Promise<void>): void {
    for (const record of records) this.remember(record, kept);
  }

  private remember(record: LineRecord, kept: Promise<void>): void {
    const { known } = this;
    const now = Date.now();
    if (now - record.seen > TRYING_MS) return;
    const [, time] = TIME.exec(record.text.toString('latin1')) ?? [];
    if (Math.abs(now - Number(time)) < TRYING_MS) known.set(digestOf(record), kept);
    if (known.size <= MAX_KNOWN) return;
    const [oldest = ''] = known.keys();
    known.delete(oldest);
  }
}

function digestOf({ text }: LineRecord): string {
  return hash('sha256', text, 'base64');
}
