import type { Command } from 'commander';
import { CONTAINERS } from '../../config/containers.ts';
import { collect } from '../options.ts';

/** `brokertap parse`: logs to events, without a probe. */
export function addParse(main: Command): void {
  main
    .command('parse')
    .description('log files, or standard input, to events: one JSON object a line')
    .option('--broker <name>', 'how the broker speaks: mosquitto or emqx')
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
    .action(async (files, options, command: Command) => {
      // A required option would be missed before a misspelt one is told.
      if (options.broker === undefined)
        command.error("error: required option '--broker <name>' not specified");
      await (await import('./parse.ts')).parse(files, options);
    });
}
