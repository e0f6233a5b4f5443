import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Cleanup } from './temp.ts';
import { until } from './wait.ts';

/** The program. */
export const BIN = fileURLToPath(new URL('../../bin/brokertap.js', import.meta.url));

/** A finished command. */
export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command to its end. */
export async function cli(
  args: readonly string[],
  options: {
    cwd?: string;
    env?: NodeJS.ProcessEnv;
    input?: string | Buffer;
    /** The user to run as; default: this one. */
    as?: { uid: number; gid: number };
  } = {},
): Promise<Finished> {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    ...options.as,
  });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const [code] = await once(child, 'close');
  return { code: code as number | null, stdout, stderr };
}

/** A probe in a process of its own; `start` may be called again after `kill` or `stop`, on the same state. */
export class ProbeProcess {
  readonly config: string;
  private readonly state: string;
  private readonly program: string;
  stderr = '';
  private child: ChildProcess | undefined;
  /** Where in `stderr` the words of the present child begin. */
  private begin = 0;

  /**
   * @param yaml the configuration, without `state`; `telemetry` is off and `save` 200 ms unless given
   * @param program what is started; default: this checkout's command
   */
  constructor(t: Cleanup, directory: string, yaml: string, program: string = BIN) {
    this.program = program;
    this.config = path.join(directory, 'brokertap.yaml');
    this.state = path.join(directory, 'state');
    this.configure(yaml);
    t.after(() => this.kill());
  }

  /** Writes the configuration anew. */
  configure(yaml: string): void {
    const telemetry = yaml.includes('telemetry:') ? '' : 'telemetry: {listen: "off"}\n';
    const save = yaml.includes('save:') ? '' : 'save: 200ms\n';
    writeFileSync(this.config, `state: ${this.state}\n${save}${telemetry}${yaml}`);
  }

  /** @param as the user to run as; default: this one */
  start(as: { uid?: number; gid?: number } = {}): void {
    const child = spawn(process.execPath, [this.program, 'run', '-c', this.config], {
      stdio: ['ignore', 'ignore', 'pipe'],
      ...as,
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text;
    });
    this.child = child;
    this.begin = this.stderr.length;
  }

  /** Process id of the running probe. */
  get pid(): number {
    return this.child?.pid ?? 0;
  }

  signal(name: NodeJS.Signals): void {
    this.child?.kill(name);
  }

  /** Resolves with the exit code. */
  async ended(): Promise<number | null> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null) return child?.exitCode ?? null;
    const [code] = await once(child, 'exit');
    return code as number | null;
  }

  /** SIGTERM, once it runs. Resolves with the exit code. */
  async stop(): Promise<number | null> {
    const { child } = this;
    if (child === undefined) return null;
    await until(
      () => child.exitCode !== null || this.stderr.includes('"started"', this.begin),
      () => this.stderr,
    );
    if (child.exitCode !== null) return child.exitCode;
    child.kill('SIGTERM');
    const [code] = await once(child, 'exit');
    return code as number | null;
  }

  /** Most memory that it has had resident, in MiB. */
  peakMiB(): number {
    const status = readFileSync(`/proc/${this.child?.pid}/status`, 'utf8');
    return Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) / 1024;
  }

  /** SIGKILL. */
  async kill(): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}
