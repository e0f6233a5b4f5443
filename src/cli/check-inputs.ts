import { open } from 'node:fs/promises';
import { hostname } from 'node:os';
import { reasonOf } from '../core/errors.ts';
import { findFiles } from '../inputs/file/discovery.ts';
import { accessProblem } from '../inputs/file/problems.ts';
import type { InputConfig } from '../registry.ts';

const TIMEOUT_MS = 10_000;

/** Why an input would not work now; undefined when it would. Reads nothing and changes nothing. */
export async function checkInput(settings: InputConfig, name: string): Promise<string | undefined> {
  switch (settings.type) {
    case 'file':
      return checkFiles(settings.paths);
    case 'mqtt': {
      const { connectMirror } = await import('../inputs/mqtt/connect.ts');
      const { failureWords } = await import('../inputs/mqtt/words.ts');
      // A client id of its own: the running probe's connection is left alone, and no session stays behind.
      const once = { ...settings, session_expiry: 0 };
      const { client } = connectMirror(once, `brokertap-check-${hostname()}-${name}-${process.pid}`, true);
      const problem = await new Promise<string | undefined>((resolve) => {
        client.once('connect', () => resolve(undefined));
        client.once('error', (error) => resolve(failureWords(error)));
        setTimeout(() => resolve(`no answer within ${TIMEOUT_MS / 1000} s`), TIMEOUT_MS).unref();
      });
      client.on('error', () => {});
      client.end(true);
      return problem;
    }
    case 'stdin':
      return undefined;
  }
}

async function checkFiles(paths: readonly string[]): Promise<string | undefined> {
  const found = await findFiles(paths);
  if (found.length === 0)
    return (await Promise.all(paths.map((path) => accessProblem(path, undefined)))).join('; ');
  for (const { path } of found) {
    try {
      await (await open(path, 'r')).close();
    } catch (error) {
      return (await accessProblem(path, error)) || reasonOf(error);
    }
  }
  return undefined;
}
