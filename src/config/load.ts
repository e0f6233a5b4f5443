import { existsSync, readFileSync } from 'node:fs';
import type { z } from 'zod';
import { CHECK_FILE, ConfigError, type ConfigIssue, UsageError, unreadable } from '../core/errors.ts';
import { suggest } from '../core/text/suggest.ts';
import type { InputConfig, OutputConfig } from '../registry.ts';
import { checkPaths } from './paths.ts';
import { checkRivals } from './rivals.ts';
import { checkRules } from './rules.ts';
import { type TopLevel, topLevel } from './schema.ts';
import { checkWith, type Path, type Report, unknown, withoutBlank } from './schema-check.ts';
import { type Locate, readYaml } from './yaml.ts';

/** A checked configuration; durations in milliseconds, sizes in bytes. */
export interface Config extends Omit<TopLevel, 'inputs' | 'outputs'> {
  readonly inputs: Readonly<Record<string, InputConfig>>;
  readonly outputs: Readonly<Record<string, OutputConfig>>;
}

/** What may stand in a configuration: the schemas of the types of inputs and outputs, and the names of brokers. */
export interface Registry {
  readonly inputs: Readonly<Record<string, { readonly config: z.ZodObject }>>;
  readonly outputs: Readonly<Record<string, { readonly config: z.ZodObject }>>;
  readonly brokers: readonly string[];
}

const DEFAULT_FILES = ['brokertap.yaml', '/etc/brokertap/brokertap.yaml'];
const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const ROOMS = ['inputs', 'outputs'];
const NOWHERE: Locate = () => ({ line: 0, column: 0 });

/** The shortest configuration that does something. */
export const SHORTEST = `inputs:
  log: {type: file, broker: mosquitto, paths: /var/log/mosquitto/mosquitto.log}
outputs:
  archive: {type: file, path: ./events.ndjson}`;

/**
 * The file to read: the one given, or the first default that exists; undefined when none does.
 * @throws UsageError when the one given does not exist
 */
export function findConfigFile(given: string | undefined): string | undefined {
  if (given === undefined) return DEFAULT_FILES.find((file) => existsSync(file));
  if (!existsSync(given)) throw new UsageError(`${given}: no such file; write one, for example\n${SHORTEST}`);
  return given;
}

/** Where keys stand in the text of a configuration file. @throws ConfigError when there is no configuration in it */
export function locateIn(text: string, file: string, env: NodeJS.ProcessEnv): Locate {
  return readYaml(text, file, env, SHORTEST).locate;
}

/** The text of a configuration file. @throws UsageError when it cannot be read */
export function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(unreadable(file, error, CHECK_FILE));
  }
}

/**
 * Checks the text of a configuration file.
 * @param file its name, for messages
 * @param directory where its relative paths begin; default: the directory of the process
 * @throws ConfigError with everything that is wrong in it
 */
export function parseConfig(
  text: string,
  file: string,
  env: NodeJS.ProcessEnv,
  registry: Registry,
  directory?: string,
): Config {
  const { value, locate, issues } = readYaml(text, file, env, SHORTEST);
  return checkConfig(value, file, locate, registry, issues, directory);
}

/**
 * Checks a configuration that is an object already.
 * @param file where it comes from, for messages
 * @param issues what is known to be wrong: nothing else is said of those keys
 * @param directory where relative paths begin
 * @throws ConfigError with everything that is wrong in it
 */
export function checkConfig(
  value: unknown,
  file: string,
  locate: Locate = NOWHERE,
  registry: Registry,
  issues: ConfigIssue[] = [],
  directory = process.cwd(),
): Config {
  const told = issues.map(({ key }) => key);
  const report: Report = (path, message, key = false) => {
    const name = path.join('.');
    if (told.some((known) => name === known || name.startsWith(`${known}.`))) return;
    issues.push({ file, ...locate(path, key), key: name, message });
  };
  const checked = checkWith(topLevel, value, [], report);
  const inputs: Record<string, InputConfig> = {};
  const outputs: Record<string, OutputConfig> = {};
  for (const [name, given] of entries(value, 'inputs', report)) {
    const input = checkPlugin<InputConfig>(['inputs', name], given, registry.inputs, report);
    if (input === undefined) continue;
    checkRules(name, input, checked, registry.brokers, report);
    inputs[name] = input;
  }
  checkRivals(inputs, checked?.telemetry.listen, report);
  for (const [name, given] of entries(value, 'outputs', report)) {
    const output = checkPlugin<OutputConfig>(['outputs', name], given, registry.outputs, report);
    if (output !== undefined) outputs[name] = output;
  }
  checkPaths({ top: checked, inputs, outputs }, directory, report);
  if (issues.length > 0 || checked === undefined)
    throw new ConfigError(issues.toSorted((a, b) => a.line - b.line || a.column - b.column));
  return { ...checked, inputs, outputs };
}

function entries(value: unknown, room: 'inputs' | 'outputs', report: Report): [string, unknown][] {
  const given =
    typeof value === 'object' && value !== null && room in value
      ? (value as Record<string, unknown>)[room]
      : undefined;
  // The key that was meant is told already.
  if (given === undefined && Object.keys(Object(value)).some((key) => suggest(key, ROOMS) === room))
    return [];
  if (typeof given !== 'object' || given === null || Object.keys(given).length === 0) {
    report([room], `at least one is needed; for example\n${SHORTEST}`);
    return [];
  }
  if (Array.isArray(given)) {
    report([room], `this is a list, and each needs a name; for example\n${SHORTEST}`);
    return [];
  }
  const all = Object.entries(given);
  for (const [name] of all.filter(([name]) => !NAME.test(name))) {
    report([room, name], 'a name has 1 to 64 letters, digits, _ or -', true);
  }
  return all;
}

function checkPlugin<T>(
  path: Path,
  given: unknown,
  types: Registry['inputs'],
  report: Report,
): T | undefined {
  const type = typeof given === 'object' && given !== null && 'type' in given ? given.type : undefined;
  if (type === undefined) {
    const keys = typeof given === 'string' ? [given] : Object.keys(Object(given));
    const { problem } = withoutBlank(keys.find((key) => withoutBlank(key).name === 'type') ?? '');
    report(path, problem ?? `"type" is missing; write one of ${Object.keys(types).join(', ')}`, true);
    return undefined;
  }
  const known = typeof type === 'string' && Object.hasOwn(types, type) ? types[type] : undefined;
  if (known === undefined) {
    const names = Object.keys(types);
    report(
      [...path, 'type'],
      typeof type === 'string' ? unknown('type', type, names) : `write one of ${names.join(', ')}`,
    );
    return undefined;
  }
  return checkWith(known.config, given, path, report) as T | undefined;
}
