import { environmentConfig, hasEnvironmentConfig } from '../config/environment.js';
import { findConfigFile, loadConfig, SHORTEST } from '../config/load.js';
import { UsageError } from '../core/errors.js';
import { registry } from '../registry.js';
/**
 * The configuration that a command works with: the file given, a default file, or the variables of the container image.
 * @throws ConfigError, UsageError
 */
export function configFor(given) {
    const file = findConfigFile(given);
    if (file !== undefined)
        return loadConfig(file, process.env, registry);
    if (hasEnvironmentConfig(process.env))
        return environmentConfig(process.env, registry);
    throw new UsageError(`no configuration: write brokertap.yaml, for example\n${SHORTEST}\n` +
        'or set BROKERTAP_LOG_PATHS and BROKERTAP_LOGSTASH; "brokertap demo" shows events without any');
}
