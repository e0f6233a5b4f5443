import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { suggest } from '../../config/suggest.js';
import { reasonOf, StateError, UsageError } from '../../core/errors.js';
import { EventDatabase } from '../../query/database.js';
import { PARAMETERS, QUESTIONS } from '../../query/questions.js';
import { checkBroker, contents, FileParser, framingOf, readingFor } from '../parse/parse.js';
import { selection } from '../parse/select.js';
import { useColour } from '../terminal.js';
import { csvLines, jsonLines, tableLines } from './print.js';
/** Text that is written at once. */
const PRINT_CHARS = 64 * 1024;
const MAX_LINE_CHARS = 64 * 1024 * 1024;
/** In place of a line that is too long to be one. */
const CUT = '…';
/** `query`: one SQL question about the events of archives, or of logs. */
export async function query(sql, files, options) {
    if (options.list === true) {
        process.stdout.write(listing());
        return;
    }
    if (options.json === true && options.csv === true)
        throw new UsageError('write either --json or --csv');
    const { question, sources } = asked(sql, files, options);
    const database = new EventDatabase(question.sql);
    try {
        const isSelected = selection(options, Date.now());
        const began = performance.now();
        let [count, strange] = [0, 0];
        for (const file of sources.length === 0 ? ['-'] : sources) {
            for await (const lines of linesOf(file, options)) {
                for (const line of lines) {
                    const event = line === '' ? undefined : eventOf(line);
                    if (event === undefined)
                        strange += line === '' ? 0 : 1;
                    else if (isSelected === undefined || isSelected(event)) {
                        database.insert(event);
                        count++;
                    }
                }
            }
        }
        tellLoaded(count, strange, (performance.now() - began) / 1000, options);
        await print(database, options);
    }
    finally {
        database.close();
    }
}
/** The question, and the files that it is about: beside `--name` all words are files. */
function asked(sql, files, options) {
    if (options.name === undefined) {
        if (sql === undefined || sql.trim() === '')
            throw new UsageError("write a question, as in: brokertap query 'SELECT count(*) FROM events' events.ndjson");
        return { question: { about: '', sql }, sources: files };
    }
    const question = Object.hasOwn(QUESTIONS, options.name) ? QUESTIONS[options.name] : undefined;
    if (question === undefined) {
        const near = suggest(options.name, Object.keys(QUESTIONS));
        throw new UsageError(`--name ${options.name}: there is no such question; ${near === undefined ? '--list shows them' : `did you mean "${near}"?`}`);
    }
    for (const name of question.needs ?? [])
        if (options[name] === undefined)
            throw new UsageError(`--name ${options.name} needs --${name}`);
    return { question, sources: sql === undefined ? files : [sql, ...files] };
}
function listing() {
    const lines = Object.entries(QUESTIONS).flatMap(([name, { about, needs = [] }]) => [
        `${name.padEnd(26)}${about}${needs.map((need) => ` (needs --${need})`).join('')}`,
    ]);
    const parameters = Object.entries(PARAMETERS).map(([name, about]) => `  --${name.padEnd(10)}${about}`);
    return `${lines.join('\n')}\n\nNarrowed by:\n${parameters.join('\n')}\n  --since, --until, --where as parse has them\n`;
}
/** The events of a file as JSON lines, many at a time. */
async function* linesOf(file, options) {
    const { broker } = options;
    if (broker === undefined) {
        yield* archived(file);
        return;
    }
    checkBroker(broker);
    const parser = new FileParser(file, await readingFor({ ...options, broker }), framingOf(options));
    for await (const batch of parser.events())
        yield batch.toString().split('\n');
}
/** @throws StateError */
async function* archived(file) {
    const decoder = new TextDecoder();
    let carry = '';
    try {
        for await (const chunk of contents(file)) {
            const lines = (carry + decoder.decode(chunk, { stream: true })).split('\n');
            carry = lines.pop() ?? '';
            // No event is that long: what is left of the line is none either.
            if (carry.length > MAX_LINE_CHARS)
                carry = CUT;
            yield lines;
        }
    }
    catch (error) {
        throw new StateError(`${file} cannot be read: ${reasonOf(error)}`, { cause: error });
    }
    yield [carry];
}
/** Undefined when the line is no event. */
function eventOf(line) {
    try {
        const value = JSON.parse(line);
        return typeof value?.event?.id === 'string' ? value : undefined;
    }
    catch {
        return undefined;
    }
}
function tellLoaded(count, strange, seconds, { broker }) {
    const rate = count === 0 ? 0 : Math.round(count / seconds);
    process.stderr.write(`${count} events in ${seconds.toFixed(1)} s (${rate} events/s)\n`);
    if (strange > 0 && broker === undefined)
        process.stderr.write(`${strange} lines are no events of brokertap: for a log, say whose it is, as in --broker mosquitto\n`);
}
async function print(database, options) {
    const { isTTY } = process.stdout;
    const parameters = Object.keys(PARAMETERS).map((name) => [name, options[name] ?? null]);
    const result = database.answer(Object.fromEntries(parameters));
    const lines = options.json === true
        ? jsonLines(result)
        : options.csv === true
            ? csvLines(result, isTTY)
            : tableLines(result, useColour(process.stdout));
    let text = '';
    for (const line of lines) {
        text += line;
        if (text.length < PRINT_CHARS)
            continue;
        if (!process.stdout.write(text))
            await once(process.stdout, 'drain');
        text = '';
    }
    process.stdout.write(text);
}
