import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { StateError, UsageError, unreadable } from '../../core/errors.ts';
import { amount } from '../../core/text/amount.ts';
import { hint } from '../../core/text/suggest.ts';
import { EventDatabase } from '../../query/database.ts';
import { questionSql } from '../../query/question-sql.ts';
import { QUESTIONS } from '../../questions/index.ts';
import { PARAMETERS, type Parameter } from '../../questions/question.ts';
import { contents, FileParser } from '../parse/file-parser.ts';
import { tellMisnamed } from '../parse/misnamed.ts';
import { framingOf, readingFor } from '../parse/reading.ts';
import { type SelectOptions, selection } from '../parse/select.ts';
import { useColour } from '../terminal.ts';
import { csvLines, jsonLines, tableLines } from './print.ts';

/** Text that is written at once. */
const PRINT_CHARS = 64 * 1024;
const MAX_LINE_CHARS = 64 * 1024 * 1024;
/** In place of a line that is too long to be one. */
const CUT = '…';
const EXAMPLE = 'SELECT count(*) FROM events';
/** What may name a file, and is no SQL. */
const PLAIN = /^[\w./~-]+$/;

interface QueryOptions extends SelectOptions, Readonly<Partial<Record<Parameter, string>>> {
  readonly list?: boolean;
  readonly name?: string;
  readonly json?: boolean;
  readonly csv?: boolean;
  readonly broker?: string;
  readonly messages?: boolean;
  readonly container: string;
  readonly program?: string;
}

type Event = Parameters<EventDatabase['insert']>[0];

/** `query`: one SQL question about the events of archives, or of logs. */
export async function query(
  sql: string | undefined,
  files: readonly string[],
  options: QueryOptions,
): Promise<void> {
  if (options.list === true) {
    process.stdout.write(listing());
    return;
  }
  if (options.json === true && options.csv === true) throw new UsageError('write either --json or --csv');
  const { question, sources } = asked(sql, files, options);
  const database = new EventDatabase(question);
  try {
    const isSelected = selection(options, Date.now());
    const began = performance.now();
    let [count, repeated, strange] = [0, 0, 0];
    for (const file of sources.length === 0 ? ['-'] : sources) {
      for await (const lines of linesOf(file, options)) {
        for (const line of lines) {
          const event = line === '' ? undefined : eventOf(line);
          if (event === undefined) strange += line === '' ? 0 : 1;
          else if (isSelected === undefined || isSelected(event)) {
            if (database.insert(event)) count++;
            else repeated++;
          }
        }
      }
    }
    tellLoaded({ count, repeated, strange }, (performance.now() - began) / 1000, options);
    await print(database, options);
  } finally {
    database.close();
  }
}

/** The question, and the files that it is about: beside `--name` all words are files. */
function asked(
  sql: string | undefined,
  files: readonly string[],
  options: QueryOptions,
): { question: string; sources: readonly string[] } {
  if (options.name === undefined) {
    if (sql === undefined || sql.trim() === '')
      throw new UsageError(`write a question, as in: brokertap query '${EXAMPLE}' events.ndjson`);
    if (PLAIN.test(sql) || existsSync(sql))
      throw new UsageError(
        `the first word is the question, in SQL, and "${sql}" is none; write: brokertap query '${EXAMPLE}' ${sql}`,
      );
    return { question: sql, sources: files };
  }
  const question = QUESTIONS.find(({ name }) => name === options.name);
  if (question === undefined) {
    const names = QUESTIONS.map(({ name }) => name);
    throw new UsageError(
      `--name ${options.name}: there is no such question; ${hint(options.name, names, '--list shows them')}`,
    );
  }
  const { needs } = question;
  if (needs !== undefined && options[needs] === undefined)
    throw new UsageError(`--name ${options.name} needs --${needs}`);
  return { question: questionSql(question), sources: sql === undefined ? files : [sql, ...files] };
}

/** How a parameter is compared, where it is not the same word. */
const COMPARED = { word: '', address: ': how it begins', topic: ': a filter that matches it' } as const;

function listing(): string {
  const lines = QUESTIONS.map(
    ({ name, question, needs }) =>
      `${name.padEnd(26)}${question}${needs === undefined ? '' : ` (needs --${needs})`}`,
  );
  const parameters = Object.entries(PARAMETERS).map(
    ([name, { meaning, compared }]) => `  --${name.padEnd(10)}${meaning}${COMPARED[compared]}`,
  );
  return `${lines.join('\n')}\n\nNarrowed by:\n${parameters.join('\n')}\n  --since, --until, --where as parse has them\n`;
}

/** The events of a file as JSON lines, many at a time. */
async function* linesOf(file: string, options: QueryOptions): AsyncGenerator<readonly string[]> {
  const { broker } = options;
  if (broker === undefined) {
    yield* archived(file);
    return;
  }
  const reading = { ...options, broker };
  const parser = new FileParser(file, await readingFor(reading), framingOf(reading));
  for await (const batch of parser.events()) yield batch.toString().split('\n');
  await tellMisnamed(parser, reading);
}

/** @throws StateError */
async function* archived(file: string): AsyncGenerator<readonly string[]> {
  const decoder = new TextDecoder();
  let carry = '';
  try {
    for await (const chunk of contents(file)) {
      const lines = (carry + decoder.decode(chunk, { stream: true })).split('\n');
      carry = lines.pop() ?? '';
      // No event is that long: what is left of the line is none either.
      if (carry.length > MAX_LINE_CHARS) carry = CUT;
      yield lines;
    }
  } catch (error) {
    throw new StateError(unreadable(file, error), { cause: error });
  }
  yield [carry];
}

/** Undefined when the line is no event. */
function eventOf(line: string): Event | undefined {
  try {
    const value = JSON.parse(line);
    return typeof value?.event?.id === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}

interface Loaded {
  readonly count: number;
  /** Events that were there already. */
  readonly repeated: number;
  /** Lines that are no events. */
  readonly strange: number;
}

function tellLoaded({ count, repeated, strange }: Loaded, seconds: number, { broker }: QueryOptions): void {
  const read = count + repeated;
  const rate = read === 0 ? 0 : Math.round(read / seconds);
  const again = repeated === 0 ? '' : `; left out: ${repeated} that came again`;
  process.stderr.write(`${amount(count, 'event')} in ${seconds.toFixed(1)} s (${rate} events/s)${again}\n`);
  if (strange > 0 && broker === undefined)
    process.stderr.write(
      `${amount(strange, 'line')} without an event of brokertap: for a log, say whose it is, as in --broker mosquitto\n`,
    );
}

async function print(database: EventDatabase, options: QueryOptions): Promise<void> {
  const { isTTY } = process.stdout;
  const parameters = Object.keys(PARAMETERS).map(
    (name) => [name, options[name as Parameter] ?? null] as const,
  );
  const result = database.answer(Object.fromEntries(parameters));
  const lines =
    options.json === true
      ? jsonLines(result)
      : options.csv === true
        ? csvLines(result, isTTY)
        : tableLines(result, useColour(process.stdout));
  let text = '';
  for (const line of lines) {
    text += line;
    if (text.length < PRINT_CHARS) continue;
    if (!process.stdout.write(text)) await once(process.stdout, 'drain');
    text = '';
  }
  process.stdout.write(text);
}
