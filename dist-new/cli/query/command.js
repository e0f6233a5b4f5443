import { CONTAINERS } from '../../config/containers.js';
import { collect } from '../options.js';
/** `brokertap query`: SQL over events. */
export function addQuery(main) {
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
        .argument('[sql]', 'one SELECT; tables events and emqx_full_link_events, names with dots in double quotes')
        .argument('[files...]', 'files, also packed with gzip; none: standard input')
        .addHelpText('after', [
        '\nExamples:',
        `  brokertap query 'SELECT "event.action", count(*) FROM events GROUP BY 1' events.ndjson events.ndjson.1`,
        '  brokertap query --broker mosquitto --name acl-denials --source 10.20. mosquitto.log',
        '  brokertap query --csv "SELECT clientid, reason FROM emqx_full_link_events WHERE event = \'client.disconnected\'" events.ndjson',
    ].join('\n'))
        .action(async (sql, files, options) => (await import('./query.js')).query(sql, files, options));
}
