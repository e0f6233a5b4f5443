/** Commands about a probe that runs, or has run, here: `status`, `follow`, `spool`, `dead-letters`. */
export function addProbe(main) {
    main
        .command('status')
        .description('ask the running probe: inputs, outputs, lag, balance')
        .option('-c, --config <file>', 'configuration; default as for run')
        .option('--json', 'print JSON')
        .addHelpText('after', '\nExample:\n  brokertap status -c brokertap.yaml')
        .action(async (options) => (await import('./status.js')).status(options));
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
        .addHelpText('after', [
        '\nExamples:',
        '  brokertap follow --client sensor-7',
        "  brokertap follow --topic 'plant/+/temp' --to trace.ndjson",
    ].join('\n'))
        .action(async (options) => (await import('./follow.js')).follow(options));
    addSpool(main);
    addDeadLetters(main);
}
function addSpool(main) {
    const spool = main.command('spool').description('what waits on disk for the outputs');
    spool
        .command('inspect')
        .description('what is stored for each input, and how far each output is; the probe may be running')
        .option('-c, --config <file>', 'configuration; default as for run')
        .option('--json', 'print JSON')
        .addHelpText('after', '\nExample:\n  brokertap spool inspect -c brokertap.yaml')
        .action(async (options) => (await import('./spool.js')).inspectSpool(options));
    spool
        .command('verify')
        .description('read every record and say which are damaged; the probe may be running')
        .option('-c, --config <file>', 'configuration; default as for run')
        .addHelpText('after', '\nExample:\n  brokertap spool verify -c brokertap.yaml')
        .action(async (options) => (await import('./spool.js')).verifySpool(options));
    spool
        .command('purge')
        .description('remove the records of an input that is no longer configured')
        .argument('<input>', 'its name')
        .option('-c, --config <file>', 'configuration; default as for run')
        .addHelpText('after', '\nExample:\n  brokertap spool purge old-mirror -c brokertap.yaml')
        .action(async (input, options) => (await import('./spool.js')).purgeSpool(input, options));
}
function addDeadLetters(main) {
    const letters = main
        .command('dead-letters')
        .description('what an output has refused for good, with its reason')
        .addHelpText('after', '\nExamples:\n  brokertap dead-letters list\n  brokertap dead-letters show elk --limit 10\n  brokertap dead-letters replay elk');
    const add = (name, description) => letters
        .command(name)
        .description(description)
        .option('-c, --config <file>', 'configuration; default as for run');
    const load = () => import('./dead-letters.js');
    add('list', 'how many each output has, and why').action(async (options) => (await load()).list(options));
    add('show <output>', 'print them, one JSON object a line')
        .option('--limit <n>', 'so many')
        .action(async (output, options) => (await load()).show(output, options));
    add('replay <output>', 'send them to their output again').action(async (output, options) => (await load()).replay(output, options));
    add('purge <output>', 'delete them for good').action(async (output, options) => (await load()).purge(output, options));
}
