import { targets } from '../../setup/index.js';
import { collect } from '../options.js';
/** `brokertap setup …`: one command for each server that can be made ready. */
export function addSetup(main) {
    const setup = main
        .command('setup')
        .description('make a server ready for the events; a second run changes nothing');
    for (const [name, row] of Object.entries(targets)) {
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
        if (row.flags.includes('start'))
            command.option('--start', 'also start the machine-learning jobs');
        const example = `brokertap setup ${name} --url https://host:${row.address === 'output' ? 9200 : 5601}`;
        command
            .addHelpText('after', `\nExample:\n  ${example} --user admin --password-file secret`)
            .action(async (options) => (await import('./setup.js')).setup(name, options));
    }
}
