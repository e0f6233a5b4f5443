import { existsSync, readFileSync } from 'node:fs';
import { type Document, isMap, isScalar, LineCounter, type Node, parseDocument, visit } from 'yaml';
import type { z } from 'zod';
import { ConfigError, type ConfigIssue, reasonOf, UsageError } from '../core/errors.ts';
import type { InputConfig, OutputConfig } from '../registry.ts';
import { interpolate } from './interpolate.ts';
import { checkRivals } from './rivals.ts';
import { checkRules } from './rules.ts';
import { type TopLevel, topLevel } from './schema.ts';
import { checkWith, type Path, type Report, unknown } from './schema-check.ts';

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

/** Finds a key's or value's place; `key`: the key itself, not its value. */
type Locate = (path: Path, key?: boolean) => { line: number; column: number };

const DEFAULT_FILES = ['brokertap.yaml', '/etc/brokertap/brokertap.yaml'];
const NAME = /^[A-Za-z0-9_-]{1,64}$/;
const NOWHERE: Locate = () => ({ line: 0, column: 0 });

/** The shortest configuration that does something. */
export const SHORTEST = `inputs:
  log: {type: file, broker: mosquitto, paths: /var/log/mosquitto/mosquitto.log}
outputs:
  elk: {type: logstash, hosts: "localhost:5170"}`;

/**
 * The file to read: the one given, or the first default that exists; undefined when none does.
 * @throws UsageError when the one given does not exist
 */
export function findConfigFile(given: string | undefined): string | undefined {
  if (given === undefined) return DEFAULT_FILES.find((file) => existsSync(file));
  if (!existsSync(given)) throw new UsageError(`${given}: no such file; write one, for example\n${SHORTEST}`);
  return given;
}

/** Reads and checks a configuration file. @throws ConfigError with everything that is wrong in it */
export function loadConfig(file: string, env: NodeJS.ProcessEnv, registry: Registry): Config {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(`${file} cannot be read: ${reasonOf(error)}`);
  }
  return parseConfig(text, file, env, registry);
}

/**
 * Checks the text of a configuration file.
 * @param file its name, for messages
 * @throws ConfigError with everything that is wrong in it
 */
export function parseConfig(text: string, file: string, env: NodeJS.ProcessEnv, registry: Registry): Config {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const issues: ConfigIssue[] = [];
  const place = (offset: number): { line: number; column: number } => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  for (const error of document.errors) {
    issues.push({ file, ...place(error.pos[0]), key: '', message: sentence(error.message) });
  }
  if (issues.length > 0) throw new ConfigError(issues);
  if (!isMap(document.contents)) {
    throw new ConfigError([
      { file, line: 1, column: 1, key: '', message: `nothing is configured; write at least\n${SHORTEST}` },
    ]);
  }
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || typeof node.value !== 'string' || !node.value.includes('${')) return;
      const result = interpolate(node.value, env);
      if ('text' in result) node.value = result.text;
      else {
        const message = `${result.missing.map((name) => `\${${name}}`).join(', ')} is not set; set it, or write a default: \${NAME:default}`;
        issues.push({ file, ...place(node.range?.[0] ?? 0), key: '', message });
      }
    },
  });
  const locate: Locate = (path, key) => place(offsetOf(document, path, key === true));
  return checkConfig(document.toJS(), file, locate, registry, issues);
}

/**
 * Checks a configuration that is an object already.
 * @param file where it comes from, for messages
 * @throws ConfigError with everything that is wrong in it
 */
export function checkConfig(
  value: unknown,
  file: string,
  locate: Locate = NOWHERE,
  registry: Registry,
  issues: ConfigIssue[] = [],
): Config {
  const report: Report = (path, message, key = false) => {
    issues.push({ file, ...locate(path, key), key: path.join('.'), message });
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
  if (issues.length > 0 || checked === undefined)
    throw new ConfigError(issues.toSorted((a, b) => a.line - b.line || a.column - b.column));
  return { ...checked, inputs, outputs };
}

function entries(value: unknown, room: 'inputs' | 'outputs', report: Report): [string, unknown][] {
  const given =
    typeof value === 'object' && value !== null && room in value
      ? (value as Record<string, unknown>)[room]
      : undefined;
  if (typeof given !== 'object' || given === null || Object.keys(given).length === 0) {
    report([room], `at least one is needed; for example\n${SHORTEST}`);
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
    report(path, `"type" is missing; write one of ${Object.keys(types).join(', ')}`, true);
    return undefined;
  }
  const known = typeof type === 'string' && Object.hasOwn(types, type) ? types[type] : undefined;
  if (known === undefined) {
    report([...path, 'type'], unknown('type', String(type), Object.keys(types)));
    return undefined;
  }
  return checkWith(known.config, given, path, report) as T | undefined;
}

/** Offset in the text of a value, or of the nearest one above it that exists. */
function offsetOf(document: Document.Parsed, path: Path, key: boolean): number {
  for (let length = path.length; length >= 0; length--) {
    const parent = length === 0 ? undefined : document.getIn(path.slice(0, length - 1), true);
    const last = path[length - 1];
    const pair = isMap(parent)
      ? parent.items.find((item) => isScalar(item.key) && String(item.key.value) === String(last))
      : undefined;
    const wanted =
      pair !== undefined && (key || length < path.length)
        ? pair.key
        : document.getIn(path.slice(0, length), true);
    const range = (wanted as Node | undefined)?.range;
    if (range) return range[0];
  }
  return 0;
}

function sentence(message: string): string {
  return message.replace(/\s+/g, ' ').replace(/ at line \d+, column \d+:?.*$/, '');
}
