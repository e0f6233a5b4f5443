import { once } from 'node:events';
import { type FileHandle, open } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { setInterval } from 'node:timers/promises';
import { hasCode, reasonOf, StateError, UsageError } from '../../core/errors.ts';
import { filterProblem, matchesFilter, parseShare } from '../../core/mqtt/topic.ts';
import { amount } from '../../core/text/amount.ts';
import { safe, safeJson } from '../../core/text/safe.ts';
import { quote } from '../../ecs/json.ts';
import { request } from '../../net/http.ts';
import { controlSocketPath } from '../../state/control-socket.ts';
import { probePlace } from '../config.ts';
import { formatEvent } from '../pretty.ts';
import { useColour } from '../terminal.ts';
import { askStatus } from './control.ts';
import { OutputWatch } from './output-watch.ts';

/** Characters of a needle: the probe only sifts, and a URL is not endless. */
const NEEDLE_CHARS = 500;
/** Pause between two looks at the output. */
const LOOK_MS = 2000;
const MISSED = '{"missed":';

interface FollowOptions {
  readonly config?: string;
  readonly client?: string;
  readonly topic?: string;
  readonly to?: string;
  readonly output?: string;
  readonly json?: boolean;
  readonly pretty?: boolean;
}

interface Followed {
  readonly mqtt?: {
    readonly client?: { readonly id?: string };
    readonly publisher?: { readonly client?: { readonly id?: string } };
    readonly topic?: string;
    readonly subscription?: { readonly filter?: string };
    readonly will?: { readonly topic?: string };
  };
}

/** `follow`: live events of the running probe, until it stops or the user has seen enough. */
export async function follow(options: FollowOptions): Promise<void> {
  const { client, topic, to } = options;
  const problem = topic === undefined ? undefined : filterProblem(topic);
  if (problem !== undefined) throw new UsageError(`--topic ${topic}: ${problem}`);
  const place = probePlace(options.config);
  const watch = new OutputWatch(options.output);
  const look = async (): Promise<void> => {
    const news = watch.look(JSON.parse(await askStatus(place)));
    if (news !== '') process.stderr.write(`${safe(news)}\n`);
  };
  await look();
  const needles = [...(client === undefined ? [] : [needle(`"${quote(client)}"`)]), ...needlesOf(topic)];
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  const sink = to === undefined ? new Screen(options) : await File.open(to);
  try {
    const stream = await openStream(place.state, needles, options.output, stop.signal);
    process.stderr.write('following; Ctrl-C ends it\n');
    void keepLooking(look, stop.signal);
    for await (const line of linesOf(stream)) {
      if (line.startsWith(MISSED)) tellMissed(line);
      else if (isWanted(JSON.parse(line), client, topic)) await sink.write(line);
    }
    if (!stop.signal.aborted) process.stderr.write('the probe has stopped\n');
  } catch (error) {
    if (!stop.signal.aborted)
      throw hasCode(error, 'ECONNRESET') ? new StateError('the probe has gone') : error;
  } finally {
    await sink.close();
  }
}

/** What the events are about: a client as sender or receiver, a topic or a subscription to it. */
export function isWanted({ mqtt }: Followed, client: string | undefined, topic: string | undefined): boolean {
  if (client !== undefined && mqtt?.client?.id !== client && mqtt?.publisher?.client?.id !== client)
    return false;
  if (topic === undefined) return true;
  const names = [mqtt?.topic, mqtt?.subscription?.filter, mqtt?.will?.topic];
  return names.some((name) => name !== undefined && (name === topic || matchesFilter(topic, name)));
}

/** Pieces of a topic filter that stand in every topic that it matches, as they are in JSON; the longest first. */
export function needlesOf(topic: string | undefined): string[] {
  if (topic === undefined) return [];
  const levels = parseShare(topic).filter.split('/');
  // "a/#" matches "a" as well.
  const certain = levels.at(-1) === '#' ? levels.slice(0, -1) : levels;
  const pieces = certain.join('/').split(/(?<=^|\/)\+(?=\/|$)/);
  const texts = pieces.filter((piece) => piece !== '').map((piece) => needle(quote(piece)));
  return texts.sort((a, b) => b.length - a.length);
}

function needle(text: string): string {
  return text.slice(0, NEEDLE_CHARS).replace(/[\ud800-\udbff]$/, '');
}

async function keepLooking(look: () => Promise<void>, signal: AbortSignal): Promise<void> {
  try {
    for await (const _ of setInterval(LOOK_MS, undefined, { signal, ref: false })) await look();
  } catch {
    // It ends, or the probe has gone, which the stream tells.
  }
}

function openStream(
  state: string,
  needles: readonly string[],
  output: string | undefined,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const query = new URLSearchParams(needles.map((text): [string, string] => ['needle', text]));
  if (output !== undefined) query.set('output', output);
  const path = `/follow?${query}`;
  return new Promise((resolve, reject) => {
    const asked = request({
      socketPath: controlSocketPath(state),
      path,
      headers: { host: 'localhost' },
      signal,
    });
    asked.on('response', (response) => {
      if (response.statusCode === 200) {
        resolve(response);
        return;
      }
      response.setEncoding('utf8').on('data', (text: string) => {
        const { error } = JSON.parse(text) as { error: string };
        reject(new StateError(`the running probe refuses: ${error}`));
      });
    });
    asked.on('error', (error) => {
      reject(hasCode(error, 'ENOENT', 'ECONNREFUSED') ? new StateError('the probe has gone') : error);
    });
    asked.end();
  });
}

/** @throws Error with ECONNRESET when the probe ends before the stream does */
async function* linesOf(stream: IncomingMessage): AsyncGenerator<string> {
  let carry = '';
  for await (const part of stream.setEncoding('utf8')) {
    const lines = (carry + part).split('\n');
    carry = lines.pop() ?? '';
    yield* lines;
  }
}

function tellMissed(line: string): void {
  const { missed } = JSON.parse(line) as { missed: number };
  process.stderr.write(`left out: ${amount(missed, 'event')} that came faster than they are taken\n`);
}

interface Sink {
  write(line: string): Promise<void>;
  close(): Promise<void>;
}

/** Standard output: lines for people on a terminal, JSON lines elsewhere. */
class Screen implements Sink {
  private readonly isPretty: boolean;
  private readonly colour = useColour(process.stdout);

  constructor({ json, pretty }: FollowOptions) {
    this.isPretty = pretty ?? (process.stdout.isTTY === true && json !== true);
  }

  async write(line: string): Promise<void> {
    const text = this.isPretty ? formatEvent(JSON.parse(line), this.colour) : safeJson(line);
    if (!process.stdout.write(`${text}\n`)) await once(process.stdout, 'drain');
  }

  async close(): Promise<void> {}
}

/** A file that only its owner may read: JSON lines, behind what is there. */
class File implements Sink {
  private readonly file: FileHandle;
  private readonly name: string;
  private count = 0;

  private constructor(file: FileHandle, name: string) {
    this.file = file;
    this.name = name;
  }

  static async open(name: string): Promise<File> {
    try {
      return new File(await open(name, 'a', 0o600), name);
    } catch (error) {
      throw new UsageError(`--to ${name} cannot be written: ${reasonOf(error)}`);
    }
  }

  async write(line: string): Promise<void> {
    try {
      await this.file.appendFile(`${line}\n`);
    } catch (error) {
      throw new StateError(`${this.name} cannot be written: ${reasonOf(error)}`);
    }
    this.count++;
  }

  async close(): Promise<void> {
    await this.file.close();
    process.stderr.write(`${amount(this.count, 'event')} in ${this.name}\n`);
  }
}
