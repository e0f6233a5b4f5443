import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { z } from 'zod';
import { UsageError, unreadable } from '../../core/errors.ts';
import type { EmqxApiInputConfig } from './config.ts';

const names = z.record(z.string(), z.string().min(1));

/**
 * Names for people, by client id, in the order of the configuration.
 * @throws UsageError when `clients_file` cannot be used
 */
export function aliasesOf(
  config: Pick<EmqxApiInputConfig, 'clients' | 'clients_file'>,
): ReadonlyMap<string, string> {
  const { clients = {}, clients_file: file } = config;
  if (file === undefined) return new Map(Object.entries(clients));
  let value: unknown;
  try {
    value = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UsageError(`clients_file ${unreadable(file, error)}`);
  }
  const checked = names.safeParse(value);
  if (!checked.success)
    throw new UsageError(`clients_file ${file}: write a line "client-id: name" for each client`);
  return new Map(Object.entries(checked.data));
}

/** Client ids that are meant by ids or names. */
export function idsOf(chosen: readonly string[], aliases: ReadonlyMap<string, string>): string[] {
  const byName = new Map([...aliases].map(([id, name]) => [name, id]));
  return [...new Set(chosen.map((one) => (aliases.has(one) ? one : (byName.get(one) ?? one))))];
}
