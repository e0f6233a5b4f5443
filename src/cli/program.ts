import { Command, CommanderError } from 'commander';
import {
  ConfigError,
  hasCode,
  isSystemError,
  RetryableError,
  reasonOf,
  StateError,
  UsageError,
} from '../core/errors.ts';
import { VERSION } from '../version.ts';
import { addDoctor } from './doctor/command.ts';
import { addEmqx } from './emqx/command.ts';
import { addParse } from './parse/command.ts';
import { addProbe } from './probe/command.ts';
import { addQuery } from './query/command.ts';
import { addRun } from './run/command.ts';
import { addSetup } from './setup/command.ts';

/** In the order in which help shows them. */
const COMMANDS = [addRun, addProbe, addParse, addQuery, addDoctor, addEmqx, addSetup];

/** Exit codes of every command. */
export const EXIT = { done: 0, failed: 1, usage: 2, bug: 70 } as const;

/** Runs one command line. The only place that sets the exit code. */
export async function run(argv: readonly string[]): Promise<void> {
  process.on('unhandledRejection', (error) => bug(error));
  process.on('uncaughtException', (error) => bug(error));
  process.stdout.on('error', (error) => {
    // The reader of a pipe has gone: end as any filter does.
    if (hasCode(error, 'EPIPE')) process.exit(EXIT.done);
    if (!isSystemError(error)) bug(error);
    process.stderr.write(`standard output cannot be written: ${error.message}\n`);
    process.exit(EXIT.failed);
  });
  // Nobody reads any more what is said, or its disk is full: what is done goes on.
  process.stderr.on('error', () => {});
  try {
    await program().parseAsync(argv);
  } catch (error) {
    fail(error);
  }
}

/** All commands with their options. */
export function program(): Command {
  const main = new Command('brokertap')
    .description(
      'Captures what MQTT brokers say and what flows through them, as ECS events for the Elastic Stack.',
    )
    .version(VERSION)
    .exitOverride()
    .configureHelp({ sortSubcommands: false });
  for (const add of COMMANDS) add(main);
  tellOfHelp(main, 'brokertap');
  return main;
}

/** After a mistake each command names its own help. */
function tellOfHelp(command: Command, called: string): void {
  command.showHelpAfterError(`(${called} --help shows how)`);
  for (const one of command.commands) tellOfHelp(one, `${called} ${one.name()}`);
}

function fail(error: unknown): void {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
  } else if (error instanceof ConfigError || error instanceof UsageError) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = EXIT.usage;
  } else if (error instanceof StateError || error instanceof RetryableError) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = EXIT.failed;
  } else {
    bug(error);
  }
}

function bug(error: unknown): never {
  process.stderr.write(
    `brokertap ${VERSION}: this is a bug, please report it: ${error instanceof Error ? error.stack : reasonOf(error)}\n`,
  );
  process.exit(EXIT.bug);
}
