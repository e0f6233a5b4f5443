import { createServer } from 'node:net';

/*
 * Takes JSON lines by TCP in a process of its own and counts them as cheaply as it can, so that its cost is the same for
 * every sender. Prints one JSON object a line: {port}, then at the end {lines, bytes, firstMs, lastMs}.
 *   node receiver.ts LINES [stall]    ends after LINES lines; stall: accepts and never reads
 */
const wanted = Number(process.argv[2]);
const stall = process.argv[3] === 'stall';
let lines = 0;
let bytes = 0;
let firstMs = 0;

function done(): void {
  process.stdout.write(`${JSON.stringify({ lines, bytes, firstMs, lastMs: Date.now() })}\n`, () =>
    process.exit(0),
  );
}

const server = createServer((socket) => {
  socket.on('error', () => {});
  if (stall) {
    socket.pause();
    return;
  }
  socket.on('data', (chunk) => {
    if (firstMs === 0) firstMs = Date.now();
    bytes += chunk.length;
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) lines++;
    if (lines >= wanted) done();
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') process.stdout.write(`${JSON.stringify({ port: address?.port })}\n`);
});
process.on('SIGTERM', done);
