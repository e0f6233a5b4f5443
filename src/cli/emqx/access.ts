import { RetryableError, UsageError } from '../../core/errors.ts';
import { type ApiAccess, apiUrl, DEFAULT_ATTEMPTS, DEFAULT_TIMEOUT_MS } from '../../emqx-api/access.ts';
import { aliasesOf } from '../../inputs/emqx-api/aliases.ts';
import { accessOf, type EmqxApiInputConfig } from '../../inputs/emqx-api/config.ts';
import { configFor } from '../config.ts';

const NO_CONFIG =
  'which EMQX? write --api-url http://HOST:18083/api/ with --key and --secret-file, or -c with a configuration that has an input of type emqx-api';

/** Options of every command that asks an EMQX. */
export interface AccessOptions {
  readonly config?: string;
  readonly input?: string;
  readonly apiUrl?: string;
  readonly key?: string;
  readonly secretFile?: string;
  readonly user?: string;
  readonly passwordFile?: string;
  readonly ca?: string;
  /** False: any certificate is taken. */
  readonly verify?: boolean;
}

/** An EMQX, and what its clients are called. */
interface EmqxPlace {
  readonly access: ApiAccess;
  readonly aliases: ReadonlyMap<string, string>;
}

/**
 * The EMQX that options name, else the one of the configuration.
 * @throws UsageError, ConfigError
 */
export function emqxPlace(options: AccessOptions): EmqxPlace {
  if (options.apiUrl !== undefined)
    return { access: accessFrom(options, options.apiUrl), aliases: new Map() };
  const settings = apiInput(options);
  return { access: accessOf(settings), aliases: aliasesOf(settings) };
}

function accessFrom(options: AccessOptions, given: string): ApiAccess {
  const url = apiUrl.safeParse(given);
  if (!url.success) throw new UsageError(`--api-url ${given}: ${url.error.issues[0]?.message}`);
  const { key, secretFile, user, passwordFile, ca, verify } = options;
  if (key === undefined && user === undefined)
    throw new UsageError('give --key and --secret-file, or --user and --password-file');
  if (key !== undefined && secretFile === undefined)
    throw new UsageError('--secret-file is missing: write the file that holds the secret of the key');
  if (key === undefined && passwordFile === undefined)
    throw new UsageError('--password-file is missing: write the file that holds the password');
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

function apiInput({ config, input }: AccessOptions): EmqxApiInputConfig {
  const inputs = Object.entries(configFor(config, NO_CONFIG).inputs).flatMap(([name, settings]) =>
    settings.type === 'emqx-api' ? [{ name, settings }] : [],
  );
  const chosen = input === undefined ? inputs : inputs.filter(({ name }) => name === input);
  const [first, ...others] = chosen;
  if (first === undefined) {
    const there = inputs.map(({ name }) => name).join(', ');
    throw new UsageError(
      input === undefined
        ? 'the configuration has no input of type emqx-api: add one, or give --api-url'
        : `no input of type emqx-api is called "${input}"${there === '' ? '' : `; there are ${there}`}`,
    );
  }
  if (others.length > 0)
    throw new UsageError(
      `choose one EMQX of the configuration: --input ${chosen.map(({ name }) => name).join(' or --input ')}`,
    );
  return first.settings;
}

/** The words of what went wrong with a server. @throws what is no such error */
export function serverProblem(error: unknown): string {
  if (error instanceof RetryableError) return error.message;
  throw error;
}
