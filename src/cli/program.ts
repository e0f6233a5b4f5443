import { Command, CommanderError } from 'commander';
import { CONTAINERS } from '../config/containers.ts';
import { ConfigError, RetryableError, reasonOf, StateError, UsageError } from '../core/errors.ts';
import { type TargetName, targets } from '../setup/index.ts';
import type { TargetRow } from '../setup/target.ts';
import { VERSION } from '../version.ts';
import { addEmqx } from './emqx.ts';
import { collect } from './options.ts';

/** Exit codes of every command. */
export const EXIT = { done: 0, failed: 1, usage: 2, bug: 70 } as const;

/** Runs one command line. The only place that sets the exit code. */
export async function run(argv: readonly string[]): Promise<void> {
  process.on('unhandledRejection', (error) => bug(error));
  process.on('uncaughtException', (error) => bug(error));
  process.stdout.on('error', (error) => {
    // The reader of a pipe has gone: end as any filter does.
    if ('code' in error && error.code === 'EPIPE') process.exit(EXIT.done);
    bug(error);
  });
  try {
    await program().parseAsync(argv);
  } catch (error) {
    fail(error);
  }
}

function program(): Command {
  const main = new Command('brokertap')
    .description(
      'Captures what MQTT brokers say and what flows through them, as ECS events for the Elastic Stack.',
    )
    .version(VERSION)
    .exitOverride()
    .configureHelp({ sortSubcommands: false })
    .showHelpAfterError('(brokertap --help shows all commands)');
  main
    .command('run')
    .description('run the probe')
    .option(
      '-c, --config <file>',
      'configuration; default: brokertap.yaml, else /etc/brokertap/brokertap.yaml',
    )
    .addHelpText('after', '\nExample:\n  brokertap run -c brokertap.yaml')
    .action(async (options) => (await import('./run.ts')).runProbe(options));
  main
    .command('demo')
    .description('a broker, a fleet and the probe in one process, to see what events look like')
    .option('--seconds <n>', 'end after so many seconds')
    .addHelpText('after', '\nExample:\n  brokertap demo --seconds 20')
    .action(async (options) => (await import('./demo.ts')).demo(options));
  main
    .command('parse')
    .description('log files, or standard input, to events: one JSON object a line')
    .requiredOption('--broker <name>', 'how the broker speaks: mosquitto or emqx')
    .option('--messages', 'each line is an MQTT message as mosquitto_sub -F %j prints it')
    .option(
      '--where <field=value>',
      'only events with this value; != for others, * for any text; repeatable',
      collect,
    )
    .option('--since <time>', 'only events since 2026-11-21T19:00, or since 2h ago')
    .option('--until <time>', 'only events until then')
    .option('--summary', 'print a table for people instead: actions, reasons, clients, pauses, doubts')
    .option('--pretty', 'print lines for people instead')
    .option('--container <name>', `what stands around each line: ${CONTAINERS.join(', ')}`, 'auto')
    .option('--program <name>', "the broker's program or container, where others write to the same log")
    .option('--timezone <name>', "zone of times without one; default: the machine's")
    .argument('[files...]', 'log files, also packed with gzip; none: standard input')
    .addHelpText(
      'after',
      [
        '\nExamples:',
        '  brokertap parse --broker mosquitto /var/log/mosquitto/mosquitto.log',
        '  docker logs -t broker 2>&1 | brokertap parse --broker mosquitto --summary',
        '  journalctl -u mosquitto -o json | brokertap parse --broker mosquitto --since 2h --pretty',
        "  brokertap parse --broker mosquitto --where 'event.action=*-denied' --where mqtt.client.id!=probe a.log",
        "  mosquitto_sub -F %j -t '$SYS/broker/log/#' | brokertap parse --broker mosquitto --messages",
      ].join('\n'),
    )
    .action(async (files, options) => (await import('./parse.ts')).parse(files, options));
  main
    .command('query')
    .description('SQL over events: of the files of a file output, or of logs with --broker')
    .option('--list', 'show the questions that are there, and what they can be narrowed by')
    .option('--name <question>', 'one of them, instead of SQL')
    .option('--client <id>', 'parameter :client')
    .option('--user <name>', 'parameter :user')
    .option('--source <prefix>', 'parameter :source, as in 10.20.')
    .option('--topic <filter>', 'parameter :topic')
    .option('--event <name>', 'parameter :event')
    .option('--where <field=value>', 'only events with this value, as for parse; repeatable', collect)
    .option('--since <time>', 'only events since 2026-11-21T19:00, or since 2h ago')
    .option('--until <time>', 'only events until then')
    .option('--json', 'print one JSON object a row')
    .option('--csv', 'print CSV')
    .option('--broker <name>', 'the files are logs of this broker')
    .option('--messages', 'with --broker: each line is an MQTT message, as for parse')
    .option('--container <name>', `with --broker: ${CONTAINERS.join(', ')}`, 'auto')
    .option('--program <name>', "with --broker: the broker's program or container")
    .option('--timezone <name>', "zone of times without one; default: the machine's")
    .argument(
      '[sql]',
      'one SELECT; tables events and emqx_full_link_events, names with dots in double quotes',
    )
    .argument('[files...]', 'files, also packed with gzip; none: standard input')
    .addHelpText(
      'after',
      [
        '\nExamples:',
        `  brokertap query 'SELECT "event.action", count(*) FROM events GROUP BY 1' events.ndjson events.ndjson.1`,
        '  brokertap query --broker mosquitto --name acl-denials --source 10.20. mosquitto.log',
        '  brokertap query --csv "SELECT clientid, reason FROM emqx_full_link_events WHERE event = \'client.disconnected\'" events.ndjson',
      ].join('\n'),
    )
    .action(async (sql, files, options) => (await import('./query.ts')).query(sql, files, options));
  main
    .command('check')
    .description('check a configuration')
    .option('-c, --config <file>', 'configuration; default as for run')
    .option('--connect', 'also try every input and output, without writing')
    .addHelpText('after', '\nExample:\n  brokertap check -c brokertap.yaml --connect')
    .action(async (options) => (await import('./check.ts')).check(options));
  main
    .command('status')
    .description('ask the running probe: inputs, outputs, lag, balance')
    .option('-c, --config <file>', 'configuration; default as for run')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  brokertap status -c brokertap.yaml')
    .action(async (options) => (await import('./status.ts')).status(options));
  main
    .command('follow')
    .description('live events of the running probe, until Ctrl-C')
    .option('-c, --config <file>', 'configuration; default as for run')
    .option('--client <id>', 'only events of this client, as sender or receiver')
    .option('--topic <filter>', 'only events about topics that this filter matches, and about subscriptions')
    .option('--to <file>', 'append them to a file, as JSON lines')
    .option('--output <name>', 'what goes to this output, with its filters; default: the first one')
    .option('--json', 'print JSON lines, also on a terminal')
    .option('--pretty', 'print lines for people, also elsewhere')
    .addHelpText(
      'after',
      [
        '\nExamples:',
        '  brokertap follow --client sensor-7',
        "  brokertap follow --topic 'plant/+/temp' --to trace.ndjson",
      ].join('\n'),
    )
    .action(async (options) => (await import('./follow.ts')).follow(options));
  main
    .command('doctor')
    .description('what keeps the probe from seeing everything, with the exact lines to change')
    .option('--broker <name>', 'the kind of broker: mosquitto or emqx', 'mosquitto')
    .option('-c, --config <file>', "the probe's configuration: log paths and mirror; default as for run")
    .option('--name <name>', 'which broker, where the configuration names several')
    .option('--conf <file>', "the broker's configuration file; repeatable", collect)
    .option('--log <file>', "the broker's log file; repeatable; default: of the configurations", collect)
    .option('--url <url>', 'the broker: what a mirror sees of its publishes is measured')
    .option('--user <name>', 'user for --url')
    .option('--password-file <file>', 'file that holds the password for --url')
    .option('--ca <file>', 'certificate of the authority for --url with mqtts, and for --api-url')
    .option('--api-url <url>', 'EMQX: address of its REST API up to "/api/"')
    .option('--key <id>', 'EMQX: API key')
    .option('--secret-file <file>', 'EMQX: file that holds the secret of the key')
    .option('--observe <duration>', 'how long to watch the broker', '25s')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      [
        '\nIt only reads. Exit code 0: nothing to change, 1: something is wrong.',
        'Examples:',
        '  brokertap doctor -c brokertap.yaml --conf /etc/mosquitto/mosquitto.conf',
        '  brokertap doctor --conf mosquitto.conf',
        '  brokertap doctor --broker emqx --api-url http://emqx:18083/api/ --key ID --secret-file secret',
        '  brokertap doctor --url mqtt://broker --user brokertap --password-file secret',
      ].join('\n'),
    )
    .action(async (options) => (await import('./doctor.ts')).doctor(options));
  const spool = main.command('spool').description('what waits on disk for the outputs');
  spool
    .command('inspect')
    .description('what is stored for each input, and how far each output is; the probe may be running')
    .option('-c, --config <file>', 'configuration; default as for run')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  brokertap spool inspect -c brokertap.yaml')
    .action(async (options) => (await import('./spool.ts')).inspectSpool(options));
  spool
    .command('verify')
    .description('read every record and say which are damaged; the probe may be running')
    .option('-c, --config <file>', 'configuration; default as for run')
    .addHelpText('after', '\nExample:\n  brokertap spool verify -c brokertap.yaml')
    .action(async (options) => (await import('./spool.ts')).verifySpool(options));
  spool
    .command('purge')
    .description('remove the records of an input that is no longer configured')
    .argument('<input>', 'its name')
    .option('-c, --config <file>', 'configuration; default as for run')
    .addHelpText('after', '\nExample:\n  brokertap spool purge old-mirror -c brokertap.yaml')
    .action(async (input, options) => (await import('./spool.ts')).purgeSpool(input, options));
  addDeadLetters(main);
  addEmqx(main);
  addSetup(main);
  return main;
}

