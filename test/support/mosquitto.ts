import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import path from 'node:path';
import type { Cleanup } from './temp.ts';
import { until } from './wait.ts';

/** How to get the real broker, and its own clients. */
export const MOSQUITTO = [
  ...['mosquitto', 'apt-get install mosquitto'],
  ...['mosquitto_pub', 'apt-get install mosquitto-clients'],
] as const;

/** A real Mosquitto that logs everything to a file. */
export class Mosquitto {
  readonly port: number;
  readonly logFile: string;
  private readonly configFile: string;
  private child: ChildProcess | undefined;

  private constructor(directory: string, port: number, config: string) {
    this.port = port;
    this.logFile = path.join(directory, 'mosquitto.log');
    this.configFile = path.join(directory, 'mosquitto.conf');
    const lines = [
      `listener ${port} 127.0.0.1`,
      'log_type all',
      `log_dest file ${this.logFile}`,
      'user root',
      config,
    ];
    if (!config.includes('allow_anonymous')) lines.push('allow_anonymous true');
    writeFileSync(this.configFile, `${lines.join('\n')}\n`);
    chmodSync(directory, 0o755);
  }

  /** @param config further lines of its configuration */
  static async start(t: Cleanup, directory: string, config = ''): Promise<Mosquitto> {
    const broker = new Mosquitto(directory, await freePort(), config);
    t.after(() => broker.kill());
    await broker.start();
    return broker;
  }

  async start(): Promise<void> {
    this.child = spawn('/usr/sbin/mosquitto', ['-c', this.configFile], { stdio: 'ignore' });
    await until(
      () => accepts(this.port),
      () => `mosquitto on ${this.port}: ${this.log()}`,
    );
  }

  log(): string {
    return existsSync(this.logFile) ? readFileSync(this.logFile, 'utf8') : '';
  }

  /** Makes it open its log anew, as logrotate does. */
  reopenLog(): void {
    this.child?.kill('SIGHUP');
  }

  /** It does nothing any more, and its connections stay. */
  freeze(): void {
    this.child?.kill('SIGSTOP');
  }

  thaw(): void {
    this.child?.kill('SIGCONT');
  }

  async stop(): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Runs one of mosquitto's own clients to its end. */
export async function client(
  program: 'mosquitto_pub' | 'mosquitto_sub',
  args: readonly string[],
  input = '',
): Promise<string> {
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
  });
  child.stderr.resume();
  // A client that has what it needs does not wait for its input.
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  await once(child, 'close');
  return text;
}
