import type { Command } from 'commander';
import { doctors } from '../../doctor/index.ts';
import { collect } from '../options.ts';

/** `brokertap doctor`. */
export function addDoctor(main: Command): void {
  main
    .command('doctor')
    .description('what keeps the probe from seeing everything, with the exact lines to change')
    .option('--broker <name>', `the kind of broker: ${Object.keys(doctors).join(' or ')}`, 'mosquitto')
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
}