function addSetup(main: Command): void {
  const setup = main
    .command('setup')
    .description('make a server ready for the events; a second run changes nothing');
  for (const [name, row] of Object.entries<TargetRow>(targets)) {
    const command = setup
      .command(name)
      .description(row.summary)
      .option('--url <url>', 'address of the server; repeatable', collect)
      .option('--user <name>', 'user that may install')
      .option('--password-file <file>', 'file with its password')
      .option('--api-key-file <file>', 'file with an API key, instead of a user')
      .option('--ca <file>', 'PEM file of the authority that signed the server')
      .option('--namespace <name>', 'only for data streams of this namespace')
      .option('--only <what>', 'only this kind of thing or this name; * for any text; repeatable', collect)
      .option('--dry-run', 'print the requests that would be sent; change nothing')
      .option('--export <dir>', 'write files instead; a server is asked only with --url or -c')
      .option('--uninstall', 'remove what setup installed; events stay');
    if (row.address === 'output') {
      command
        .option('-c, --config <file>', 'configuration, whose elasticsearch output says where the server is')
        .option('--output <name>', 'which output, where there are several');
    }
    if (row.flags.includes('retention'))
      command.option('--retain <dataset=days>', 'how long to keep events: message=14d; repeatable', collect);
    if (row.flags.includes('ilm'))
      command.option('--ilm', 'index lifecycle management instead of data stream lifecycles');
    if (row.flags.includes('createApiKey'))
      command.option('--create-api-key', 'print a new API key that may do what the probe does, and no more');
    if (row.flags.includes('start')) command.option('--start', 'also start the machine-learning jobs');
    const example = `brokertap setup ${name} --url https://host:${row.address === 'output' ? 9200 : 5601}`;
    command
      .addHelpText('after', `\nExample:\n  ${example} --user admin --password-file secret`)
      .action(async (options) => (await import('./setup.ts')).setup(name as TargetName, options));
  }
}

function addDeadLetters(main: Command): void {
  const letters = main
    .command('dead-letters')
    .description('what an output has refused for good, with its reason')
    .addHelpText(
      'after',
      '\nExamples:\n  brokertap dead-letters list\n  brokertap dead-letters show elk --limit 10\n  brokertap dead-letters replay elk',
    );
  const add = (name: string, description: string): Command =>
    letters
      .command(name)
      .description(description)
      .option('-c, --config <file>', 'configuration; default as for run');
  const load = () => import('./dead-letters.ts');
  add('list', 'how many each output has, and why').action(async (options) => (await load()).list(options));
  add('show <output>', 'print them, one JSON object a line')
    .option('--limit <n>', 'so many')
    .action(async (output, options) => (await load()).show(output, options));
  add('replay <output>', 'send them to their output again').action(async (output, options) =>
    (await load()).replay(output, options),
  );
  add('purge <output>', 'delete them for good').action(async (output, options) =>
    (await load()).purge(output, options),
  );
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
