import { environmentConfig, hasEnvironmentConfig, inVariables } from '../config/environment.ts';
import { checkFiles } from '../config/files.ts';
import { type Config, findConfigFile, loadConfig, locateIn, SHORTEST } from '../config/load.ts';
import { ConfigError, type ConfigIssue, UsageError } from '../core/errors.ts';
import { registry } from '../registry.ts';

/**
 * The configuration that a command works with: the file given, a default file, or the variables of the container image.
 * @param instead what a command that could do without says when there is none
 * @throws ConfigError, UsageError
 */
export function configFor(given: string | undefined, instead?: string): Config {
  const file = findConfigFile(given);
  if (file !== undefined) return loadConfig(file, process.env, registry);
  if (hasEnvironmentConfig(process.env)) return environmentConfig(process.env, registry);
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
export function configWithFiles(given: string | undefined): Config {
  const config = configFor(given);
  const file = findConfigFile(given);
  const locate = file === undefined ? undefined : locateIn(file, process.env);
  const issues: ConfigIssue[] = [];
  checkFiles(config, (path, message) => {
    const place = locate?.(path) ?? { line: 0, column: 0 };
    issues.push({ file: file ?? 'environment', ...place, key: path.join('.'), message });
  });
  if (issues.length > 0) throw file === undefined ? inVariables(issues) : new ConfigError(issues);
  return config;
}
