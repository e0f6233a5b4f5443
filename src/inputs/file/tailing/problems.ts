import { stat } from 'node:fs/promises';
import path from 'node:path';
import { hasCode, reasonOf } from '../../../core/errors.ts';
import type { InputHost } from '../../../core/input.ts';

/**
 * Why a log file cannot be read, and what to do, in one sentence.
 * @param error of the attempt to open it; undefined: it was not found
 */
export async function accessProblem(file: string, error: unknown): Promise<string> {
  if (error !== undefined && !hasCode(error, 'EACCES', 'EPERM')) return `${file}: ${reasonOf(error)}`;
  const user = ownUser();
  const facts = await stat(file).catch((e: unknown) => e);
  if (!(facts instanceof Error) && typeof facts === 'object' && facts !== null && 'mode' in facts) {
    const { uid, gid, mode } = facts as { uid: number; gid: number; mode: number };
    const bits = (mode & 0o777).toString(8).padStart(4, '0');
    return (
      `${file} cannot be read: it belongs to user ${uid}, group ${gid} with mode ${bits}, and brokertap runs as ${user}; ` +
      `run it as user ${uid}, or add its user to group ${gid} and make the file group-readable (Mosquitto makes its log 0600)`
    );
  }
  if (hasCode(facts, 'EACCES')) return directoryProblem(path.dirname(file), facts);
  return `${file}: no such file yet; waiting for it`;
}

/** The same of a directory. */
export function directoryProblem(directory: string, error: unknown): string {
  if (!hasCode(error, 'EACCES')) return `${directory}: ${reasonOf(error)}`;
  return `${directory} may not be searched by ${ownUser()}: give it the right (chmod +rx)`;
}

function ownUser(): string {
  return `user ${process.getuid?.() ?? '?'}, group ${process.getgid?.() ?? '?'}`;
}

/** What is wrong now, by the place where it is; logged when it begins and when it ends. */
export class Problems {
  private readonly host: InputHost;
  private readonly trouble = new Map<string, string>();

  constructor(host: InputHost) {
    this.host = host;
  }

  /** One sentence each. */
  get all(): readonly string[] {
    return [...this.trouble.values()];
  }

  /** @param place a path, or a name of what does not work */
  report(place: string, problem: string): void {
    if (this.trouble.get(place) !== problem) this.host.log.warn({ input: this.host.name }, problem);
    this.trouble.set(place, problem);
  }

  /** Nothing is wrong there. */
  clear(place: string): void {
    if (this.trouble.delete(place)) this.host.log.info({ input: this.host.name, place }, 'this works again');
  }
}
