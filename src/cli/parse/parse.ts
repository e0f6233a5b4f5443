import { hash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { hostname } from 'node:os';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { envelope } from '../../app/envelope.ts';
import { brokers } from '../../brokers/index.ts';
import { CONTAINERS } from '../../config/containers.ts';
import { suggest } from '../../config/suggest.ts';
import { isTimezone } from '../../config/timezone.ts';
import { reasonOf, StateError, UsageError } from '../../core/errors.ts';
import { safeJson } from '../../core/safe-text.ts';
import { EventBuffer } from '../../ecs/event-buffer.ts';
import { canDetect, detectFraming, type TextFraming } from '../../framing/detect.ts';
import type { ContinuedDecoder } from '../../framing/lines.ts';
import { isGzip } from '../../inputs/file/gzip.ts';
import { Filter } from '../../pipeline/filter.ts';
import { MirrorReader } from '../../pipeline/mirror.ts';
import { Normalizer } from '../../pipeline/normalizer.ts';
import type { Reading } from '../../pipeline/reading.ts';
import { noTally, type Tally } from '../../pipeline/tally.ts';
import { formatEvent } from '../pretty.ts';
import { useColour } from '../terminal.ts';
import { readCapturedMessage } from './captured-message.ts';
import { type SelectOptions, selection } from './select.ts';
import { Summary } from './summary.ts';
import { summaryText } from './summary-text.ts';

const BATCH_BYTES = 256 * 1024;
const LIMIT_BYTES = 1024 * 1024;
const LF = 0x0a;
const NOWHERE = { offset: 0, checkpoint: { offset: 0, sequence: 0 } };

interface ParseOptions extends SelectOptions {
  readonly broker: string;
  readonly messages?: boolean;
  readonly summary?: boolean;
  readonly pretty?: boolean;
  readonly container: string;
  readonly program?: string;
}

/** `parse`: records of log files to events on standard output, in order, and nothing else there. */
export async function parse(files: readonly string[], options: ParseOptions): Promise<void> {
  checkBroker(options.broker);
  check('container', options.container, CONTAINERS);
  if (options.timezone !== undefined && !isTimezone(options.timezone))
    throw new UsageError(
      `--timezone ${options.timezone}: not a time zone; write a name such as Europe/Berlin`,
    );
  const isSelected = selection(options, Date.now());
  const reading = await readingFor(options);
  const summary = options.summary === true ? new Summary() : undefined;
  const colour = useColour(process.stdout);
  const total = noTally();
  for (const file of files.length === 0 ? ['-'] : files) {
    const parser = new FileParser(file, reading, framingOf(options));
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
  }
  if (summary !== undefined) await print(summaryText(summary, colour));
  else tell(total);
}

/** A framing that is not told by the first line; undefined: it is. */
export function framingOf({
  container,
  messages,
}: Pick<ParseOptions, 'container' | 'messages'>): TextFraming | undefined {
  if (container === 'auto') return messages === true ? 'lines' : undefined;
  return container === 'none' ? 'lines' : (container as TextFraming);
}

/** How the records of a file are read. */
export async function readingFor({
  broker,
  messages,
  timezone,
  program,
}: Pick<ParseOptions, 'broker' | 'messages' | 'timezone' | 'program'>): Promise<Reading> {
  const { dialect } = await brokers[broker as keyof typeof brokers].load();
  const zeros = '00000000-0000-0000-0000-000000000000';
  const about = { host: hostname(), serviceType: dialect.name, serviceName: dialect.name, labels: {} };
  const payload = { capture: 'none' as const, limit: 0, redact: [] };
  return {
    dialect,
    stream: { ownClients: new Set(), topicRoot: 2, ...(timezone !== undefined && { timezone }) },
    leftOut: new Set(),
    original: false,
    envelope: envelope({ id: zeros, ephemeralId: zeros }, about),
    namespace: 'default',
    limit: LIMIT_BYTES,
    ignoreLogTopics: false,
    ...(program !== undefined && { program }),
    mirror: (emit) => new MirrorReader({ payload, topicRoot: 2, levels: [], labels: {} }, emit),
    ...(messages === true && { asMessage: readCapturedMessage }),
  };
}

/** Events of one file, a batch at a time; the generation in their ids is a digest of the file's name. */
export class FileParser {
  private readonly file: string;
  private readonly normalizer: Normalizer;
  private readonly out = new EventBuffer(BATCH_BYTES * 2);
  private framing: TextFraming | undefined;
  private continued: ContinuedDecoder | undefined;
  private carry: Buffer = Buffer.alloc(0);
  private offset = 0;
  /** In the rest of a line whose head was longer than the limit. */
  private isPassingOver = false;

  constructor(file: string, reading: Reading, framing: TextFraming | undefined) {
    this.file = file;
    this.framing = framing;
    const id = hash('sha1', file, 'hex').slice(0, 24);
    const source = file === '-' ? { id } : { id, path: file };
    this.normalizer = new Normalizer(source, reading, new Filter([], new Set()), NOWHERE);
  }

  /** What was read since the last call. */
  get tally(): Tally {
    return this.normalizer.take();
  }

  async *events(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of contents(this.file)) yield* this.push(chunk);
    } catch (error) {
      throw new StateError(`${this.file} cannot be read: ${reasonOf(error)}`, { cause: error });
    }
    yield* this.read(this.carry, true);
    this.normalizer.finish(this.out);
    if (this.out.count > 0) yield this.out.contents().bytes;
    this.out.clear();
  }

  private *push(chunk: Buffer): Generator<Buffer> {
    let fresh = chunk;
    if (this.isPassingOver) {
      const end = chunk.indexOf(LF);
      const passed = end === -1 ? chunk.length : end + 1;
      this.isPassingOver = end === -1;
      this.offset += passed;
      fresh = chunk.subarray(passed);
    }
    const bytes = this.carry.length === 0 ? fresh : Buffer.concat([this.carry, fresh]);
    if (this.framing === undefined && !canDetect(bytes)) this.carry = bytes;
    else yield* this.read(bytes, false);
    const { carry } = this;
    const lines = carry.lastIndexOf(LF) + 1;
    // An entry of many lines is cut between two of them: the last may be another entry.
    if (lines > LIMIT_BYTES) {
      yield* this.read(carry.subarray(0, lines), true);
      this.carry = Buffer.from(carry.subarray(lines));
    } else if (carry.length - lines > LIMIT_BYTES) {
      this.isPassingOver = true;
      yield* this.read(carry, true);
    }
  }

  /** @param final nothing follows that belongs to it */
  private *read(bytes: Buffer, final: boolean): Generator<Buffer> {
    const { out, normalizer, offset } = this;
    this.framing ??= detectFraming(bytes);
    this.continued ??= normalizer.readOn(this.framing);
    const { framing, continued } = this;
    const end = { final, beyond: 0 };
    let at = 0;
    for (let before = -1; at > before && (at < bytes.length || continued?.isOpen === true); ) {
      before = at;
      at = normalizer.push(
        framing,
        bytes,
        at,
        bytes.length,
        offset,
        end,
        out,
        BATCH_BYTES,
        continued?.decode,
      );
      if (out.count > 0) yield out.contents().bytes;
      out.clear();
    }
    this.carry = Buffer.from(bytes.subarray(at));
    this.offset += at;
  }
}

