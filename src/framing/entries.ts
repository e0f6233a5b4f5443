import type { LineRole } from '../core/dialect.ts';
import { Mark } from '../core/event.ts';
import type { RecordHeader } from '../core/header.ts';
import { type ContinuedDecoder, characterBorder, type TextDecoder, type TextVisitor } from './lines.ts';

/** When nothing has followed an entry for so long, it is whole: brokers write an entry at once. */
export const QUIET_MS = 500;

/** The lines of an entry so far. */
interface Pending {
  text: string;
  readonly start: number;
  readonly seen: number | undefined;
  readonly header: RecordHeader | undefined;
  /** Reading cannot begin anew at its start: it ends with the lines that are joined around it. */
  readonly isInside: boolean;
  marks: number;
  /** Bytes of its text; undefined while it is one line that was not cut. */
  length: number | undefined;
}

/**
 * Joins the lines of each entry of a log. An entry ends where the next one begins: until then its bytes are not taken, so
 * that no position ever stands inside it. What is longer than the limit is cut, and its rest passed over.
 */
export class EntryJoiner {
  /** The last entry of the last `decode` waits for the line behind it. */
  isHolding = false;
  /** In the rest of an entry whose head was longer than the limit. */
  isPassing: boolean;
  private readonly role: (line: string) => LineRole;
  /** Gives the lines of entries that may be longer than what is in memory. */
  private lines: ContinuedDecoder | undefined;
  /** What the last `decode` has of an entry whose lines it has taken; its start counts from where that has ended. */
  private open: Pending | undefined;

  /** @param isPassing what it was at the place where reading starts */
  constructor(role: (line: string) => LineRole, isPassing: boolean) {
    this.role = role;
    this.isPassing = isPassing;
  }

  /** Entries that may be longer than what is in memory: to be decoded with the `decode` of what is returned. */
  readOn(lines: ContinuedDecoder): ContinuedDecoder {
    this.lines = lines;
    this.open = undefined;
    const startOf = (): number | undefined =>
      this.lines !== lines ? undefined : (this.open?.start ?? (lines.isOpen ? lines.openStart : undefined));
    return {
      decode: lines.decode,
      get isOpen() {
        return startOf() !== undefined;
      },
      get openStart() {
        return startOf() ?? 0;
      },
    };
  }

  /**
   * As a `TextDecoder`, with `decode` giving the lines. With one of `readOn` the lines of an unfinished entry are taken, and where
   * the visitor stops it, the offset in front of what follows the entry may be negative.
   * @param end `quiet`: the last entry is whole, though the line behind it, if there is one, is not
   * @param isCut an entry ends at this offset whatever the line there is
   */
  decode(
    decode: TextDecoder,
    bytes: Buffer,
    from: number,
    to: number,
    limit: number,
    end: { readonly final: boolean; readonly quiet?: boolean },
    isCut: (start: number) => boolean,
    visit: TextVisitor,
  ): number {
    const readsOn = decode === this.lines?.decode;
    let pending = readsOn && this.open !== undefined ? moved(this.open, from) : undefined;
    let goesOn = true;
    let stoppedAt: number | undefined;
    this.isHolding = false;
    this.open = undefined;
    const take: TextVisitor = (line, start, marks, seen, length, header, isInside = false) => {
      // Records of two streams of a container may come together.
      if (stoppedAt !== undefined) return false;
      // What another program or container wrote in between is none of the entry's lines.
      const own = header !== undefined && header.origin !== 'broker' ? 'whole' : this.role(line);
      const role = own === 'continues' && isOther(header, pending?.header) ? 'whole' : own;
      if (pending !== undefined) {
        const isOver = (pending.isInside && !isInside) || isCut(start);
        if (role === 'continues' && !isOver) {
          append(pending, line, marks, length, limit);
          return goesOn;
        }
        if (!this.tell(pending, limit, visit)) goesOn = false;
        pending = undefined;
        if (!goesOn && !isInside) {
          stoppedAt = start;
          return false;
        }
      }
      if (role === 'begins') {
        this.isPassing = false;
        pending = { text: line, start, seen, header, isInside, marks, length };
        return goesOn;
      }
      if (role === 'whole') this.isPassing = false;
      if (!this.isPassing && !visit(line, start, marks, seen, length, header)) goesOn = false;
      return goesOn;
    };
    const consumed = decode(bytes, from, to, limit, end.final, take);
    if (stoppedAt !== undefined) return this.stop(stoppedAt);
    if (pending === undefined) return consumed;
    if (end.final || end.quiet === true || pending.isInside) {
      if (!this.tell(pending, limit, visit)) goesOn = false;
      // The line behind it is not whole.
      const rest = readsOn && !goesOn ? (this.lines?.openStart ?? 0) : 0;
      return rest === 0 ? consumed : this.stop(consumed + rest);
    }
    this.isHolding = true;
    if (!readsOn) return pending.start;
    this.open = moved(pending, -consumed);
    return consumed;
  }

  /** What it has of lines behind this offset is forgotten. */
  private stop(at: number): number {
    this.lines = undefined;
    return at;
  }

  private tell(entry: Pending, limit: number, visit: TextVisitor): boolean {
    const { text, start, seen, header, marks, length } = entry;
    if (length === undefined || length <= limit) return visit(text, start, marks, seen, undefined, header);
    this.isPassing = true;
    const head = Buffer.from(text);
    const kept = head.length > limit ? head.toString('utf8', 0, characterBorder(head, 0, limit)) : text;
    return visit(kept, start, marks | Mark.truncated, seen, length, header);
  }
}

/** Another of the writers of one log. An empty line does not tell whose it is. */
function isOther(header: RecordHeader | undefined, of: RecordHeader | undefined): boolean {
  return header?.source !== undefined && of?.source !== undefined && header.source !== of.source;
}

/** The same entry, with a start that counts from elsewhere. */
function moved(entry: Pending, by: number): Pending {
  return { ...entry, start: entry.start + by };
}

function append(
  entry: Pending,
  line: string,
  marks: number,
  length: number | undefined,
  limit: number,
): void {
  const before = entry.length ?? Buffer.byteLength(entry.text);
  if (before < limit) entry.text += `\n${line}`;
  entry.length = before + 1 + (length ?? Buffer.byteLength(line));
  entry.marks |= marks;
}
