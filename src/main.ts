import { fitHeap } from './heap.ts';

fitHeap();

const { run } = await import('./cli/program.ts');
await run(process.argv);
