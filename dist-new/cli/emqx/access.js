import { RetryableError, UsageError } from '../../core/errors.js';
import { apiUrl, DEFAULT_ATTEMPTS, DEFAULT_TIMEOUT_MS } from '../../emqx-api/access.js';
import { aliasesOf } from '../../inputs/emqx-api/aliases.js';
import { accessOf } from '../../inputs/emqx-api/config.js';
import { configFor } from '../config.js';
/**
 * The EMQX that options name, else the one of the configuration.
 * @throws UsageError, ConfigError
 */
export function emqxPlace(options) {
    if (options.apiUrl !== undefined)
        return { access: accessFrom(options, options.apiUrl), aliases: new Map() };
    const settings = apiInput(options);
    return { access: accessOf(settings), aliases: aliasesOf(settings) };
}
function accessFrom(options, given) {
    const url = apiUrl.safeParse(given);
    if (!url.success)
        throw new UsageError(`--api-url ${given}: ${url.error.issues[0]?.message}`);
    const { key, secretFile, user, passwordFile, ca, verify } = options;
    if (key === undefined && user === undefined)
        throw new UsageError('give --key and --secret-file, or --user and --password-file');
    if (key !== undefined && secretFile === undefined)
        throw new UsageError('--secret-file is missing');
    if (key === undefined && passwordFile === undefined)
        throw new UsageError('--password-file is missing');
    return {
        url: url.data,
        key,
        secretFile,
        user,
        passwordFile,
        timeoutMs: DEFAULT_TIMEOUT_MS,
        attempts: DEFAULT_ATTEMPTS,
        tls: { ca, verify },
    };
}
function apiInput({ config, input }) {
    const inputs = Object.entries(configFor(config).inputs).flatMap(([name, settings]) => settings.type === 'emqx-api' ? [{ name, settings }] : []);
    const chosen = input === undefined ? inputs : inputs.filter(({ name }) => name === input);
    const [first, ...others] = chosen;
    if (first === undefined) {
        const there = inputs.map(({ name }) => name).join(', ');
        throw new UsageError(input === undefined
            ? 'the configuration has no input of type emqx-api: add one, or give --api-url'
            : `no input of type emqx-api is called "${input}"${there === '' ? '' : `; there are ${there}`}`);
    }
    if (others.length > 0)
        throw new UsageError(`choose one EMQX of the configuration: --input ${chosen.map(({ name }) => name).join(' or --input ')}`);
    return first.settings;
}
/** The words of what went wrong with a server. @throws what is no such error */
export function serverProblem(error) {
    if (error instanceof RetryableError)
        return error.message;
    throw error;
}
