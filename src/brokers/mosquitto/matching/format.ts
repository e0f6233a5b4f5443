import type { Action, EventKind, LogLevel, Outcome, Slot } from '../../../core/event.ts';
import type { FieldName } from '../../../ecs/catalogue.ts';
import { defineKind, type KindDefinition } from '../../../ecs/kind.ts';
import { versionNumber } from '../context/version-range.ts';
import type { LineReader } from '../line.ts';
import { PLACEHOLDERS, type Placeholder, type PlaceholderName } from './placeholders.ts';

/** One `printf` format of the broker; what the broker fills in is a `{placeholder}`. */
export interface Format {
  readonly text: string;
  /** First and last version that has it, `2.0.0-2.0.22`; nothing behind the dash: the newest has it too. */
  readonly versions: string;
  readonly since: number;
  readonly until: number;
  readonly kind: EventKind;
  /** The fixed text around the placeholders: one piece more than there are placeholders. */
  readonly literals: readonly string[];
  readonly placeholders: readonly Placeholder[];
  /** Which placeholder names a client; -1: none. */
  readonly client: number;
  /** Believed only where no other format reads the line. */
  readonly loose: boolean;
  readonly emit: EmitReading;
}

/** One way to read a line: a format and what stands in its placeholders. */
export interface Reading {
  readonly format: Format;
  /** One for each placeholder of the format. */
  readonly texts: readonly string[];
}

/**
 * Emits the event of a reading.
 * @param sure false: another reading is possible, and nothing of the text is believed
 */
export type EmitReading = (reading: Reading, line: LineReader, sure: boolean) => void;

/** What the formats of one table share. */
export interface FormatOptions {
  readonly action?: Action;
  readonly outcome?: Outcome;
  /** `event.reason`. */
  readonly reason?: string;
  readonly constants?: NonNullable<KindDefinition['constants']>;
  readonly loose?: boolean;
  /** Instead of an event with the fields of the placeholders. */
  readonly emit?: EmitReading;
  /** Slots of events that `emit` makes. */
  readonly slots?: readonly FieldName[];
}

/**
 * Reads a table of formats, one a row: log level, versions, code, format, with one blank between.
 * Formats that say the same have the same code.
 */
export function parseFormats(table: string, options: FormatOptions = {}): readonly Format[] {
  return table
    .split('\n')
    .filter((row) => row !== '')
    .map((row) => parseRow(row, options));
}

function parseRow(row: string, options: FormatOptions): Format {
  const [level = '', versions = '', code = ''] = row.split(' ', 3);
  const text = row.slice(level.length + versions.length + code.length + 3);
  const parts = text.split(/\{(\w+)\}/);
  const literals = parts.filter((_, i) => i % 2 === 0);
  const placeholders = parts
    .filter((_, i) => i % 2 === 1)
    .map((name) => PLACEHOLDERS[name as PlaceholderName]);
  const [since = '', until = ''] = versions.split('-');
  const slots = options.slots ?? [...new Set(placeholders.flatMap((placeholder) => placeholder.fields))];
  return {
    text,
    versions,
    since: versionNumber(since),
    until: until === '' ? Number.MAX_SAFE_INTEGER : versionNumber(until),
    literals,
    placeholders,
    client: placeholders.indexOf(PLACEHOLDERS.client),
    loose: options.loose === true,
    emit: options.emit ?? emitPlaceholders,
    kind: defineKind({
      code: `mosquitto.${code}`,
      action: options.action ?? 'broker-log',
      level: level as LogLevel,
      ...(options.outcome && { outcome: options.outcome }),
      constants: { ...(options.reason && { 'event.reason': options.reason }), ...options.constants },
      slots,
    }),
  };
}

/** Emits an event with the fields of the placeholders. */
export const emitPlaceholders: EmitReading = (reading, line, sure) => {
  const { kind } = reading.format;
  if (sure) line.emit(kind, valuesOf(reading, line));
  else line.emitUnsure(kind);
};

/** What the placeholders hold, in the order of the kind's slots. */
export function valuesOf({ format, texts }: Reading, line: LineReader): Slot[] {
  const values: Slot[] = [];
  for (const [i, placeholder] of format.placeholders.entries()) {
    if (placeholder.fields.length === 0) continue;
    const filled = placeholder.fill(texts[i] ?? '', line);
    for (const [k, field] of placeholder.fields.entries())
      values[format.kind.slots.indexOf(field)] = filled[k];
  }
  return values;
}
