import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { needs } from './programs.ts';

const SOURCE = fileURLToPath(new URL('./go-lumber', import.meta.url));
const GO = needs('go', 'apt-get install golang-go, or https://go.dev/dl');

/** For tests that need the independent server. */
export const NEEDS_GO: { skip: string | false } = GO;

/**
 * Builds the server; Go fetches its modules.
 * @returns the program; undefined, with the reason told to `skip`, where the modules cannot be had
 * @throws in CI, where nothing may be skipped
 */
export function buildGoLumber(directory: string, skip: (reason: string) => void): string | undefined {
  const program = path.join(directory, 'go-lumber');
  try {
    execFileSync('go', ['build', '-o', program, '.'], { cwd: SOURCE, stdio: 'pipe', timeout: 100_000 });
    return program;
  } catch (error) {
    if (process.env.CI !== undefined) throw error;
    skip('Go cannot build the server: is a Go module proxy within reach (go env GOPROXY)?');
    return undefined;
  }
}

/** The lumberjack server of Elastic's Go module, in a process of its own. */
export class GoLumber {
  readonly events: Record<string, unknown>[] = [];
  port = 0;
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.child = child;
  }

  /** @param tls paths of a certificate and its key */
  static async start(program: string, tls?: { cert: string; key: string }): Promise<GoLumber> {
    const child = spawn(program, tls === undefined ? [] : [tls.cert, tls.key], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const server = new GoLumber(child);
    await new Promise<void>((resolve) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (server.port !== 0) {
          server.events.push(JSON.parse(line));
          return;
        }
        server.port = Number(line);
        resolve();
      });
    });
    return server;
  }

  async stop(): Promise<void> {
    this.child.kill('SIGKILL');
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
  }
}
