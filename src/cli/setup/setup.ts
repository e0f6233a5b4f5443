import { namespace as namespaceSchema } from '../../config/schema.ts';
import { UsageError } from '../../core/errors.ts';
import type { Asset, Server } from '../../setup/asset.ts';
import { exportedFiles, requestText, writeFiles } from '../../setup/export.ts';
import { type TargetName, targets } from '../../setup/index.ts';
import {
  compare,
  install,
  label,
  type Outcome,
  type Step,
  select,
  type Tell,
  uninstall,
} from '../../setup/installer.ts';
import { readRetention } from '../../setup/retention.ts';
import type { SetupOptions, Target } from '../../setup/target.ts';
import { connectionOf } from './connection.ts';
import type { SetupCommand } from './options.ts';

/** Where texts go: what was asked for, and what is said about it. */
export interface Terminal {
  out(text: string): void;
  say(line: string): void;
}

const PROCESS: Terminal = {
  out: (text) => void process.stdout.write(text),
  say: (line) => void process.stderr.write(`${line}\n`),
};

/** Longest that everything together may take, in milliseconds. */
const DEADLINE_MS = 300_000;

/**
 * `setup`: makes a server ready for the probe's events. What was done goes to stderr; requests (`--dry-run`) and an API
 * key go to stdout.
 * @throws UsageError, ConfigError, BlockedError, RetryableError
 */
export async function setup(
  name: TargetName,
  command: SetupCommand,
  terminal: Terminal = PROCESS,
): Promise<void> {
  const options = optionsOf(command);
  const { target } = await targets[name].load();
  const asksServer =
    command.export === undefined || command.url !== undefined || command.config !== undefined;
  const server = asksServer ? target.connect(connectionOf(name, command)) : undefined;
  const signal = AbortSignal.timeout(DEADLINE_MS);
  try {
    const plan = await target.plan(options, server, signal);
    const assets = select(plan.assets, command.only ?? []);
    if (plan.server !== undefined) terminal.say(`${server?.place}: ${plan.server}`);
    for (const { what, why } of plan.skipped) terminal.say(`left out: ${what}: ${why}`);
    if (command.export !== undefined) {
      for (const file of writeFiles(command.export, exportedFiles(assets))) terminal.say(`written: ${file}`);
    } else if (server !== undefined) {
      await new Work(command, options, target, server, terminal, signal).do(assets);
    }
  } finally {
    await server?.close();
  }
}

/** What is done on a server. */
class Work {
  private readonly command: SetupCommand;
  private readonly options: SetupOptions;
  private readonly target: Target;
  private readonly server: Server;
  private readonly terminal: Terminal;
  private readonly signal: AbortSignal;

  constructor(
    command: SetupCommand,
    options: SetupOptions,
    target: Target,
    server: Server,
    terminal: Terminal,
    signal: AbortSignal,
  ) {
    this.command = command;
    this.options = options;
    this.target = target;
    this.server = server;
    this.terminal = terminal;
    this.signal = signal;
  }

  async do(assets: readonly Asset[]): Promise<void> {
    const began = performance.now();
    const steps = await compare(assets, this.server, this.signal);
    if (this.command.dryRun === true) return this.show(steps);
    const counts = new Map<Outcome, number>();
    const tell: Tell = (outcome, asset, why) => {
      counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
      this.terminal.say(`${outcome}: ${label(asset)}${why === undefined ? '' : `: ${why}`}`);
    };
    const act = this.command.uninstall === true ? uninstall : install;
    try {
      await act(steps, this.server, tell, this.signal);
    } finally {
      const totals = [...counts].map(([outcome, count]) => `${count} ${outcome}`).join(', ');
      const seconds = ((performance.now() - began) / 1000).toFixed(1);
      this.terminal.say(`${totals || 'nothing to do'}, in ${seconds} s`);
    }
    if (this.command.createApiKey === true && this.target.apiKey !== undefined)
      this.terminal.out(`${await this.target.apiKey.create(this.options, this.server, this.signal)}\n`);
  }

  /** The dry run. */
  private show(steps: readonly Step[]): void {
    const { command, terminal, target } = this;
    for (const { asset, found } of steps) {
      if (command.uninstall === true) {
        terminal.say(`${found === 'absent' ? 'absent' : 'there'}: ${label(asset)}`);
        continue;
      }
      terminal.say(`${found}: ${label(asset)}`);
      if (found !== 'same') for (const request of asset.requests) terminal.out(`${requestText(request)}\n`);
    }
    if (command.createApiKey === true && target.apiKey !== undefined)
      terminal.out(requestText(target.apiKey.request(this.options)));
  }
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
