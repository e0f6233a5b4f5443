import { createServer } from 'node:http';

/*
 * A search server that says yes to every bulk item and keeps none, in a process of its own, as cheap as it can be made.
 * Prints one JSON object a line: {port}, then at the end {lines, bytes, firstMs, lastMs}.
 *   node bulk-receiver.ts EVENTS [stall]    ends after so many events; stall: bulk requests are never answered
 */
const wanted = Number(process.argv[2]);
const stall = process.argv[3] === 'stall';
let lines = 0;
let bytes = 0;
let firstMs = 0;

const ROOT = JSON.stringify({
  version: { number: '9.5.3', build_flavor: 'default' },
  tagline: 'You Know, for Search',
});

const server = createServer((request, response) => {
  response.setHeader('content-type', 'application/json');
  const url = request.url ?? '';
  if (!url.startsWith('/_bulk')) {
    response.end(url === '/' ? ROOT : '{"data_streams":[{}]}');
    return;
  }
  if (firstMs === 0) firstMs = Date.now();
  let newlines = 0;
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    for (let at = chunk.indexOf(10); at !== -1; at = chunk.indexOf(10, at + 1)) newlines++;
  });
  request.on('end', () => {
    if (stall) return;
    const items = newlines / 2;
    lines += items;
    response.end(`{"errors":false,"items":[${'{"create":{"status":201}},'.repeat(items).slice(0, -1)}]}`);
    if (lines < wanted) return;
    process.stdout.write(`${JSON.stringify({ lines, bytes, firstMs, lastMs: Date.now() })}\n`, () =>
      process.exit(0),
    );
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') process.stdout.write(`${JSON.stringify({ port: address?.port })}\n`);
});
