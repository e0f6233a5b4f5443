import { statSync } from 'node:fs';
import path from 'node:path';
import {
  environmentConfig,
  hasEnvironmentConfig,
  ignoredVariables,
  inVariables,
} from '../config/environment.ts';
import { checkFiles, resolvePaths } from '../config/files.ts';
import { type Config, findConfigFile, locateIn, parseConfig, SHORTEST, textOf } from '../config/load.ts';
import { topLevel } from '../config/schema.ts';
import type { Path } from '../config/schema-check.ts';
import { readYaml } from '../config/yaml.ts';
import { ConfigError, type ConfigIssue, UsageError } from '../core/errors.ts';
import { registry } from '../registry.ts';

/** A configuration, and where it comes from. */
export interface Configured {
  readonly config: Config;
  /** Its file, read once: a pipe has nothing for a second reader. Undefined: it was made of variables. */
  readonly source: { readonly file: string; readonly text: string } | undefined;
}

/**
 * The configuration that a command works with: the file given, a default file, or the variables of the container image.
 * @param instead what a command that could do without says when there is none
 * @throws ConfigError, UsageError
 */
export function configFor(given: string | undefined, instead?: string): Config {
  return configured(given, instead).config;
}

/** The configuration of the probe that a command asks or looks at. @throws ConfigError, UsageError */
export function probeConfig(given: string | undefined): Config {
  return configFor(
    given,
    'which probe? write -c with its configuration: there is neither brokertap.yaml here nor /etc/brokertap/brokertap.yaml',
  );
}

/** Where a probe is asked. */
export interface ProbePlace {
  /** Its state directory. */
  readonly state: string;
  /** What is wrong with its configuration by now: the probe may have refused it, and go on with the one before. */
  readonly wrong?: ConfigError;
}

/** The place of the probe that a command asks, also where its file is wrong elsewhere. @throws ConfigError, UsageError */
export function probePlace(given: string | undefined): ProbePlace {
  try {
    return { state: probeConfig(given).state };
  } catch (error) {
    const file = findConfigFile(given);
    if (!(error instanceof ConfigError) || file === undefined) throw error;
    const { value, issues } = readYaml(textOf(file), file, process.env, SHORTEST);
    const { state } = topLevel.shape;
    const found = state.safeParse(Object(value).state);
    if (!found.success || issues.some(({ key }) => key === 'state')) throw error;
    return { state: path.resolve(baseOf(file), found.data), wrong: error };
  }
}

/** The same, with where it comes from. @throws ConfigError, UsageError */
export function configured(given: string | undefined, instead?: string): Configured {
  const file = findConfigFile(given);
  if (file !== undefined) {
    const text = textOf(file);
    const directory = baseOf(file);
    const config = parseConfig(text, file, process.env, registry, directory);
    return { config: resolvePaths(config, directory), source: { file, text } };
  }
  if (hasEnvironmentConfig(process.env))
    return { config: environmentConfig(process.env, registry), source: undefined };
  throw new UsageError(
    instead ??
      `no configuration: write brokertap.yaml, for example\n${SHORTEST}\n` +
        'or set BROKERTAP_LOG_PATHS and BROKERTAP_LOGSTASH; "brokertap demo" shows events without any',
  );
}

/** Where relative paths of a configuration file begin: its directory, or that of the process when it is a pipe. */
function baseOf(file: string): string {
  return statSync(file).isFile() ? path.dirname(path.resolve(file)) : process.cwd();
}

/**
 * The same, whose files of secrets and certificates are there.
 * @throws ConfigError, UsageError
 */
export function configWithFiles(given: string | undefined): Configured {
  const found = configured(given);
  const mistakes: Mistake[] = [];
  checkFiles(found.config, (path, message) => mistakes.push({ path, message }));
  if (mistakes.length > 0) throw inSource(found, mistakes);
  return found;
}

/** A sentence that may begin with a key of the configuration: where that is written, or the variable that it is made of, before it. */
export function placed(found: Configured, sentence: string): string {
  const [, key, message] = /^((?:inputs|privacy|telemetry)(?:\.[\w-]+)+) (.+)$/s.exec(sentence) ?? [];
  if (key === undefined || message === undefined) return sentence;
  return inSource(found, [{ path: key.split('.'), message }]).message;
}

interface Mistake {
  readonly path: Path;
  readonly message: string;
}

function inSource({ source }: Configured, mistakes: readonly Mistake[]): ConfigError {
  const locate = source && locateIn(source.text, source.file, process.env);
  const issues = mistakes.map(({ path, message }): ConfigIssue => {
    const place = locate?.(path) ?? { line: 0, column: 0 };
    return { file: source?.file ?? 'environment', ...place, key: path.join('.'), message };
  });
  return source === undefined ? inVariables(issues) : new ConfigError(issues);
}

/** What to tell when variables of the container image are set besides a file; undefined: nothing. */
export function ignoredBeside({ source }: Configured): string | undefined {
  if (source === undefined) return undefined;
  const { names, meant } = ignoredVariables(source.text, process.env);
  if (names.length === 0) return undefined;
  const hint = meant.length === 0 ? '' : ` (did you mean ${meant.join(', ')}?)`;
  return `${source.file} is used; ${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} ignored${hint}`;
}
