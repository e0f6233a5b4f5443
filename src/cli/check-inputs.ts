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
    case 'mqtt':
      return checkMirror(settings, name);
    case 'stdin':
      return undefined;
    case 'emqx-api':
      return checkApi(settings);
  }
}

/** Asks for the first page of what the input polls. */
async function checkApi(settings: Extract<InputConfig, { type: 'emqx-api' }>): Promise<string | undefined> {
  const { EmqxApi } = await import('../emqx-api/api.ts');
  const { accessOf } = await import('../inputs/emqx-api/config.ts');
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

/** Connects and subscribes, without a session that stays behind. */
async function checkMirror(
  settings: Extract<InputConfig, { type: 'mqtt' }>,
  name: string,
): Promise<string | undefined> {
  const { connectMirror } = await import('../inputs/mqtt/connect.ts');
  const { Subscriptions } = await import('../inputs/mqtt/subscriptions.ts');
  const { failureWords } = await import('../inputs/mqtt/words.ts');
  // A client id of its own: the running probe's connection is left alone.
  const id = `brokertap-check-${hostname()}-${name}-${process.pid}`;
  const { client } = connectMirror({ ...settings, session_expiry: 0 }, id, true);
  const subscriptions = new Subscriptions(settings);
  const problem = await new Promise<string | undefined>((resolve) => {
    client.once('connect', (connack) => {
      subscriptions.bring(client, connack).then(
        () => resolve(subscriptions.refused.join('; ') || undefined),
        (error: unknown) => resolve(`cannot subscribe: ${reasonOf(error)}`),
      );
    });
    client.once('error', (error) => resolve(failureWords(error)));
    client.once('close', () => resolve(failureWords(undefined)));
    setTimeout(() => resolve(`no answer within ${TIMEOUT_MS / 1000} s`), TIMEOUT_MS).unref();
  });
  client.on('error', () => {});
  client.end(true);
  return problem;
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
