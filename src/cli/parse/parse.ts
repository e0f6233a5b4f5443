import { once } from 'node:events';
import { UsageError } from '../../core/errors.ts';
import { amount } from '../../core/text/amount.ts';
import { safeJson } from '../../core/text/safe.ts';
import { noTally, type Tally } from '../../pipeline/normalizer/tally.ts';
import { formatEvent } from '../pretty.ts';
import { useColour } from '../terminal.ts';
import { FileParser } from './file-parser.ts';
import { tellMisnamed } from './misnamed.ts';
import { framingOf, type ReadingOptions, readingFor } from './reading.ts';
import { type SelectOptions, selection } from './select.ts';
import { Summary } from './summary.ts';
import { summaryText } from './summary-text.ts';

interface ParseOptions extends SelectOptions, ReadingOptions {
  readonly summary?: boolean;
  readonly pretty?: boolean;
}

/** `parse`: records of log files to events on standard output, in order, and nothing else there. */
export async function parse(files: readonly string[], options: ParseOptions): Promise<void> {
  if (options.summary === true && options.pretty === true)
    throw new UsageError('write either --summary or --pretty');
  const framing = framingOf(options);
  const reading = await readingFor(options);
  const isSelected = selection(options, Date.now());
  const summary = options.summary === true ? new Summary() : undefined;
  const colour = useColour(process.stdout);
  const total = noTally();
  for (const file of files.length === 0 ? ['-'] : files) {
    const parser = new FileParser(file, reading, framing);
    for await (const batch of parser.events()) {
      if (summary === undefined && isSelected === undefined && options.pretty !== true) {
        await print(process.stdout.isTTY ? safeJson(String(batch)) : batch);
        continue;
      }
      const chosen = select(batch, isSelected);
      if (summary !== undefined) for (const { event } of chosen) summary.count(event);
      else await print(chosen.map((one) => show(one, options.pretty === true, colour)).join(''));
    }
    const { tally } = parser;
    summary?.tally(tally);
    total.foreign += tally.foreign;
    total.unparsed += tally.unparsed;
    await tellMisnamed(parser, options);
  }
  if (summary !== undefined) await print(summaryText(summary, colour));
  else tell(total);
}

interface Selected {
  readonly line: string;
  readonly event: Parameters<Summary['count']>[0];
}

function select(batch: Buffer, isSelected: ((event: unknown) => boolean) | undefined): Selected[] {
  const lines = batch.toString().split('\n').slice(0, -1);
  const all = lines.map((line): Selected => ({ line, event: JSON.parse(line) }));
  return isSelected === undefined ? all : all.filter(({ event }) => isSelected(event));
}

function show({ line, event }: Selected, isPretty: boolean, colour: boolean): string {
  if (isPretty) return `${formatEvent(event, colour)}\n`;
  return `${process.stdout.isTTY ? safeJson(line) : line}\n`;
}

/** What was left out, for people. */
function tell({ foreign, unparsed }: Tally): void {
  if (foreign > 0)
    process.stderr.write(
      `left out: ${amount(foreign, 'line')} of other programs (--program NAME chooses, '*' takes all)\n`,
    );
  if (unparsed > 0)
    process.stderr.write(`unparsed: ${amount(unparsed, 'line')}, see event.action line-unparsed\n`);
}

/** Waits while the reader of standard output is slow: memory stays as it is. */
async function print(text: Buffer | string): Promise<void> {
  const bytes = typeof text === 'string' ? text : Buffer.from(text);
  if (bytes.length > 0 && !process.stdout.write(bytes)) await once(process.stdout, 'drain');
}
