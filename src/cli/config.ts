import {
  environmentConfig,
  hasEnvironmentConfig,
  ignoredVariables,
  inVariables,
} from '../config/environment.ts';
import { checkFiles } from '../config/files.ts';
import { type Config, findConfigFile, locateIn, parseConfig, SHORTEST, textOf } from '../config/load.ts';
import { ConfigError, type ConfigIssue, UsageError } from '../core/errors.ts';
import { registry } from '../registry.ts';

/** A configuration, and where it comes from. */
interface Configured {
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

/** The same, with where it comes from. @throws ConfigError, UsageError */
export function configured(given: string | undefined, instead?: string): Configured {
  const file = findConfigFile(given);
  if (file !== undefined) {
    const text = textOf(file);
    return { config: parseConfig(text, file, process.env, registry), source: { file, text } };
  }
  if (hasEnvironmentConfig(process.env))
    return { config: environmentConfig(process.env, registry), source: undefined };
  throw new UsageError(
    instead ??
      `no configuration: write brokertap.yaml, for example\n${SHORTEST}\n` +
        'or set BROKERTAP_LOG_PATHS and BROKERTAP_LOGSTASH; "brokertap demo" shows events without any',
  );
}

/**
 * The same, whose files of secrets and certificates are there.
 * @throws ConfigError, UsageError
 */
export function configWithFiles(given: string | undefined): Configured {
  const found = configured(given);
  const { config, source } = found;
  const file = source?.file;
  const locate = source && locateIn(source.text, source.file, process.env);
  const issues: ConfigIssue[] = [];
  checkFiles(config, (path, message) => {
    const place = locate?.(path) ?? { line: 0, column: 0 };
    issues.push({ file: file ?? 'environment', ...place, key: path.join('.'), message });
  });
  if (issues.length > 0) throw file === undefined ? inVariables(issues) : new ConfigError(issues);
  return found;
}

/** What to tell when variables of the container image are set besides a file; undefined: nothing. */
export function ignoredBeside({ source }: Configured): string | undefined {
  if (source === undefined) return undefined;
  const names = ignoredVariables(source.text, process.env);
  if (names.length === 0) return undefined;
  return `${source.file} is used; ${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} ignored`;
}
