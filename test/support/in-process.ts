import path from 'node:path';
import type { TestContext } from 'node:test';
import { Probe } from '../../src/app/probe.ts';
import { parseConfig } from '../../src/config/load.ts';
import { RetryableError } from '../../src/core/errors.ts';
import type { Logger } from '../../src/core/log.ts';
import type { Batch, Output, Receipt } from '../../src/core/output.ts';
import { registry } from '../../src/registry.ts';
import type { ReceivedEvent } from './receiver.ts';

/** An output in memory; it can be told to take nothing, or to lose what it has not confirmed. */
export class Capture implements Output {
  readonly events: ReceivedEvent[] = [];
  /** Takes nothing while set. */
  stalled = false;
  private wake: (() => void)[] = [];
  private failing = false;

  async check(): Promise<void> {
    if (this.failing) throw new RetryableError('told to fail');
  }

  async write(batch: Batch): Promise<Receipt> {
    while (this.stalled) await new Promise<void>((resolve) => this.wake.push(resolve));
    if (this.failing) throw new RetryableError('told to fail');
    for (const line of batch.bytes.toString().split('\n').slice(0, -1)) this.events.push(JSON.parse(line));
    batch.release();
    return { delivered: batch.ends.length, duplicates: 0 };
  }

  go(): void {
    this.stalled = false;
    for (const wake of this.wake.splice(0)) wake();
  }

  fail(failing: boolean): void {
    this.failing = failing;
  }

  async close(): Promise<void> {}

  describe(): string {
    return 'memory';
  }

  /** Texts of events that came from a file, without the stamp, in the order of arrival. */
  get messages(): string[] {
    return this.events
      .filter((e) => e.log?.offset !== undefined && e.event.action !== 'input-gap')
      .map((e) => e.message);
  }

  actions(action: string): ReceivedEvent[] {
    return this.events.filter((e) => e.event.action === action);
  }
}

export const silentLog: Logger = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

/** A probe in this process whose only output is a `Capture`, named `capture`. */
export async function startProbe(
  t: TestContext,
  directory: string,
  inputs: string,
  capture = new Capture(),
  log: Logger = silentLog,
  telemetry = 'telemetry: {listen: "off"}',
): Promise<{ probe: Probe; capture: Capture; stop: () => Promise<void> }> {
  const started = await startProbeWith(t, directory, inputs, { capture }, log, telemetry);
  return { ...started, capture };
}

/** A probe in this process with these outputs. */
export async function startProbeWith(
  t: TestContext,
  directory: string,
  inputs: string,
  outputs: Readonly<Record<string, Output>>,
  log: Logger = silentLog,
  telemetry = 'telemetry: {listen: "off"}',
): Promise<{ probe: Probe; stop: () => Promise<void> }> {
  const text = `state: ${path.join(directory, 'state')}\nsave: 50ms\n${telemetry}\noutputs: {none: {type: stdout}}\n${inputs}`;
  const config = { ...parseConfig(text, 'test', {}, registry), outputs: {} };
  const extra = Object.entries(outputs).map(([name, output]) => ({ name, type: 'capture', output }));
  const probe = await Probe.start(config, log, extra);
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    for (const output of Object.values(outputs)) if (output instanceof Capture) output.go();
    await probe.stop();
  };
  t.after(stop);
  return { probe, stop };
}

/** The `inputs` part for log files of a Mosquitto. */
export function fileInput(paths: string, more = ''): string {
  return `inputs: {log: {type: file, broker: mosquitto, paths: "${paths}"${more}}}`;
}
