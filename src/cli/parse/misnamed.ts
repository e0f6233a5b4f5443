import { brokers } from '../../brokers/index.ts';
import { FileParser } from './file-parser.ts';
import { framingOf, type ReadingOptions, readingFor } from './reading.ts';

/** Share of lines with a structure that the log of a broker has at least. */
const MOST = 0.5;
/** Without its table of fields nothing is read. */
const TABLED = 'json';

/** Says of a file that was read when another broker has written it than the one that was named. */
export async function tellMisnamed({ file, head }: FileParser, options: ReadingOptions): Promise<void> {
  const { broker: named, messages } = options;
  if (messages === true || (await shareRead(head, options)) >= MOST) return;
  for (const broker of Object.keys(brokers).filter((name) => name !== named && name !== TABLED)) {
    if ((await shareRead(head, { ...options, broker })) < MOST) continue;
    const name = file === '-' ? 'standard input' : file;
    process.stderr.write(
      `few lines of ${name} are such as ${named} writes, most such as ${broker} does: write --broker ${broker}\n`,
    );
    return;
  }
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
