import { readFileSync } from 'node:fs';
import { findConfigFile } from '../../config/load.ts';
import { reasonOf, UsageError, unreadable } from '../../core/errors.ts';
import type { JsonValue } from '../../core/event.ts';
import { isObject } from '../../core/json/object.ts';
import { safe } from '../../core/text/safe.ts';
import { matchesWildcard } from '../../core/text/wildcard.ts';
import { EmqxApi } from '../../emqx-api/api.ts';
import { isProblem } from '../../emqx-api/problem.ts';
import { apply, compare, remove, stateOf } from '../../emqx-api/rules/apply.ts';
import { type Definition, ruleSet } from '../../emqx-api/rules/definition.ts';
import {
  ACTIONS_SINCE,
  isSince,
  RULE_EVENTS,
  type RuleEvent,
  versionOf,
} from '../../emqx-api/rules/events.ts';
import { hoconOf } from '../../emqx-api/rules/hocon.ts';
import { canBeLiteral } from '../../emqx-api/rules/sql.ts';
import { configFor } from '../config.ts';
import { mirrorIds } from '../mirror-id.ts';
import { type AccessOptions, emqxPlace, serverProblem } from './access.ts';

/** Topics of events that are published again, as the dialect reads them. */
const REPUBLISHED = '$events/#';
const NAME = /^[0-9A-Za-z][0-9A-Za-z_-]{0,100}$/;

interface RulesOptions extends AccessOptions {
  readonly url?: string;
  readonly name: string;
  readonly tokenFile?: string;
  readonly hookUser?: string;
  readonly hookPasswordFile?: string;
  readonly hookCa?: string;
  readonly events?: readonly string[];
  readonly ownClient?: readonly string[];
  readonly leaveOut?: readonly string[];
  readonly apply?: boolean;
  readonly diff?: boolean;
  readonly remove?: boolean;
}

type Verb = 'apply' | 'diff' | 'remove';

/**
 * `emqx rules`: what makes an EMQX send its events to the probe's input of type `http`. Prints it, or makes it so. Exit code of
 * `--diff`: 1 when something differs.
 */
export async function emqxRules(options: RulesOptions): Promise<void> {
  const verbs = (['apply', 'diff', 'remove'] as const).filter((verb) => options[verb] === true);
  if (verbs.length > 1) throw new UsageError(`give one of --${verbs.join(', --')}`);
  const [verb] = verbs;
  if (verb === undefined) {
    print(await definitionsOf(options, undefined, undefined));
    return;
  }
  if (verb === 'diff' && options.url === undefined)
    process.stderr.write('without --url the address that the broker sends to is not compared\n');
  const place = emqxPlace(options);
  const api = new EmqxApi(place.access);
  const signal = new AbortController().signal;
  try {
    const version = await versionFor(api, signal);
    await act(api, verb, await definitionsOf(options, version, verb), signal);
  } catch (error) {
    if (error instanceof UsageError) throw error;
    process.stderr.write(`${safe(serverProblem(error))}\n`);
    process.exitCode = 1;
  } finally {
    api.close();
  }
}

async function act(
  api: EmqxApi,
  verb: Verb,
  definitions: readonly Definition[],
  signal: AbortSignal,
): Promise<void> {
  const tell = ({ table, id }: Definition, words: string): void => {
    process.stdout.write(`${table.slice(0, -1)} ${id}: ${safe(words)}\n`);
  };
  if (verb === 'remove') {
    // What is used by others last. What somebody else uses stays, and the rest goes.
    for (const definition of definitions.toReversed()) {
      const done = await remove(api, definition, signal).catch((error: unknown) => {
        if (!isProblem(error, 'refused')) throw error;
        process.exitCode = 1;
        return `stays: ${reasonOf(error)}`;
      });
      tell(definition, done);
    }
    return;
  }
  for (const definition of definitions) {
    if (verb === 'apply') {
      const done = await apply(api, definition, signal);
      const state = await stateOf(api, definition, signal);
      tell(definition, state === undefined ? done : `${done}, ${state}`);
      continue;
    }
    const { there, differences } = await compare(api, definition, signal);
    tell(definition, there ? (differences.length === 0 ? 'the same' : 'differs') : 'not there');
    for (const { key, is, wanted } of differences) {
      process.stdout.write(
        `  ${key}\n  - ${safe(shownValue(key, is))}\n  + ${safe(shownValue(key, wanted))}\n`,
      );
    }
    if (!there || differences.length > 0) process.exitCode = 1;
  }
}

