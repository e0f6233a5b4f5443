import { fitHeap } from './heap.ts';

// Until `run` takes it: a wish to read the configuration again, which is still to be read.
if (process.argv[2] === 'run') process.on('SIGHUP', () => {});
fitHeap();

const { run } = await import('./cli/program.ts');
await run(process.argv);
