import { setTimeout as delay } from 'node:timers/promises';
import { duration } from '../../config/units.ts';
import { UsageError } from '../../core/errors.ts';
import { safe, safeJson } from '../../core/text/safe.ts';
import { EmqxApi } from '../../emqx-api/api.ts';
import { type ClientRow, Clients, later } from '../../emqx-api/clients.ts';
import { useColour } from '../terminal.ts';
import { type AccessOptions, emqxPlace, serverProblem } from './access.ts';
import { type Asked, clientJson, columnTitles, sortBy, tableText } from './table.ts';

/** Ids that are asked for one by one; more are looked for in the list of all. */
const ONE_BY_ONE = 30;
const MIN_WATCH_MS = 1000;
const CLEAR = '\u001b[2J\u001b[H';

interface CheckOptions extends AccessOptions {
  readonly all?: boolean;
  readonly sort?: string;
  /** True: at the usual pace. */
  readonly watch?: boolean | string;
  readonly json?: boolean;
}

/**
 * `emqx check`: what the broker knows of clients. Without ids: those of the configuration. Exit code 1 when one of them never
 * connected, or the broker cannot be asked.
 */
export async function emqxCheck(ids: readonly string[], options: CheckOptions): Promise<void> {
  const { access, aliases } = emqxPlace(options);
  const watchMs = watchOf(options.watch);
  if (options.all === true && ids.length > 0) throw new UsageError('give client ids, or --all, not both');
  if (options.all !== true && ids.length === 0 && aliases.size === 0)
    throw new UsageError(
      'no clients: give their ids, or --all, or list them in "clients" of the input emqx-api',
    );
  const withAlias = options.all !== true && ids.length === 0;
  const titles = columnTitles(withAlias);
  if (
    options.sort !== undefined &&
    !titles.some((title) => title.toLowerCase() === options.sort?.toLowerCase())
  )
    throw new UsageError(
      `--sort ${options.sort}: there are ${titles.map((title) => `"${title}"`).join(', ')}`,
    );
  const wanted = withAlias ? [...aliases.keys()] : [...new Set(ids)];
  const api = new EmqxApi(access);
  const clients = new Clients(api);
  const signal = new AbortController().signal;
  try {
    for (;;) {
      try {
        const found =
          options.all === true ? await everyone(clients, signal) : await some(clients, wanted, signal);
        const asked = found.map(({ id, row }): Asked => ({ id, alias: aliases.get(id), row }));
        print(
          options.sort === undefined ? asked : sortBy(asked, options.sort, withAlias),
          withAlias,
          options,
        );
        tellUnknown(asked);
      } catch (error) {
        process.stderr.write(`${safe(serverProblem(error))}\n`);
        process.exitCode = 1;
      }
      if (watchMs === undefined) return;
      await delay(watchMs);
    }
  } finally {
    api.close();
  }
}

interface Found {
  readonly id: string;
  readonly row: ClientRow | undefined;
}

async function everyone(clients: Clients, signal: AbortSignal): Promise<Found[]> {
  const rows = new Map<string, ClientRow>();
  for await (const page of clients.all(signal))
    for (const row of page) {
      const other = rows.get(row.id);
      rows.set(row.id, other === undefined ? row : later(other, row));
    }
  return [...rows].map(([id, row]) => ({ id, row }));
}

async function some(clients: Clients, ids: readonly string[], signal: AbortSignal): Promise<Found[]> {
  const all =
    ids.length > ONE_BY_ONE
      ? new Map((await everyone(clients, signal)).map(({ id, row }) => [id, row]))
      : undefined;
  const found: Found[] = [];
  // Pages of a live table may miss a client: who is not among them is asked for by name.
  for (const id of ids) found.push({ id, row: all?.get(id) ?? (await clients.one(id, signal)) });
  return found;
}

function print(asked: readonly Asked[], withAlias: boolean, { json, watch }: CheckOptions): void {
  if (json === true) {
    process.stdout.write(asked.map((one) => `${safeJson(JSON.stringify(clientJson(one)))}\n`).join(''));
    return;
  }
  const clear = watch !== undefined && process.stdout.isTTY ? CLEAR : '';
  process.stdout.write(clear + tableText(asked, withAlias, useColour(process.stdout)));
}

function tellUnknown(asked: readonly Asked[]): void {
  for (const { id, row } of asked) {
    if (row !== undefined) continue;
    process.stderr.write(`client ${safe(id)} never connected: the broker has no session of it, or no more\n`);
    process.exitCode = 1;
  }
}

function watchOf(given: boolean | string | undefined): number | undefined {
  if (given === undefined || given === false) return undefined;
  const parsed = duration.safeParse(given === true ? '5s' : given);
  if (!parsed.success || parsed.data < MIN_WATCH_MS)
    throw new UsageError(`--watch ${given}: write a duration of at least 1s and at most 24d`);
  return parsed.data;
}
