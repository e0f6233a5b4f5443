import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:net';

/*
 * The least that a server has to do with what it is sent, as a yardstick: it reads, parses, and forgets. Prints {port}.
 *   node bare-server.ts http|lines
 */
let parsed = 0;

const http = (): Server =>
  createHttpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      parsed += JSON.parse(Buffer.concat(chunks).toString()).length ?? 1;
      response.end('{}');
    });
  });

const lines = (): Server =>
  createServer((socket) => {
    let rest = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n');
      rest = parts.pop() ?? '';
      for (const part of parts) parsed += JSON.parse(part).mqtt === undefined ? 0 : 1;
    });
    // The sender waits until everything has been read.
    socket.on('end', () => socket.end(String(parsed)));
    socket.on('error', () => {});
  });

const server = process.argv[2] === 'http' ? http() : lines();
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') process.stdout.write(`${JSON.stringify({ port: address?.port })}\n`);
});
