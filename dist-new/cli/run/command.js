/** `brokertap run`, `demo` and `check`: the probe, and what it is given. */
export function addRun(main) {
    main
        .command('run')
        .description('run the probe')
        .option('-c, --config <file>', 'configuration; default: brokertap.yaml, else /etc/brokertap/brokertap.yaml')
        .addHelpText('after', '\nExample:\n  brokertap run -c brokertap.yaml')
        .action(async (options) => (await import('./run.js')).runProbe(options));
    main
        .command('demo')
        .description('a broker, a fleet and the probe in one process, to see what events look like')
        .option('--seconds <n>', 'end after so many seconds')
        .addHelpText('after', '\nExample:\n  brokertap demo --seconds 20')
        .action(async (options) => (await import('./demo.js')).demo(options));
    main
        .command('check')
        .description('check a configuration')
        .option('-c, --config <file>', 'configuration; default as for run')
        .option('--connect', 'also try every input and output, without writing')
        .addHelpText('after', '\nExample:\n  brokertap check -c brokertap.yaml --connect')
        .action(async (options) => (await import('./check.js')).check(options));
}
