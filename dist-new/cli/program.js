import { Command, CommanderError } from 'commander';
import { ConfigError, RetryableError, reasonOf, StateError, UsageError } from '../core/errors.js';
import { VERSION } from '../version.js';
import { addDoctor } from './doctor/command.js';
import { addEmqx } from './emqx/command.js';
import { addParse } from './parse/command.js';
import { addProbe } from './probe/command.js';
import { addQuery } from './query/command.js';
import { addRun } from './run/command.js';
import { addSetup } from './setup/command.js';
/** In the order in which help shows them. */
const COMMANDS = [addRun, addProbe, addParse, addQuery, addDoctor, addEmqx, addSetup];
/** Exit codes of every command. */
export const EXIT = { done: 0, failed: 1, usage: 2, bug: 70 };
/** Runs one command line. The only place that sets the exit code. */
export async function run(argv) {
    process.on('unhandledRejection', (error) => bug(error));
    process.on('uncaughtException', (error) => bug(error));
    process.stdout.on('error', (error) => {
        // The reader of a pipe has gone: end as any filter does.
        if ('code' in error && error.code === 'EPIPE')
            process.exit(EXIT.done);
        bug(error);
    });
    try {
        await program().parseAsync(argv);
    }
    catch (error) {
        fail(error);
    }
}
function program() {
    const main = new Command('brokertap')
        .description('Captures what MQTT brokers say and what flows through them, as ECS events for the Elastic Stack.')
        .version(VERSION)
        .exitOverride()
        .configureHelp({ sortSubcommands: false })
        .showHelpAfterError('(brokertap --help shows all commands)');
    for (const add of COMMANDS)
        add(main);
    return main;
}
function fail(error) {
    if (error instanceof CommanderError) {
        process.exitCode = error.exitCode === 0 ? EXIT.done : EXIT.usage;
    }
    else if (error instanceof ConfigError || error instanceof UsageError) {
        process.stderr.write(`${error.message}\n`);
        process.exitCode = EXIT.usage;
    }
    else if (error instanceof StateError || error instanceof RetryableError) {
        process.stderr.write(`${error.message}\n`);
        process.exitCode = EXIT.failed;
    }
    else {
        bug(error);
    }
}
function bug(error) {
    process.stderr.write(`brokertap ${VERSION}: this is a bug, please report it: ${error instanceof Error ? error.stack : reasonOf(error)}\n`);
    process.exit(EXIT.bug);
}
