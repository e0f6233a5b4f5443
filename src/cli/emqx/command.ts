import type { Command } from 'commander';
import { collect } from '../options.ts';

/** `brokertap emqx …`: commands that speak to the REST API of an EMQX. */
export function addEmqx(main: Command): void {
  const emqx = main.command('emqx').description('ask an EMQX, and make it tell what it sees');
  withAccess(emqx.command('check'))
    .description('a table of clients: session, connection, subscriptions, messages in and out, state')
    .argument('[clients...]', 'client ids; none: those of the configuration, by their names')
    .option('--all', 'every client that the broker knows')
    .option('--sort <column>', 'by a column; numbers and times largest first')
    .option('--watch [duration]', 'again and again; default: every 5s')
    .option('--json', 'print JSON, one client a line')
    .addHelpText(
      'after',
      [
        '\nExit code 1: a client never connected, or the broker cannot be asked.',
        'Examples:',
        '  brokertap emqx check -c brokertap.yaml',
        '  brokertap emqx check sensor-a17 gw_7f3e --api-url http://emqx:18083/api/ --key ID --secret-file secret',
        "  brokertap emqx check --all --sort 'TX Drop' --watch 10s",
      ].join('\n'),
    )
    .action(async (clients, options) => (await import('./check.ts')).emqxCheck(clients, options));
  withAccess(emqx.command('rules'))
    .description("what makes an EMQX (5.4 and later) send its events to the probe's input of type http")
    .option(
      '--url <url>',
      'address of that input, as the broker reaches it; "/" is the path that it has in the configuration; not needed for --diff and --remove',
    )
    .option(
      '--token-file <file>',
      'file that holds the bearer token of that input; default: what the configuration says',
    )
    .option('--hook-user <name>', 'user of that input, instead of a token')
    .option('--hook-password-file <file>', 'file that holds its password')
    .option('--hook-ca <file>', "on the broker's machines: certificate of the authority, for https")
    .option('--events <names>', "only these, such as 'client.*'; repeatable", collect)
    .option(
      '--own-client <id>',
      "client id of the probe, besides those of the configuration's mirrors; repeatable",
      collect,
    )
    .option(
      '--leave-out <filter>',
      'topics to which other rules publish events, besides $events/#; repeatable',
      collect,
    )
    .option('--name <name>', 'name of connector and action; rules begin with it', 'brokertap')
    .option('--apply', 'make the broker have it; what it has already is not touched')
    .option('--diff', 'tell what --apply would change; exit code 1: something')
    .option('--remove', 'take it away again')
    .addHelpText(
      'after',
      [
        '\nWithout --apply, --diff and --remove it prints lines for emqx.conf, and the same as REST calls.',
        'Examples:',
        '  brokertap emqx rules --url http://probe:9642/emqx --token-file token',
        "  brokertap emqx rules -c brokertap.yaml --url http://probe:9642/emqx --events 'client.*' --apply",
        '  brokertap emqx rules -c brokertap.yaml --remove',
      ].join('\n'),
    )
    .action(async (options) => (await import('./rules.ts')).emqxRules(options));
}

/** Options that say how to reach the API of an EMQX. */
function withAccess(command: Command): Command {
  return command
    .option('-c, --config <file>', 'configuration with an input of type emqx-api; default as for run')
    .option('--input <name>', 'which input of type emqx-api, where there are several')
    .option('--api-url <url>', 'address of the REST API up to "/api/", instead of a configuration')
    .option('--key <id>', 'API key')
    .option('--secret-file <file>', 'file that holds its secret')
    .option('--user <name>', 'user of the dashboard, instead of a key')
    .option('--password-file <file>', 'file that holds the password')
    .option('--ca <file>', "certificate of the API's authority")
    .option('--no-verify', 'take any certificate');
}
