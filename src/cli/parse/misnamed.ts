import { brokers } from '../../brokers/index.ts';
import { FileParser } from './file-parser.ts';
import { framingOf, type ReadingOptions, readingFor } from './reading.ts';

/** Share of lines with a structure that the log of a broker has at least. */
const MOST = 0.5;
/** Without its table of fields nothing is read. */
const TABLED = 'json';

/** Says of a file that was read when another broker has written it than the one that was named. */
export async function tellMisnamed({ file, head }: FileParser, options: ReadingOptions): Promise<void> {
  if (options.messages === true) return;
  const sentence = await misnamed(file === '-' ? 'standard input' : file, head, options, '--broker');
  if (sentence !== undefined) process.stderr.write(`${sentence}\n`);
}

/**
 * What to say of a log that another broker has written than the one that was named; undefined: nothing.
 * @param head what it begins with
 * @param key by which the broker is named
 */
export async function misnamed(
  file: string,
  head: Buffer,
  options: ReadingOptions,
  key: string,
): Promise<string | undefined> {
  const { broker: named } = options;
  if (named === TABLED || (await shareRead(head, options)) >= MOST) return undefined;
  for (const broker of Object.keys(brokers).filter((name) => name !== named && name !== TABLED)) {
    if ((await shareRead(head, { ...options, broker })) < MOST) continue;
    return `few lines of ${file} are such as ${named} writes, most such as ${broker} does: write ${key} ${broker}`;
  }
  return undefined;
}

/** Which part of the events has more than the text of a line. */
async function shareRead(head: Buffer, options: ReadingOptions): Promise<number> {
  const parser = new FileParser('-', await readingFor(options), framingOf(options), [head]);
  let [all, plain] = [0, 0];
  for await (const batch of parser.events()) {
    for (const line of batch.toString().split('\n').slice(0, -1)) {
      const { action, code } = JSON.parse(line).event;
      all++;
      if (action === 'line-unparsed' || code === `${options.broker}.log`) plain++;
    }
  }
  return all === 0 ? 0 : 1 - plain / all;
}
