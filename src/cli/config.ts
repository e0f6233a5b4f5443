import { environmentConfig, hasEnvironmentConfig } from '../config/environment.ts';
import { type Config, findConfigFile, loadConfig, SHORTEST } from '../config/load.ts';
import { UsageError } from '../core/errors.ts';
import { registry } from '../registry.ts';

/**
 * The configuration that a command works with: the file given, a default file, or the variables of the container image.
 * @throws ConfigError, UsageError
 */
export function configFor(given: string | undefined): Config {
  const file = findConfigFile(given);
  if (file !== undefined) return loadConfig(file, process.env, registry);
  if (hasEnvironmentConfig(process.env)) return environmentConfig(process.env, registry);
  throw new UsageError(
    `no configuration: write brokertap.yaml, for example\n${SHORTEST}\n` +
      'or set BROKERTAP_LOG_PATHS and BROKERTAP_LOGSTASH; "brokertap demo" shows events without any',
  );
}
