import { readFileSync } from 'node:fs';
import type { Config } from '../../config/load.ts';
import { UsageError, unreadable } from '../../core/errors.ts';
import type { RuleSetOptions } from '../../emqx-api/rules/definition.ts';
import type { HttpInputConfig } from '../../inputs/http/config.ts';

/** Options that tell of the probe's input of type `http`. */
export interface HookOptions {
  readonly url?: string;
  readonly tokenFile?: string;
  readonly hookUser?: string;
  readonly hookPasswordFile?: string;
}

/**
 * Where the broker sends its events, and what it shows there: as the options say, else as the input of type `http` of the
 * configuration wants it.
 * @param verb undefined: it is shown to people, and secrets are not told
 * @throws UsageError
 */
export function hookOf(
  options: HookOptions,
  config: Config | undefined,
  verb: 'apply' | 'diff' | undefined,
): Pick<RuleSetOptions, 'target' | 'authorization'> {
  const target = verb === 'diff' && options.url === undefined ? undefined : targetOf(options.url ?? '');
  const isShown = verb === undefined;
  const given = authorizationOf(options, isShown);
  const input = inputFor(config, target, given !== undefined);
  if (input === undefined) return { target, authorization: given };
  const { name, settings } = input;
  if (target?.protocol === 'http:' && settings.tls !== undefined)
    throw new UsageError(`--url ${options.url}: the input "${name}" speaks TLS: write https://`);
  if (target?.pathname === '/') target.pathname = settings.path;
  return { target, authorization: given ?? wantedBy(settings, isShown) };
}

function targetOf(url: string): URL {
  const target = URL.canParse(url) ? new URL(url) : undefined;
  if (
    target === undefined ||
    !/^https?:$/.test(target.protocol) ||
    target.username !== '' ||
    target.hash !== ''
  )
    throw new UsageError(
      `--url ${url || 'is missing'}: write the address of the probe's http input, such as http://probe:9642/emqx`,
    );
  return target;
}

/** The input that an address leads to: the only one, or the one with its port. @param isKnown what it wants is given */
function inputFor(
  config: Config | undefined,
  target: URL | undefined,
  isKnown: boolean,
): { name: string; settings: HttpInputConfig } | undefined {
  const inputs = Object.entries(config?.inputs ?? {}).flatMap(([name, settings]) =>
    settings.type === 'http' ? [{ name, settings }] : [],
  );
  if (inputs.length < 2) return inputs[0];
  if (target === undefined) return undefined;
  const port = Number(target.port) || (target.protocol === 'https:' ? 443 : 80);
  const [first, ...others] = inputs.filter(({ settings }) => settings.listen.port === port);
  if (first !== undefined && others.length === 0) return first;
  if (isKnown) return undefined;
  const ports = inputs.map(({ name, settings: { listen } }, i) =>
    i === 0 ? `${name} listens on port ${listen.port}` : `${name} on ${listen.port}`,
  );
  throw new UsageError(
    `--url ${target}: which input of type http is it? ${ports.join(', ')}; for an address that leads elsewhere give --token-file or --hook-user`,
  );
}

/** @param isShown it is for people: secrets are not told */
function authorizationOf(
  { tokenFile, hookUser, hookPasswordFile }: HookOptions,
  isShown: boolean,
): string | undefined {
  if (tokenFile !== undefined) return bearer(tokenFile, isShown);
  if (hookUser === undefined) return undefined;
  if (hookPasswordFile === undefined)
    throw new UsageError('--hook-password-file is missing: write the file that holds the password');
  return basic(hookUser, hookPasswordFile, isShown);
}

function wantedBy({ auth }: HttpInputConfig, isShown: boolean): string | undefined {
  if (auth === undefined || auth === 'none') return undefined;
  return 'token_file' in auth
    ? bearer(auth.token_file, isShown)
    : basic(auth.user, auth.password_file, isShown);
}

function bearer(file: string, isShown: boolean): string {
  return `Bearer ${isShown ? `<what ${file} holds>` : secretOf(file)}`;
}

function basic(user: string, file: string, isShown: boolean): string {
  if (isShown) return `Basic <base64 of ${user}:PASSWORD>`;
  return `Basic ${Buffer.from(`${user}:${secretOf(file)}`).toString('base64')}`;
}

/** A secret as the input reads it: without the blanks around it. */
function secretOf(file: string): string {
  let secret: string;
  try {
    secret = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new UsageError(unreadable(file, error));
  }
  if (secret === '') throw new UsageError(`${file} is empty: write the secret into it`);
  // Headers are templates for EMQX.
  if (secret.includes('${'))
    throw new UsageError(`${file}: EMQX takes \${ for a variable; choose another secret`);
  return secret;
}
