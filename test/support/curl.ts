import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** How to get the program. */
export const CURL = ['curl', 'apt-get install curl'] as const;

/** An answer as curl got it. */
interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly headers: string;
}

/** One request with curl. @param args as on its command line, the URL among them */
export async function curl(...args: readonly string[]): Promise<Answer> {
  const { stdout } = await promisify(execFile)('curl', ['-s', '-S', '-i', '--max-time', '30', ...args], {
    maxBuffer: 2 ** 24,
  });
  // Answers before the last one are such as 100 Continue.
  const parts = stdout.split('\r\n\r\n');
  const body = parts.pop() ?? '';
  const headers = parts.pop() ?? '';
  return { status: Number(headers.split(' ')[1]), body: JSON.parse(body), headers: headers.toLowerCase() };
}
