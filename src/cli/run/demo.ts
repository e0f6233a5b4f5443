import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Probe } from '../../app/probe.ts';
import { parseConfig } from '../../config/load.ts';
import { UsageError } from '../../core/errors.ts';
import type { Batch, Output, Receipt } from '../../core/output.ts';
import { startDemoBroker } from '../../demo/broker.ts';
import { startFleet } from '../../demo/fleet.ts';
import { registry } from '../../registry.ts';
import { openLog } from '../../telemetry/log.ts';
import { Summary } from '../parse/summary.ts';
import { summaryText } from '../parse/summary-text.ts';
import { formatEvent } from '../pretty.ts';
import { useColour } from '../terminal.ts';

/** Three weeks: timers hold no more than 24 days. */
const MAX_SECONDS = 21 * 86_400;
const EVENTS_FILE = 'brokertap-demo.ndjson';
/** As the file output makes its files. */
const MODE = { mode: 0o640 };

/** `demo`: a broker, a fleet and the real probe in one process, its events on the terminal. */
export async function demo(options: { seconds?: string }): Promise<void> {
  const seconds = options.seconds === undefined ? undefined : Number(options.seconds);
  if (seconds !== undefined && !(seconds > 0 && seconds <= MAX_SECONDS))
    throw new UsageError(
      `--seconds ${options.seconds}: write a number above 0 and up to ${MAX_SECONDS}, such as 20`,
    );
  const directory = mkdtempSync(path.join(tmpdir(), 'brokertap-'));
  const events = path.resolve(EVENTS_FILE);
  try {
    const broker = await startDemoBroker(path.join(directory, 'mosquitto.log'));
    const fleet = startFleet(broker.port);
    process.stdout.write(introduction(broker.port, events, seconds));
    const terminal = new TerminalOutput(events);
    const probe = await Probe.start(demoConfig(directory, broker.port), await openLog('error'), [
      { name: 'terminal', type: 'terminal', output: terminal },
    ]);
    await new Promise<void>((resolve) => {
      process.once('SIGINT', resolve);
      process.once('SIGTERM', resolve);
      if (seconds !== undefined) setTimeout(resolve, seconds * 1000);
    });
    await fleet.stop();
    await broker.close();
    await probe.stop();
    process.stdout.write(
      `\nWhat happened:\n${summaryText(terminal.summary, terminal.colour)}\nAll events as JSON lines: ${events}\n`,
    );
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
  process.exit(0);
}

/** The configuration that a user would write for such a broker, with the terminal as its only output. */
function demoConfig(directory: string, port: number): ReturnType<typeof parseConfig> {
  const text = `
name: demo-plant
state: ${JSON.stringify(path.join(directory, 'state'))}
inputs:
  log: {type: file, broker: mosquitto, paths: ${JSON.stringify(path.join(directory, '*.log'))}}
  mirror: {type: mqtt, url: "mqtt://127.0.0.1:${port}", protocol: 3.1.1, topics: 'plant/{line}/#'}
outputs:
  discard: {type: file, path: /dev/null}
telemetry: {listen: "off"}
`;
  const config = parseConfig(text, 'demo', {}, registry);
  return { ...config, outputs: {} };
}

function introduction(port: number, events: string, seconds: number | undefined): string {
  return `brokertap demo: an MQTT broker (mqtt://127.0.0.1:${port}), a small fleet, and the probe that watches both its log and
its traffic. Besides four sensors and a dashboard there are a wrong password, a denied publish, a silent device,
a client id that is taken over, and a name that tries to forge a log line.
Each line: time, way (log or mirror), action, client, source, topic, reason, text. ${seconds === undefined ? 'Ctrl-C ends it.' : `Ends after ${seconds} s.`}
The same events as JSON lines go to ${events}.

To watch a real broker, write brokertap.yaml and call "npx brokertap run":
  state: ./state
  inputs:
    log: {type: file, broker: mosquitto, paths: /var/log/mosquitto/mosquitto.log}
    mirror: {type: mqtt, url: "mqtt://localhost:1883", topics: "#"}
  outputs:
    archive: {type: file, path: ./events.ndjson}

`;
}

/** Prints events for people and keeps them as JSON lines. */
class TerminalOutput implements Output {
  readonly summary = new Summary();
  private readonly file: string;
  readonly colour = useColour(process.stdout);

  constructor(file: string) {
    this.file = file;
    writeFileSync(file, '', MODE);
  }

  async check(): Promise<void> {}

  async write(batch: Batch): Promise<Receipt> {
    appendFileSync(this.file, batch.bytes, MODE);
    this.summary.add(batch.bytes);
    for (const line of batch.bytes.toString().split('\n').slice(0, -1)) {
      process.stdout.write(`${formatEvent(JSON.parse(line), this.colour)}\n`);
    }
    batch.release();
    return { delivered: batch.ends.length, duplicates: 0 };
  }

  async close(): Promise<void> {}

  describe(): string {
    return 'terminal';
  }
}
