import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { CHECK_FILE, unreadable } from '../core/errors.ts';
import { patternIn } from '../core/files/patterns.ts';
import type { Config } from './load.ts';
import type { Path, Report } from './schema-check.ts';

/** Keys of `tls` that name files. */
const PEM_KEYS: readonly string[] = ['ca', 'cert', 'key'];

/** True for a setting that names a file of a secret or certificate, or several. */
function namesFiles(at: Path): boolean {
  const key = String(at.at(-1));
  return /_files?$/.test(key) || (at.at(-2) === 'tls' && PEM_KEYS.includes(key));
}

/** Reports the files of secrets and certificates that cannot be read. Opens none: a pipe can be read only once. */
export function checkFiles({ privacy, inputs, outputs }: Config, report: Report): void {
  const look: Visit = (file, at) => {
    const problem = problemOf(file);
    if (problem !== undefined) report(at, problem);
    return file;
  };
  if (privacy !== undefined) withFiles(privacy, ['privacy'], look);
  for (const [name, input] of Object.entries(inputs)) withFiles(input, ['inputs', name], look);
  for (const [name, output] of Object.entries(outputs)) withFiles(output, ['outputs', name], look);
}

/** The same configuration, whose relative paths begin at a directory. */
export function resolvePaths(config: Config, directory: string): Config {
  const at: Visit = (file) => path.resolve(directory, file);
  const { privacy, inputs, outputs } = config;
  return {
    ...config,
    state: path.resolve(directory, config.state),
    privacy: privacy && withFiles(privacy, [], at),
    inputs: mapValues(inputs, (input) => {
      const settings = withFiles(input, [], at);
      return settings.type === 'file'
        ? { ...settings, paths: settings.paths.map((pattern) => patternIn(directory, pattern)) }
        : settings;
    }),
    outputs: mapValues(outputs, (output) => {
      const settings = withFiles(output, [], at);
      return settings.type === 'file'
        ? { ...settings, path: path.resolve(directory, settings.path) }
        : settings;
    }),
  };
}

function mapValues<T>(record: Readonly<Record<string, T>>, change: (value: T) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, change(value)]));
}

type Visit = (file: string, at: Path) => string;

/** Settings, with what `visit` makes of every file of a secret or certificate that they name. */
export function withFiles<T extends object>(settings: T, base: Path, visit: Visit): T {
  const changed = Object.entries(settings).map(([key, value]): [string, unknown] => {
    const at = [...base, key];
    if ((key === 'tls' || key === 'auth') && typeof value === 'object')
      return [key, withFiles(value, at, visit)];
    if (value === undefined || !namesFiles(at)) return [key, value];
    return [
      key,
      Array.isArray(value) ? value.map((file) => visit(String(file), at)) : visit(String(value), at),
    ];
  });
  return Object.fromEntries(changed) as T;
}

function problemOf(file: string): string | undefined {
  try {
    accessSync(file, constants.R_OK);
    return statSync(file).isDirectory() ? unreadable(file, 'it is a directory', CHECK_FILE) : undefined;
  } catch (error) {
    return unreadable(file, error, CHECK_FILE);
  }
}
