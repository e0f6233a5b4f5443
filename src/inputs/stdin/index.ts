import { isSystemError } from '../../core/errors.ts';
import type { Input, InputHost } from '../../core/input.ts';
import type { Journal, JournalRecord } from '../../core/source.ts';
import { LONGEST_PART_BYTES } from '../../framing/container.ts';
import { canDetect, detectFraming, openDecoder } from '../../framing/detect.ts';
import { EntryJoiner, QUIET_MS } from '../../framing/entries.ts';
import type { TextDecoder, TextVisitor } from '../../framing/lines.ts';
import type { StdinInputConfig } from './config.ts';

const LF = 0x0a;
const EMPTY: Buffer = Buffer.alloc(0);

type Line = JournalRecord & { readonly type: 'line' };

/** Log lines from standard input, as in `docker logs -f broker | brokertap run`. Reads on only while there is room. */
class StdinInput implements Input {
  readonly ended: Promise<void>;
  private readonly config: StdinInputConfig;
  private readonly host: InputHost;
  private readonly journal: Journal;
  private readonly stopping = new AbortController();
  /** Undefined: every line is an entry. */
  private readonly joiner: EntryJoiner | undefined;
  private taking: Promise<void> = Promise.resolve();
  private quiet: NodeJS.Timeout | undefined;
  private carry: Buffer = EMPTY;
  private decode: TextDecoder | undefined;
  /** A record may have many lines, none of which is longer than `LONGEST_PART_BYTES`. */
  private hasParts = false;
  /** A line that is too long, while its end is looked for: its head, where that is told, and its bytes. */
  private cut: { readonly head: Line | undefined; readonly length: number } | undefined;
  private finish: () => void = () => {};

  constructor(config: StdinInputConfig, host: InputHost) {
    this.config = config;
    this.host = host;
    this.journal = host.journal();
    this.joiner = host.role && new EntryJoiner(host.role, false);
    this.ended = new Promise((resolve) => {
      this.finish = resolve;
    });
  }

  async start(): Promise<void> {
    void this.readAll();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    clearTimeout(this.quiet);
    process.stdin.destroy();
    this.journal.close();
  }

  problems(): readonly string[] {
    return [];
  }

  private async readAll(): Promise<void> {
    try {
      try {
        for await (const chunk of process.stdin) await this.next(chunk, 'more');
      } catch (error) {
        if (this.stopping.signal.aborted || !isSystemError(error)) throw error;
        const { name: input, log } = this.host;
        log.error({ input }, `standard input cannot be read (${error.message}): this is taken for its end`);
      }
      await this.next(EMPTY, 'end');
    } catch (error) {
      if (!this.stopping.signal.aborted) throw error;
    }
    this.journal.close();
    this.finish();
  }

  /** Takes what has come, one after the other; soon afterwards what waits for more that does not come. */
  private next(chunk: Buffer, news: 'more' | 'quiet' | 'end'): Promise<void> {
    clearTimeout(this.quiet);
    this.taking = this.taking.then(() => this.take(chunk, news));
    return this.taking;
  }

  /** Admits the whole entries of what has come; the rest waits for its end, up to the limit. */
  private async take(chunk: Buffer, news: 'more' | 'quiet' | 'end'): Promise<void> {
    const final = news === 'end';
    const bytes = Buffer.concat([this.carry, await this.passOver(chunk, final)]);
    this.carry = bytes;
    this.decode ??= this.chooseDecoder(bytes, final);
    const { decode } = this;
    if (decode === undefined) return;
    const { limit } = this.config;
    const lines: Line[] = [];
    const visit: TextVisitor = (text, _start, marks, seen, length, header) => {
      const line = { type: 'line', seen: seen ?? Date.now(), text: Buffer.from(text) } as const;
      lines.push({ ...line, marks, length, header });
      return true;
    };
    const read = (to: number, all: boolean): number => {
      if (this.joiner === undefined) return decode(bytes, 0, to, limit, all, visit);
      const end = { final: all, quiet: news === 'quiet' };
      return this.joiner.decode(decode, bytes, 0, to, limit, end, () => false, visit);
    };
    let used = read(bytes.length, final);
    if (used === 0) {
      const whole = bytes.lastIndexOf(LF) + 1;
      // An entry of many lines is cut between two of them: the last may be another entry.
      if (whole > limit) used = read(whole, true);
      else if (bytes.length - whole > (this.hasParts ? Math.max(limit, LONGEST_PART_BYTES) : limit)) {
        used = read(bytes.length, true);
        if (used === bytes.length) {
          const head = lines.pop();
          this.cut = { head, length: head?.length ?? head?.text.length ?? 0 };
        }
      }
    }
    this.carry = Buffer.from(bytes.subarray(used));
    if (this.joiner?.isHolding === true)
      this.quiet = setTimeout(() => {
        // The reading of the next chunk fails with it.
        this.next(EMPTY, 'quiet').catch(() => {});
      }, QUIET_MS);
    await this.admit(lines);
  }

  /** Of a line that is too long the rest is counted; returns what follows it. */
  private async passOver(chunk: Buffer, final: boolean): Promise<Buffer> {
    const { cut } = this;
    if (cut === undefined) return chunk;
    const end = chunk.indexOf(LF);
    const { head } = cut;
    const length = cut.length + (end === -1 ? chunk.length : end);
    this.cut = { head, length };
    if (end === -1 && !final) return EMPTY;
    this.cut = undefined;
    if (head !== undefined) await this.admit([{ ...head, length }]);
    return end === -1 ? EMPTY : chunk.subarray(end + 1);
  }

  /** Standard input cannot be read again: resolves when the lines are safe. */
  private async admit(lines: readonly Line[]): Promise<void> {
    let kept: Promise<void> | undefined;
    for (const line of lines) {
      kept = this.journal.append(line);
      while (kept === undefined) {
        await this.journal.room(this.stopping.signal);
        kept = this.journal.append(line);
      }
    }
    await kept;
  }

  private chooseDecoder(bytes: Buffer, final: boolean): TextDecoder | undefined {
    const { container, program, timezone, broker } = this.config;
    if (container === 'auto' && !final && !canDetect(bytes)) return undefined;
    const framing = container === 'auto' ? detectFraming(bytes) : container === 'none' ? 'lines' : container;
    const options = { timezone, program: program ?? broker, isChosen: program !== undefined };
    const decoder = openDecoder(framing, options);
    this.hasParts = decoder.readOn !== undefined;
    if (decoder.readOn === undefined) return decoder;
    const records = decoder.readOn();
    return (this.joiner?.readOn(records) ?? records).decode;
  }
}

export function create(config: StdinInputConfig, host: InputHost): Input {
  return new StdinInput(config, host);
}
