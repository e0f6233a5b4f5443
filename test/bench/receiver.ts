import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server, type Socket } from 'node:net';
import { gunzipSync, inflateSync } from 'node:zlib';

/*
 * Takes events in a process of its own and counts them as cheaply as it can, so that its cost is the same for every sender.
 * Prints one JSON object a line: {port}, then at the end {lines, bytes, firstMs, lastMs}.
 *   node receiver.ts LINES PROTOCOL    ends after LINES events; PROTOCOL: tcp (JSON lines), lumberjack, http;
 *     stall: tcp, accepts and never reads; lumberjack-silent, http-silent: reads and never acknowledges
 */
const wanted = Number(process.argv[2]);
const protocol = process.argv[3] ?? 'tcp';
const silent = protocol.endsWith('-silent');
const EVENT = Buffer.from('{"event":{"id":"');
let lines = 0;
let bytes = 0;
let firstMs = 0;

function done(): void {
  process.stdout.write(`${JSON.stringify({ lines, bytes, firstMs, lastMs: Date.now() })}\n`, () =>
    process.exit(0),
  );
}

function count(events: number, size: number): void {
  if (firstMs === 0) firstMs = Date.now();
  lines += events;
  bytes += size;
  if (lines >= wanted) done();
}

function occurrences(data: Buffer, what: Buffer | number): number {
  let found = 0;
  for (let at = data.indexOf(what); at !== -1; at = data.indexOf(what, at + 1)) found++;
  return found;
}

const tcp = (): Server =>
  createServer((socket) => {
    socket.on('error', () => {});
    if (protocol === 'stall') socket.pause();
    else socket.on('data', (chunk) => count(occurrences(chunk, 10), chunk.length));
  });

/** Reads windows that come whole, in J frames or in one C frame, as the probe sends them. */
const lumberjack = (): Server =>
  createServer((socket) => {
    socket.on('error', () => {});
    const ack = Buffer.from('2A\0\0\0\0', 'latin1');
    const chunks: Buffer[] = [];
    let have = 0;
    let need = 6;
    socket.on('data', (chunk) => {
      chunks.push(chunk);
      have += chunk.length;
      while (have >= need) {
        const data = chunks.length === 1 ? (chunks[0] ?? chunk) : Buffer.concat(chunks);
        chunks.splice(0, chunks.length, data);
        const end = windowEnd(data);
        need = end.need;
        if (!end.whole) continue;
        const events = data.readUInt32BE(2);
        const rest = data.subarray(need);
        chunks.splice(0, 1, rest);
        have = rest.length;
        if (!silent) answer(socket, ack, events);
        if (events > 0) count(events, need);
        need = 6;
      }
    });
  });

/** Where the window at the front ends; not whole: how many bytes are needed to see more. */
function windowEnd(data: Buffer): { need: number; whole: boolean } {
  const events = data.readUInt32BE(2);
  if (events === 0) return { need: 6, whole: true };
  if (data.length < 12) return { need: 12, whole: false };
  if (data[7] === 0x43) {
    const need = 12 + data.readUInt32BE(8);
    if (data.length < need) return { need, whole: false };
    const content = inflateSync(data.subarray(12, need));
    bytes += content.length - need;
    return { need, whole: true };
  }
  let at = 6;
  for (let i = 0; i < events; i++) {
    if (data.length < at + 10) return { need: Math.max(at + 10, data.length + 1), whole: false };
    at += 10 + data.readUInt32BE(at + 6);
  }
  return { need: at, whole: data.length >= at };
}

function answer(socket: Socket, ack: Buffer, events: number): void {
  const frame = Buffer.from(ack);
  frame.writeUInt32BE(events, 2);
  socket.write(frame);
}

const http = (): Server =>
  createHttpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const whole = Buffer.concat(chunks);
      const body = request.headers['content-encoding'] === 'gzip' ? gunzipSync(whole) : whole;
      if (!silent || body.length === 0) response.end('ok');
      if (body.length > 0) count(occurrences(body, EVENT), body.length);
    });
  });

const servers: Readonly<Record<string, () => Server>> = { lumberjack, http };
const server = (servers[protocol.replace('-silent', '')] ?? tcp)();
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  if (typeof address === 'object') process.stdout.write(`${JSON.stringify({ port: address?.port })}\n`);
});
process.on('SIGTERM', done);
