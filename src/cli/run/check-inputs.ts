import { open } from 'node:fs/promises';
import { createServer } from 'node:net';
import { hostname } from 'node:os';
import { hasCode, reasonOf } from '../../core/errors.ts';
import { findFiles } from '../../inputs/file/discovery.ts';
import { accessProblem } from '../../inputs/file/problems.ts';
import type { InputConfig } from '../../registry.ts';

const TIMEOUT_MS = 10_000;

/** Why an input would not work now; undefined when it would. Reads nothing and changes nothing. */
export async function checkInput(settings: InputConfig, name: string): Promise<string | undefined> {
  switch (settings.type) {
    case 'file':
      return checkFiles(settings.paths);
    case 'mqtt':
      return checkMirror(settings, name);
    case 'http':
    case 'tcp':
      return checkListener(settings);
    case 'stdin':
      return undefined;
    case 'emqx-api':
      return checkApi(settings);
  }
}

/** Asks for the first page of what the input polls. */
async function checkApi(settings: Extract<InputConfig, { type: 'emqx-api' }>): Promise<string | undefined> {
  const { EmqxApi } = await import('../../emqx-api/api.ts');
  const { accessOf } = await import('../../inputs/emqx-api/config.ts');
  const api = new EmqxApi(accessOf(settings));
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  try {
    for (const path of settings.audit ? ['clients', 'audit'] : ['clients'])
      for await (const _ of api.pages(path, {}, 1, signal)) break;
    return undefined;
  } catch (error) {
    return reasonOf(error);
  } finally {
    api.close();
  }
}

/** Reads the files and listens for a moment; where a running probe listens already is no problem. */
async function checkListener(
  settings: Extract<InputConfig, { type: 'http' | 'tcp' }>,
): Promise<string | undefined> {
  const { Credentials } = await import('../../inputs/http/credentials.ts');
  const { listenerTlsOptions } = await import('../../net/listening.ts');
  const { auth, tls, listen } = settings;
  if (auth !== undefined && auth !== 'none') new Credentials(auth);
  if (tls !== undefined) listenerTlsOptions(tls);
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', (error) => resolve(hasCode(error, 'EADDRINUSE') ? undefined : reasonOf(error)));
    server.listen(listen, () => server.close(() => resolve(undefined)));
  });
}

async function checkMirror(
  settings: Extract<InputConfig, { type: 'mqtt' }>,
  name: string,
): Promise<string | undefined> {
  const { tryMirror } = await import('../../inputs/mqtt/trial.ts');
  const { failure, refused } = await tryMirror(
    settings,
    `brokertap-check-${hostname()}-${name}-${process.pid}`,
  );
  return failure === undefined ? refused.join('; ') || undefined : `${settings.url}: ${failure}`;
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