/** @param verb undefined: they are only shown, to people. To remove them only their names are needed. */
async function definitionsOf(
  options: RulesOptions,
  version: readonly number[] | undefined,
  verb: Verb | undefined,
): Promise<Definition[]> {
  const { name, events = [], hookCa: ca } = options;
  if (!NAME.test(name)) throw new UsageError(`--name ${name}: letters, digits, _ and - only`);
  const names = RULE_EVENTS.map((event) => event.name);
  const unknown = events.find((wanted) => !names.some((known) => matchesWildcard(wanted, known)));
  if (unknown !== undefined) throw new UsageError(`--events ${unknown}: there are ${names.join(', ')}`);
  const chosen = {
    name,
    ca,
    version,
    wants: (event: RuleEvent) =>
      events.length === 0 || events.some((wanted) => matchesWildcard(wanted, event.name)),
  };
  if (verb === 'remove')
    return ruleSet({
      ...chosen,
      target: undefined,
      authorization: undefined,
      leftOut: { clients: [], topics: [] },
    });
  return ruleSet({
    ...chosen,
    target: verb === 'diff' && options.url === undefined ? undefined : targetOf(options.url ?? ''),
    authorization: authorizationOf(options, verb === undefined),
    leftOut: {
      clients: literals(await ownClients(options), 'client id'),
      topics: literals([REPUBLISHED, ...(options.leaveOut ?? [])], 'topic filter'),
    },
  });
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

/** @param shown it is for people: secrets are not told */
function authorizationOf(
  { tokenFile, hookUser, hookPasswordFile }: RulesOptions,
  shown: boolean,
): string | undefined {
  if (tokenFile !== undefined) return `Bearer ${shown ? `<what ${tokenFile} holds>` : secretOf(tokenFile)}`;
  if (hookUser === undefined) return undefined;
  if (hookPasswordFile === undefined)
    throw new UsageError('--hook-password-file is missing: write the file that holds the password');
  if (shown) return `Basic <base64 of ${hookUser}:PASSWORD>`;
  return `Basic ${Buffer.from(`${hookUser}:${secretOf(hookPasswordFile)}`).toString('base64')}`;
}

function secretOf(file: string): string {
  let secret: string;
  try {
    secret = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw new UsageError(unreadable(file, error));
  }
  // Headers are templates for EMQX.
  if (secret.includes('${'))
    throw new UsageError(`${file}: EMQX takes \${ for a variable; choose another secret`);
  return secret;
}

/** Client ids of the probe: those of its mirrors in the configuration, and those that are given. */
async function ownClients({ config: file, ownClient = [] }: RulesOptions): Promise<string[]> {
  const hasConfig = file !== undefined || findConfigFile(undefined) !== undefined;
  if (!hasConfig) return [...new Set(ownClient)];
  const config = configFor(file);
  const idOf = await mirrorIds(config);
  const mirrors = Object.entries(config.inputs).flatMap(([name, input]) =>
    input.type === 'mqtt' ? [idOf(name, input)] : [],
  );
  return [...new Set([...mirrors, ...ownClient])];
}

function literals(texts: readonly string[], what: string): readonly string[] {
  const bad = texts.find((text) => !canBeLiteral(text));
  if (bad !== undefined)
    throw new UsageError(
      `the ${what} ${JSON.stringify(bad)} cannot stand in the SQL of a rule: no quotation marks or backslashes`,
    );
  return texts;
}

/** @throws UsageError when the broker has no connectors and actions */
async function versionFor(api: EmqxApi, signal: AbortSignal): Promise<readonly number[]> {
  const nodes = (await api.version(signal)) === 'v5' ? await api.get('nodes', {}, signal) : [];
  const [first] = Array.isArray(nodes) ? nodes : [];
  const text = isObject(first) && typeof first.version === 'string' ? first.version : '4';
  const version = versionOf(text) ?? [4, 0, 0];
  if (!isSince(version, ACTIONS_SINCE))
    throw new UsageError(
      `this EMQX is ${text}, and connectors and actions came with 5.4: make a web hook to --url by hand (4.x: emqx_web_hook or a rule with data_to_webserver; 5.0 to 5.3: a bridge)`,
    );
  return version;
}

function print(definitions: readonly Definition[]): void {
  const rest = definitions.map(
    ({ table, identity, body }) =>
      `POST /api/v5/${table}\n${JSON.stringify({ ...identity, ...body }, undefined, 2)}\n`,
  );
  process.stdout.write(
    `# emqx.conf, 5.4 and later. The same by REST is below; --apply does it.\n\n${hoconOf(definitions)}\n${rest.join('\n').replace(/^/gm, '# ').replace(/^# $/gm, '#')}\n`,
  );
}

function shownValue(key: string, value: JsonValue | undefined): string {
  if (value === undefined) return '(nothing)';
  if (key.endsWith('.authorization')) return '******';
  return JSON.stringify(value);
}
