import type { JournalRecord, Lost, Note, Position } from '../../core/source.ts';
import { amount } from '../../core/text/amount.ts';

const COUNT = 'mqtt.drop.count';
/** Each tells of many lines; one more than these is hardly worth its memory. */
const MOST_NOTES = 10_000;

/** Says what is lost of one input's stream. A gap that was told in a record which is lost itself is told with it. */
export class Losses {
  private readonly input: string;
  /** Lines that notes tell of, by the number of the note. */
  private readonly gaps = new Map<number, number>();

  constructor(input: string) {
    this.input = input;
  }

  /** A note is the record of that number. */
  noted(sequence: number, { action, fields }: Note): void {
    const count = fields?.[COUNT];
    if (action !== 'input-gap' || typeof count !== 'number') return;
    this.gaps.set(sequence, count);
    if (this.gaps.size <= MOST_NOTES) return;
    for (const oldest of this.gaps.keys()) {
      this.gaps.delete(oldest);
      return;
    }
  }

  /** A record that is to be dropped. */
  readonly found = (record: JournalRecord, _id: string, sequence: number): void => {
    if (record.type === 'note') this.noted(sequence, record.note);
  };

  /** Nothing of an earlier stream can be read. */
  all(): Note {
    const { input } = this;
    return this.gap('spool_damaged', `the spool of input ${input} was damaged: what it held cannot be read`);
  }

  /**
   * Records are gone.
   * @param to where reading goes on behind them
   * @param dropped to make room; else they cannot be read
   */
  before(to: Position, dropped: boolean): Lost {
    const next = Number(to.before);
    return { to, tell: (records) => this.records(this.countOf(next - records, next), dropped) };
  }

  private records(count: number, dropped: boolean): Note {
    const cause = dropped ? 'dropped from the full spool' : 'that cannot be read in the spool';
    const message = `lost: ${amount(count, 'record')} of input ${this.input}, ${cause}`;
    return this.gap(dropped ? 'queue_full' : 'spool_damaged', message, { [COUNT]: count });
  }

  /** Records from a number to another, and instead of each note among them what it tells of. */
  private countOf(first: number, next: number): number {
    let sum = next - first;
    for (const [sequence, count] of this.gaps) if (sequence >= first && sequence < next) sum += count - 1;
    return sum;
  }

  private gap(reason: string, message: string, fields: NonNullable<Note['fields']> = {}): Note {
    return {
      action: 'input-gap',
      seen: Date.now(),
      reason,
      message,
      fields: { 'mqtt.probe.input.name': this.input, ...fields },
    };
  }
}