/** The bytes of a file, or of standard input for `-`, unpacked where they are gzip. */
export async function* contents(file: string): AsyncGenerator<Buffer> {
  const bytes: Readable = file === '-' ? process.stdin : createReadStream(file);
  const chunks: AsyncIterator<Buffer> = bytes[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done === true) return;
  const all = async function* (): AsyncGenerator<Buffer> {
    yield first.value;
    for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) yield next.value;
  };
  if (!isGzip(first.value)) return yield* all();
  const gunzip = createGunzip();
  // A failure is thrown where the bytes are read.
  pipeline(Readable.from(all()), gunzip).catch(() => {});
  yield* gunzip;
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

/** @throws UsageError when no broker speaks like that */
export function checkBroker(name: string): void {
  check('broker', name, Object.keys(brokers));
}

/** What was left out, for people. */
function tell({ foreign, unparsed }: Tally): void {
  if (foreign > 0)
    process.stderr.write(
      `${foreign} lines of other programs were left out (--program NAME chooses, '*' takes all)\n`,
    );
  if (unparsed > 0)
    process.stderr.write(`${unparsed} lines are no log lines: see event.action line-unparsed\n`);
}

function check(option: string, word: string, known: readonly string[]): void {
  if (known.includes(word)) return;
  const near = suggest(word, known);
  throw new UsageError(
    `unknown ${option} "${word}"; ${near ? `did you mean "${near}"?` : `there are ${known.join(', ')}`}`,
  );
}

/** Waits while the reader of standard output is slow: memory stays as it is. */
async function print(text: Buffer | string): Promise<void> {
  const bytes = typeof text === 'string' ? text : Buffer.from(text);
  if (bytes.length > 0 && !process.stdout.write(bytes)) await once(process.stdout, 'drain');
}
