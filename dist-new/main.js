import { fitHeap } from './heap.js';
fitHeap();
const { run } = await import('./cli/program.js');
await run(process.argv);
