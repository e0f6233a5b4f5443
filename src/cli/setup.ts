import { namespace as namespaceSchema } from '../config/schema.ts';
import { UsageError } from '../core/errors.ts';
import type { Server } from '../setup/asset.ts';
import { exportedFiles, requestText, writeFiles } from '../setup/export.ts';
import { type TargetName, targets } from '../setup/index.ts';
import { compare, install, label, type Outcome, select, uninstall } from '../setup/installer.ts';
import { readRetention } from '../setup/retention.ts';
import type { Connection, Plan, SetupOptions, Target } from '../setup/target.ts';
import { configFor } from './config.ts';

/** What the command line says; an option that a target does not have is absent. */
export interface SetupCommand {
  readonly config?: string;
  readonly output?: string;
  readonly url?: readonly string[];
  readonly user?: string;
  readonly passwordFile?: string;
  readonly apiKeyFile?: string;
  readonly ca?: string;
  readonly namespace?: string;
  readonly only?: readonly string[];
  readonly retain?: readonly string[];
  readonly ilm?: boolean;
  readonly start?: boolean;
  readonly dryRun?: boolean;
  readonly export?: string;
  readonly createApiKey?: boolean;
  readonly uninstall?: boolean;
}

/** Longest that everything together may take, in milliseconds. */
const DEADLINE_MS = 300_000;

/**
 * `setup`: makes a server ready for the probe's events. What was done goes to stderr; requests (`--dry-run`) and an API
 * key go to stdout.
 * @throws UsageError, ConfigError, BlockedError, RetryableError
 */
export async function setup(name: TargetName, command: SetupCommand): Promise<void> {
  const options = optionsOf(command);
  const { target } = await targets[name].load();
  const asksServer =
    command.export === undefined || command.url !== undefined || command.config !== undefined;
  const server = asksServer ? target.connect(connectionOf(name, command)) : undefined;
  const signal = AbortSignal.timeout(DEADLINE_MS);
  try {
    const plan = await target.plan(options, server, signal);
    const chosen: Plan = { ...plan, assets: select(plan.assets, command.only ?? []) };
    if (plan.server !== undefined) say(`${server?.place}: ${plan.server}`);
    for (const { what, why } of plan.skipped) say(`left out: ${what}: ${why}`);
    if (command.export !== undefined) return writeExport(command.export, chosen);
    if (server !== undefined) await work(command, options, target, server, chosen, signal);
  } finally {
    await server?.close();
  }
}

async function work(
  command: SetupCommand,
  options: SetupOptions,
  target: Target,
  server: Server,
  { assets }: Plan,
  signal: AbortSignal,
): Promise<void> {
  const began = performance.now();
  const steps = await compare(assets, server, signal);
  if (command.dryRun === true) {
    for (const { asset, found } of steps) {
      say(
        `${command.uninstall === true ? (found === 'absent' ? 'absent' : 'there') : found}: ${label(asset)}`,
      );
      if (command.uninstall === true || found === 'same') continue;
      for (const request of asset.requests) process.stdout.write(`${requestText(request)}\n`);
    }
    if (command.createApiKey === true && target.apiKey !== undefined)
      process.stdout.write(requestText(target.apiKey.request(options)));
    return;
  }
  const counts = new Map<Outcome, number>();
  const tell = (outcome: Outcome, asset: (typeof assets)[number]): void => {
    counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
    say(`${outcome}: ${label(asset)}`);
  };
  if (command.uninstall === true) await uninstall(steps, server, tell, signal);
  else await install(steps, server, tell, signal);
  const totals = [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
  say(`${totals || 'nothing to do'}, in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  if (command.createApiKey !== true) return;
  if (target.apiKey === undefined) throw new UsageError('this server has no API keys');
  process.stdout.write(`${await target.apiKey.create(options, server, signal)}\n`);
}

function writeExport(directory: string, { assets }: Plan): void {
  for (const file of writeFiles(directory, exportedFiles(assets))) say(`written: ${file}`);
}

/** @throws UsageError */
function optionsOf(command: SetupCommand): SetupOptions {
  const { namespace } = command;
  const checked = namespaceSchema.optional().safeParse(namespace);
  if (!checked.success)
    throw new UsageError(
      `--namespace ${namespace}: ${checked.error.issues.map(({ message }) => message).join(', ')}`,
    );
  if (command.uninstall === true && command.createApiKey === true)
    throw new UsageError('write either --uninstall or --create-api-key');
  if (
    command.export !== undefined &&
    [command.dryRun, command.uninstall, command.createApiKey].includes(true)
  )
    throw new UsageError('--export only writes files: leave out --dry-run, --uninstall and --create-api-key');
  return {
    namespace,
    retention: readRetention(command.retain ?? []),
    ilm: command.ilm === true,
    start: command.start === true,
  };
}

/** Where the server is: `--url`, else the configuration's elasticsearch output. @throws UsageError, ConfigError */
function connectionOf(name: TargetName, command: SetupCommand): Connection {
  const { apiKeyFile, user, passwordFile, ca } = command;
  if (apiKeyFile !== undefined && user !== undefined)
    throw new UsageError('write either --api-key-file or --user and --password-file');
  if ((user === undefined) !== (passwordFile === undefined))
    throw new UsageError('--user and --password-file go together');
  const given = { apiKeyFile, user, passwordFile };
  if (command.url !== undefined) {
    return { urls: command.url.map(checkedUrl), cloudId: undefined, ...given, tls: { ca }, proxy: undefined };
  }
  if (targets[name].address === 'url') throw new UsageError(`write --url with the address of ${name}`);
  const output = outputOf(command);
  const own = { apiKeyFile: output.api_key_file, user: output.user, passwordFile: output.password_file };
  return {
    urls: output.nodes ?? [],
    cloudId: output.cloud_id,
    ...(apiKeyFile === undefined && user === undefined ? own : given),
    tls: { ...output.tls, ...(ca !== undefined && { ca }) },
    proxy: output.proxy,
  };
}

function outputOf(command: SetupCommand) {
  const { outputs } = configFor(command.config);
  const found = Object.entries(outputs).flatMap(([name, output]) =>
    output.type === 'elasticsearch' ? [{ name, output }] : [],
  );
  const fitting = found.filter(({ name }) => command.output === undefined || name === command.output);
  const [first, ...more] = fitting;
  if (first === undefined || more.length > 0) {
    const names = found.map(({ name }) => name).join(', ');
    throw new UsageError(
      names === ''
        ? 'the configuration has no elasticsearch output: write --url https://host:9200'
        : `which output? write --output with one of ${names}`,
    );
  }
  return first.output;
}

function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    throw new UsageError(
      '--url: write https://host:9200, without a user; --user and --password-file name the account',
    );
  return text;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
