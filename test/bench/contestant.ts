import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** What one run has cost. */
export interface Figures {
  /** From the first line received to the last. */
  readonly seconds: number;
  /** CPU time of the sender from its start. */
  readonly cpuSeconds: number;
  readonly peakMiB: number;
  readonly lines: number;
  readonly bytes: number;
}

const RECEIVER = fileURLToPath(new URL('./receiver.ts', import.meta.url));
/** Takes bulk requests and forgets them. */
export const BULK_RECEIVER: string = fileURLToPath(new URL('./bulk-receiver.ts', import.meta.url));
/** Clock ticks a second of /proc (Linux: always 100 for user space). */
const TICKS = 100;

/** A receiver in a process of its own. @param protocol what it speaks, see `receiver.ts` */
export async function startReceiver(
  lines: number,
  stall = false,
  protocol = 'tcp',
  script: string = RECEIVER,
): Promise<{
  port: number;
  done: () => Promise<{ lines: number; bytes: number; firstMs: number; lastMs: number }>;
  child: ChildProcess;
}> {
  const child = spawn(process.execPath, [script, String(lines), stall ? 'stall' : protocol], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const output = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<Record<string, number>> => JSON.parse(String((await output.next()).value));
  const { port = 0 } = await next();
  return {
    port,
    done: () =>
      next().then(({ lines: got = 0, bytes = 0, firstMs = 0, lastMs = 0 }) => ({
        lines: got,
        bytes,
        firstMs,
        lastMs,
      })),
    child,
  };
}

/** The first line that a program prints, which is JSON. */
export async function firstLine(output: NodeJS.ReadableStream): Promise<unknown> {
  for await (const line of createInterface({ input: output })) return JSON.parse(line);
  throw new Error('the program ended and printed nothing');
}

/** CPU seconds that a process has used so far. */
export function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}

/** Most memory that a process has had resident, in MiB. */
export function peakMiB(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;
}

/** Longer than any contestant takes; one that has lost a line would be waited for without end. */
const LIMIT_MS = 300_000;

/**
 * Runs a sender until a receiver has counted `lines` lines. `command` gets the receiver's port.
 * @throws Error when the sender ends before, or they do not come
 */
export async function measure(
  lines: number,
  command: (port: number) => readonly string[],
  protocol = 'tcp',
  script?: string,
): Promise<Figures> {
  const receiver = await startReceiver(lines, false, protocol, script);
  const [program = '', ...args] = command(receiver.port);
  const sender = spawn(program, args, { stdio: 'ignore' });
  const limit = new AbortController();
  const fails = async (waiting: Promise<unknown>, why: string): Promise<never> => {
    await waiting;
    throw new Error(`${program} ${why} before all ${lines} lines had come`);
  };
  try {
    const {
      lines: got,
      bytes,
      firstMs,
      lastMs,
    } = await Promise.race([
      receiver.done(),
      fails(once(sender, 'exit', limit), 'ended'),
      fails(delay(LIMIT_MS, undefined, limit), `had ${LIMIT_MS / 1000} s`),
    ]);
    const pid = sender.pid ?? 0;
    return {
      seconds: (lastMs - firstMs) / 1000,
      cpuSeconds: cpuSeconds(pid),
      peakMiB: peakMiB(pid),
      lines: got,
      bytes,
    };
  } finally {
    limit.abort();
    receiver.child.kill('SIGKILL');
    if (sender.kill('SIGKILL')) await once(sender, 'exit');
  }
}

/** Path of a program beside this one. */
export function script(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url));
}

/** Resolves when something listens on a port. */
export async function answers(port: number): Promise<void> {
  for (;;) {
    const socket = connect(port, '127.0.0.1');
    const isThere = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    if (isThere) return;
    await delay(20);
  }
}
