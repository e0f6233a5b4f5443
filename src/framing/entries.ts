import type { LineRole } from '../core/dialect.ts';
import { Mark } from '../core/event.ts';
import type { RecordHeader } from '../core/header.ts';
import type { TextDecoder, TextVisitor } from './lines.ts';

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

  /** @param isPassing what it was at the place where reading starts */
  constructor(role: (line: string) => LineRole, isPassing: boolean) {
    this.role = role;
    this.isPassing = isPassing;
  }

  /**
   * As a `TextDecoder`, with `decode` giving the lines.
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
    let pending: Pending | undefined;
    let stoppedAt = -1;
    let goesOn = true;
    this.isHolding = false;
    const take: TextVisitor = (line, start, marks, seen, length, header, isInside = false) => {
      // A container's decoder gives all the records that it has joined.
      if (stoppedAt !== -1) return false;
      // What another program wrote in between is none of the entry's lines.
      const role = header !== undefined && header.origin !== 'broker' ? 'whole' : this.role(line);
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
    if (stoppedAt !== -1) return stoppedAt;
    if (pending === undefined) return consumed;
    if (end.final || end.quiet === true || pending.isInside) {
      this.tell(pending, limit, visit);
      return consumed;
    }
    this.isHolding = true;
    return pending.start;
  }

  private tell(entry: Pending, limit: number, visit: TextVisitor): boolean {
    const { text, start, seen, header, marks, length } = entry;
    if (length === undefined || length <= limit) return visit(text, start, marks, seen, undefined, header);
    this.isPassing = true;
    const head = Buffer.from(text).subarray(0, limit).toString();
    return visit(head, start, marks | Mark.truncated, seen, length, header);
  }
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
