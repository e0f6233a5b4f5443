import { ConfigError, type ConfigIssue } from '../core/errors.ts';
import { suggest } from '../core/text/suggest.ts';
import { referencesIn } from './interpolate.ts';
import { type Config, checkConfig, type Registry } from './load.ts';

const PREFIX = 'BROKERTAP_';
const SHORTEST = 'BROKERTAP_LOG_PATHS=/mosquitto/log/mosquitto.log BROKERTAP_LOGSTASH=logstash:5170';
const FILE = 'environment';

/** The variables, and the keys that each of them gives a value to where what they stand in is there. */
const VARIABLES: Readonly<Record<string, readonly string[]>> = {
  NAME: ['name'],
  STATE: ['state'],
  BROKER: ['inputs.log.broker', 'inputs.mirror.broker'],
  LOG_PATHS: ['inputs.log.paths'],
  TIMEZONE: ['inputs.log.timezone'],
  MQTT_URL: ['inputs.mirror.url'],
  MQTT_USER: ['inputs.mirror.user'],
  MQTT_PASSWORD_FILE: ['inputs.mirror.password_file'],
  LOGSTASH: ['outputs.elk.hosts'],
  LOGSTASH_PROTOCOL: ['outputs.elk.protocol'],
  ELASTICSEARCH: ['outputs.search.nodes'],
  API_KEY_FILE: ['outputs.search.api_key_file'],
  CA: ['inputs.mirror.tls.ca', 'outputs.elk.tls.ca', 'outputs.search.tls.ca'],
  LISTEN: ['telemetry.listen'],
};
const NAMES = Object.keys(VARIABLES);

/** Variables that make inputs and outputs. */
const MAKERS: readonly string[] = ['LOG_PATHS', 'MQTT_URL', 'LOGSTASH', 'ELASTICSEARCH'];

/** Variables that the image sets itself: they stand beside a file too. */
const OF_IMAGE: readonly string[] = ['STATE', 'LISTEN'];

/** What Kubernetes and Docker set for a service whose name begins with ours. */
const OF_SERVICES = /(^|_)(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?|PORT|PORT_\d+_(TCP|UDP|SCTP)(_[A-Z]+)?)$/;

interface Tree {
  [key: string]: Tree | string;
}

/** True when any variable of the built-in configuration is set, or misspelt, apart from those that the image sets itself. */
export function hasEnvironmentConfig(env: NodeJS.ProcessEnv): boolean {
  return namesIn(env).some((name) => MAKERS.includes(suggest(name, NAMES) ?? ''));
}

/**
 * The built-in configuration of the container image: made of variables only, so that a sidecar needs no file. An empty
 * variable leaves its part out.
 * @throws ConfigError that names the shortest useful set, or what is wrong with a variable
 */
export function environmentConfig(env: NodeJS.ProcessEnv, registry: Registry): Config {
  const strangers = namesIn(env).filter((name) => !NAMES.includes(name));
  if (strangers.length > 0) throw new ConfigError(strangers.map(stranger));
  const get = (name: string): string | undefined => env[PREFIX + name] || undefined;
  const url = get('MQTT_URL');
  const tls = (): Tree => (get('CA') === undefined ? {} : { tls: {} });
  const isSecure = /^(mqtts|wss):/.test(url ?? '');
  const inputs: Tree = {
    ...(get('LOG_PATHS') !== undefined && { log: { type: 'file', broker: 'mosquitto' } }),
    ...(url !== undefined && {
      mirror: { type: 'mqtt', broker: 'mosquitto', topics: '#', ...(isSecure && tls()) },
    }),
  };
  const outputs: Tree = {
    ...(get('LOGSTASH') !== undefined && { elk: { type: 'logstash', ...tls() } }),
    ...(get('ELASTICSEARCH') !== undefined && { search: { type: 'elasticsearch', ...tls() } }),
  };
  if (Object.keys(inputs).length === 0 || Object.keys(outputs).length === 0) {
    const message = `no configuration file, and too few variables are set; the shortest useful set is\n${SHORTEST}`;
    throw new ConfigError([{ file: FILE, line: 0, column: 0, key: '', message }]);
  }
  const value: Tree = { inputs, outputs, telemetry: {} };
  for (const [name, keys] of Object.entries(VARIABLES)) {
    const text = get(name);
    if (text !== undefined) for (const key of keys) put(value, key, text);
  }
  try {
    return checkConfig(value, FILE, undefined, registry);
  } catch (error) {
    throw error instanceof ConfigError ? inVariables(error.issues) : error;
  }
}

/**
 * Variables of ours that are set for nothing, as a file is used and does not refer to them; those that the image sets are left
 * out.
 * @param text of the file
 * @returns them, and what was meant by those that are misspelt
 */
export function ignoredVariables(text: string, env: NodeJS.ProcessEnv): { names: string[]; meant: string[] } {
  const used = referencesIn(text).flatMap((name) =>
    name.startsWith(PREFIX) ? name.slice(PREFIX.length) : [],
  );
  const known = [...used, ...NAMES];
  const names = namesIn(env).filter((name) => !OF_IMAGE.includes(name) && !used.includes(name));
  const meant = names.filter((name) => !known.includes(name)).flatMap((name) => suggest(name, known) ?? []);
  return { names: names.map((name) => PREFIX + name), meant: meant.map((name) => PREFIX + name) };
}

/** Mistakes in the built-in configuration, with the names of variables in the place of the keys that were made of them. */
export function inVariables(issues: readonly ConfigIssue[]): ConfigError {
  const told = issues.map((issue) => {
    const name = variableOf(issue.key);
    return name === undefined ? issue : { ...issue, file: '', key: PREFIX + name };
  });
  const isFirst = ({ key, message }: ConfigIssue, i: number): boolean =>
    told.findIndex((other) => other.key === key && other.message === message) === i;
  return new ConfigError(told.filter(isFirst));
}

/** The variable that a key has its value from. @param key it, or one in it; or the `tls` that it stands in */
function variableOf(key: string): string | undefined {
  const isIn = (inner: string, outer: string): boolean => `${inner}.`.startsWith(`${outer}.`);
  const near = ([, keys]: [string, readonly string[]]): boolean =>
    keys.some((one) => isIn(key, one) || (key.endsWith('.tls') && isIn(one, key)));
  return Object.entries(VARIABLES).find(near)?.[0];
}

/** Names, without what they begin with, of the variables of ours that are set. */
function namesIn(env: NodeJS.ProcessEnv): string[] {
  return Object.keys(env)
    .filter((name) => name.startsWith(PREFIX) && env[name] !== '')
    .map((name) => name.slice(PREFIX.length))
    .filter((name) => !OF_SERVICES.test(name));
}

function stranger(name: string): ConfigIssue {
  const meant = suggest(name, NAMES);
  const instead =
    meant === undefined
      ? `there are ${NAMES.map((one) => PREFIX + one).join(', ')}`
      : `did you mean ${PREFIX}${meant}?`;
  return { file: '', line: 0, column: 0, key: PREFIX + name, message: `no such variable; ${instead}` };
}

/** Gives a key its value, if the mapping that it belongs to is there. */
function put(tree: Tree, key: string, text: string): void {
  const path = key.split('.');
  const last = path.pop() ?? '';
  const parent = path.reduce<Tree | undefined>((at, step) => {
    const next = at?.[step];
    return typeof next === 'object' ? next : undefined;
  }, tree);
  if (parent !== undefined) parent[last] = text;
}
