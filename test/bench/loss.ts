import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type LikeLogstash, LogstashProcess, Tally } from '../support/logstash/like-logstash.ts';
import { freePort } from '../support/mosquitto.ts';
import { until } from '../support/wait.ts';

/*
 * npm run bench:loss -- [--lines N] [--speed EVENTS_PER_SECOND]
 * What each protocol of the logstash output loses and repeats when Logstash ends in the middle. A log is read as fast as it
 * goes (N lines), or, where the pipeline keeps up, as it is written (2000 lines/s). After a while the receiver
 * (test/support/logstash) is killed or stopped, and started again with a fast pipeline; what has then not come is lost.
 * Prints the table of docs/logstash.md.
 */
const { values } = parseArgs({
  options: { lines: { type: 'string', default: '100000' }, speed: { type: 'string' } },
});
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Events of a queue in memory, as Logstash has with its default batch size and 4 workers. */
const CAPACITY = 1000;
/** Events a second that come out of the pipeline before the end (0: all), and when that is. */
const SPEEDS: readonly (readonly [eventsPerSecond: number, seconds: number])[] = [
  [0, 15],
  [2000, 30],
  [500, 60],
];
const WRITE_MS = 10;
const WRITTEN_PER_WRITE = 20;

interface Way {
  readonly name: string;
  readonly protocol: LikeLogstash['protocol'];
  readonly settings: string;
  readonly confirmSeconds: number;
  readonly persisted: boolean;
}

const tcp = (seconds: number): Way => ({
  name: `tcp, confirm_after ${seconds}s`,
  protocol: 'tcp',
  settings: `, confirm_after: ${seconds}s`,
  confirmSeconds: seconds,
  persisted: false,
});
const acknowledged = (protocol: 'lumberjack' | 'http', persisted: boolean): Way => ({
  name: `${protocol}, queue ${persisted ? 'persisted' : 'in memory'}`,
  protocol,
  settings: '',
  confirmSeconds: 0,
  persisted,
});
const WAYS: readonly Way[] = [
  tcp(1),
  tcp(5),
  tcp(15),
  acknowledged('lumberjack', false),
  acknowledged('lumberjack', true),
  acknowledged('http', false),
  acknowledged('http', true),
];

/** A log, growing where `grows` says so. */
class Log {
  readonly file: string;
  lines = 0;
  private readonly writer: NodeJS.Timeout | undefined;

  constructor(file: string, grows: boolean) {
    this.file = file;
    this.write(grows ? WRITTEN_PER_WRITE : Number(values.lines));
    if (grows) this.writer = setInterval(() => this.write(WRITTEN_PER_WRITE), WRITE_MS);
  }

  end(): void {
    clearInterval(this.writer);
  }

  private write(count: number): void {
    let text = '';
    for (let i = 0; i < count; i++) text += `1700000000: line ${this.lines++}\n`;
    appendFileSync(this.file, text);
  }
}

/** One end of Logstash. */
async function run(
  directory: string,
  way: Way,
  [eventsPerSecond, seconds]: (typeof SPEEDS)[number],
  signal: 'SIGKILL' | 'SIGTERM',
): Promise<{ processed: number; lost: number; repeated: number }> {
  mkdirSync(directory);
  const log = new Log(path.join(directory, 'mosquitto.log'), eventsPerSecond === 0);
  const config = path.join(directory, 'brokertap.yaml');
  const logstash = new LogstashProcess();
  const options: LikeLogstash = {
    protocol: way.protocol,
    port: await freePort(),
    out: path.join(directory, 'out.ndjson'),
    eventsPerSecond,
    capacity: CAPACITY,
    persisted: way.persisted,
  };
  writeFileSync(
    config,
    `state: ${path.join(directory, 'state')}\ntelemetry: {listen: "off"}\ninputs: {log: {type: file, broker: mosquitto, paths: ${log.file}}}\noutputs: {elk: {type: logstash, protocol: ${way.protocol}, hosts: "127.0.0.1:${options.port}"${way.settings}}}\n`,
  );
  await logstash.start(options);
  const probe: ChildProcess = spawn(process.execPath, [path.join(ROOT, 'src/main.ts'), 'run', '-c', config], {
    stdio: 'ignore',
  });
  const tally = new Tally(options.out);
  await until(
    () => tally.read(),
    () => 'a first event',
    60_000,
  );
  await delay(seconds * 1000);
  await logstash.end(signal);
  tally.read();
  const processed = tally.seen.size;
  await logstash.start({ ...options, eventsPerSecond: 0 });
  log.end();
  // Whatever is not confirmed by now comes again; when nothing came for long enough, nothing will.
  for (let quietSeconds = 0; quietSeconds < way.confirmSeconds + 4; quietSeconds++) {
    await delay(1000);
    if (tally.read()) quietSeconds = 0;
    if (tally.seen.size === log.lines && quietSeconds > 1) break;
  }
  probe.kill('SIGKILL');
  await once(probe, 'exit');
  await logstash.end('SIGKILL');
  return { processed, lost: log.lines - tally.seen.size, repeated: tally.repeated };
}

const directory = mkdtempSync(path.join(tmpdir(), 'bt-loss-'));
try {
  process.stdout.write(
    `| pipeline, and how long it ran | ends by | output | processed before | lost | repeated |\n| --- | --- | --- | --: | --: | --: |\n`,
  );
  let count = 0;
  for (const speed of SPEEDS) {
    if (values.speed !== undefined && Number(values.speed) !== speed[0]) continue;
    for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
      const runs = WAYS.map((way) => run(path.join(directory, String(count++)), way, speed, signal));
      for (const [i, { processed, lost, repeated }] of (await Promise.all(runs)).entries()) {
        const [eventsPerSecond, seconds] = speed;
        const pipeline = eventsPerSecond === 0 ? 'keeps up' : `${eventsPerSecond} events/s`;
        process.stdout.write(
          `| ${pipeline}, ${seconds} s | ${signal === 'SIGKILL' ? 'kill -9' : 'SIGTERM'} | ${WAYS[i]?.name} | ${processed} | ${lost} | ${repeated} |\n`,
        );
      }
    }
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
