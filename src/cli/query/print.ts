import { styleText } from 'node:util';
import { safe, safeJson } from '../../core/text/safe.ts';
import type { Result } from '../../query/database.ts';
import { cell, fit, widthOf } from '../terminal.ts';

/** Rows by which the widths of a table's columns are found, and that are held for it. */
const MEASURED_ROWS = 1000;
const MAX_COLUMNS = 60;
/** What a spreadsheet takes for a formula (https://owasp.org/www-community/attacks/CSV_Injection). */
const FORMULA = /^[=+\-@\t\r]/;

type Row = Result['rows'] extends Iterable<infer R> ? R : never;
type Cell = Row[number];

/** One JSON object a row; what is NULL is absent. */
export function* jsonLines({ columns, rows, booleans }: Result): Generator<string> {
  for (const row of rows) {
    const entries = columns.map((name, i): [string, unknown] => [name, plain(row[i], booleans.has(name))]);
    const present = entries.filter(([, value]) => value !== null);
    yield `${safeJson(JSON.stringify(Object.fromEntries(present)))}\n`;
  }
}

/**
 * RFC 4180, with a line of names. A text that a spreadsheet would take for a formula gets an apostrophe in front.
 * @param isTerminal control characters are shown, not sent
 */
export function* csvLines({ columns, rows, booleans }: Result, isTerminal: boolean): Generator<string> {
  const line = (cells: readonly string[]): string => `${cells.join()}\r\n`;
  yield line(columns.map((name) => csvCell(name, isTerminal)));
  for (const row of rows)
    yield line(columns.map((name, i) => csvCell(plain(row[i], booleans.has(name)), isTerminal)));
}

/**
 * A table for people. Columns are as wide as what is in the first thousand rows; what is longer than 60 characters is cut.
 * Of a question for every field, those that no row has are left out.
 * @returns how many rows there were
 */
export function* tableLines(result: Result, colour: boolean): Generator<string, number> {
  const { booleans, isEverything } = result;
  const rows = result.rows[Symbol.iterator]();
  const head: string[][] = [];
  const texts = (row: Row): string[] =>
    row.map((value, i) => textOf(plain(value, booleans.has(result.columns[i] ?? ''))));
  let next = rows.next();
  for (; next.done !== true && head.length < MEASURED_ROWS; next = rows.next()) head.push(texts(next.value));
  const shown = result.columns.flatMap((name, i) => {
    const widest = head.reduce((width, row) => Math.max(width, widthOf(fit(row[i] ?? '', MAX_COLUMNS))), 0);
    if (isEverything && widest === 0 && head.length > 0) return [];
    return [{ name, i, width: Math.min(MAX_COLUMNS, Math.max(widest, name.length)) }];
  });
  const bold = (text: string): string => (colour ? styleText('bold', text, { validateStream: false }) : text);
  const line = (cells: readonly string[]): string => `${cells.join('  ').trimEnd()}\n`;
  yield bold(line(shown.map(({ name, width }) => cell(name, width))));
  yield line(shown.map(({ width }) => '─'.repeat(width)));
  let count = 0;
  const lineOf = (row: readonly string[]): string => {
    count++;
    return line(shown.map(({ i, width }) => cell(row[i] ?? '', width)));
  };
  for (const row of head) yield lineOf(row);
  for (; next.done !== true; next = rows.next()) yield lineOf(texts(next.value));
  return count;
}

function csvCell(value: unknown, isTerminal: boolean): string {
  if (typeof value !== 'string') return textOf(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  const shown = isTerminal ? safe(text) : text;
  return /[",\r\n]/.test(shown) ? `"${shown.replaceAll('"', '""')}"` : shown;
}

function textOf(value: unknown): string {
  return value === null ? '' : String(value);
}

function plain(value: Cell | undefined, isBoolean: boolean): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64');
  if (isBoolean && (value === 0 || value === 1)) return value === 1;
  return value ?? null;
}
