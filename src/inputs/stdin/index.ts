import type { Input, InputHost } from '../../core/input.ts';
import type { Journal, JournalRecord } from '../../core/source.ts';
import { canDetect, detectFraming, openDecoder } from '../../framing/detect.ts';
import type { TextDecoder } from '../../framing/lines.ts';
import type { StdinInputConfig } from './config.ts';

/** Log lines from standard input, as in `docker logs -f broker | brokertap run`. Reads on only while there is room. */
class StdinInput implements Input {
  readonly ended: Promise<void>;
  private readonly config: StdinInputConfig;
  private readonly journal: Journal;
  private readonly stopping = new AbortController();
  private carry: Buffer = Buffer.alloc(0);
  private decode: TextDecoder | undefined;
  private finish: () => void = () => {};

  constructor(config: StdinInputConfig, host: InputHost) {
    this.config = config;
    this.journal = host.journal();
    this.ended = new Promise((resolve) => {
      this.finish = resolve;
    });
  }

  async start(): Promise<void> {
    void this.readAll();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    process.stdin.destroy();
    this.journal.close();
  }

  problems(): readonly string[] {
    return [];
  }

  private async readAll(): Promise<void> {
    try {
      for await (const chunk of process.stdin) await this.take(chunk, false);
      await this.take(Buffer.alloc(0), true);
    } catch (error) {
      if (!this.stopping.signal.aborted) throw error;
    }
    this.journal.close();
    this.finish();
  }

  /** Admits the whole lines of what has come; the rest waits for its end, up to the limit. */
  private async take(chunk: Buffer, final: boolean): Promise<void> {
    const bytes = Buffer.concat([this.carry, chunk]);
    this.decode ??= this.chooseDecoder(bytes, final);
    if (this.decode === undefined) {
      this.carry = bytes;
      return;
    }
    const { limit } = this.config;
    const full = final || bytes.length > limit + chunk.length;
    const lines: JournalRecord[] = [];
    const used = this.decode(
      bytes,
      0,
      bytes.length,
      limit,
      full,
      (text, _start, marks, seen, _length, header) => {
        lines.push({ type: 'line', seen: seen ?? Date.now(), text: Buffer.from(text), marks, header });
        return true;
      },
    );
    this.carry = Buffer.from(bytes.subarray(used));
    for (const line of lines) await this.admit(line);
  }

  private async admit(line: JournalRecord): Promise<void> {
    const { signal } = this.stopping;
    while (this.journal.append(line) === undefined) await this.journal.room(signal);
  }

  private chooseDecoder(bytes: Buffer, final: boolean): TextDecoder | undefined {
    const { container, program, timezone, broker } = this.config;
    if (container === 'auto' && !final && !canDetect(bytes)) return undefined;
    const framing = container === 'auto' ? detectFraming(bytes) : container === 'none' ? 'lines' : container;
    return openDecoder(framing, { timezone, program: program ?? broker, isChosen: program !== undefined });
  }
}

export function create(config: StdinInputConfig, host: InputHost): Input {
  return new StdinInput(config, host);
}
