import { isUtf8 } from 'node:buffer';
import { Mark } from '../core/event.ts';
import type { RecordHeader } from '../core/header.ts';
import { matchesWildcard } from '../core/text/wildcard.ts';
import { type FramingOptions, HeaderTable, OTHER, syslogHeader, UNKNOWN } from './header.ts';
import { decodeLines, type TextDecoder } from './lines.ts';

interface Entry {
  readonly text: string;
  readonly marks: number;
  readonly seen: number | undefined;
  readonly header: RecordHeader;
}

/** What a field of an entry may be: text, bytes where it is not all text, null where it is too long to be shown. */
type Field = unknown;

/**
 * `journalctl -o json`: one object a line (systemd.journal-fields(7)). The priority is the broker's own only where the
 * broker spoke to syslog or to the journal; what it writes to its standard output has one priority for all.
 */
export function journaldDecoder(options: FramingOptions): TextDecoder {
  const headers = new HeaderTable();
  return (bytes, from, to, limit, final, visit) =>
    // The limit is that of the message, not of the fields around it.
    decodeLines(bytes, from, to, Number.MAX_SAFE_INTEGER, final, (line, start, marks) => {
      if (line === '') return visit(line, start, marks, undefined, undefined, undefined);
      const entry = readEntry(line, options.program, headers);
      if (entry === undefined) return visit(line, start, marks, undefined, undefined, UNKNOWN);
      const length = Buffer.byteLength(entry.text);
      const isCut = length > limit;
      const text = isCut ? Buffer.from(entry.text).toString('utf8', 0, limit) : entry.text;
      const all = marks | entry.marks | (isCut ? Mark.truncated : Mark.none);
      return visit(text, start, all, entry.seen, isCut ? length : undefined, entry.header);
    });
}

function readEntry(line: string, wanted: string, headers: HeaderTable): Entry | undefined {
  let fields: unknown;
  try {
    fields = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof fields !== 'object' || fields === null || !('MESSAGE' in fields)) return undefined;
  const get = (name: string): string | undefined => text((fields as Record<string, Field>)[name])?.text;
  const message = text(fields.MESSAGE);
  const program = get('SYSLOG_IDENTIFIER') ?? get('_COMM') ?? '-';
  const micros = Number(get('__REALTIME_TIMESTAMP'));
  const seen = micros > 0 ? Math.floor(micros / 1000) : undefined;
  const marks = message?.marks ?? Mark.truncated;
  if (!matchesWildcard(wanted, program)) return { text: message?.text ?? '', marks, seen, header: OTHER };
  const severity = get('_TRANSPORT') === 'stdout' ? undefined : numberOf(get('PRIORITY'), 7);
  const facility = numberOf(get('SYSLOG_FACILITY'), 23);
  const process = get('SYSLOG_PID') ?? get('_PID');
  const host = get('_HOSTNAME');
  const header = headers.get(JSON.stringify([severity, facility, program, process, host]), () =>
    syslogHeader({
      severity,
      priority: severity === undefined || facility === undefined ? undefined : facility * 8 + severity,
      program,
      process,
      host,
    }),
  );
  return { text: message?.text ?? '', marks, seen, header };
}

/** A field that an entry has more than once is an array of its values; bytes are an array of numbers. */
function text(field: Field): { text: string; marks: number } | undefined {
  if (typeof field === 'string') return { text: field, marks: Mark.none };
  if (!Array.isArray(field) || field.length === 0) return undefined;
  if (typeof field[0] !== 'number') return text(field[0]);
  const bytes = Buffer.from(field);
  return { text: bytes.toString('utf8'), marks: isUtf8(bytes) ? Mark.none : Mark.invalidUtf8 };
}

function numberOf(word: string | undefined, max: number): number | undefined {
  const value = word === undefined || word === '' ? Number.NaN : Number(word);
  return Number.isInteger(value) && value >= 0 && value <= max ? value : undefined;
}
