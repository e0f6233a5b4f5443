import { createServer, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { HttpReceiver } from '../http-receiver.ts';
import { LumberjackServer } from '../lumberjack-server.ts';
import type { LikeLogstash } from './like-logstash.ts';
import { Pipeline } from './pipeline.ts';

/*
 * Behaves as a Logstash, in a process of its own that can be killed, in what was measured on a real one:
 *   tcp         reads a connection only while its queue has room; on SIGTERM reads on for about 2 s, then closes
 *   lumberjack  acks when the whole window is in the queue, 0 every 5 s until then; after SIGTERM acks nothing more and
 *               resets after 2.7 s
 *   http        answers 200 when all events are in the queue; after SIGTERM too, for what it has taken
 * It is worse than a real one in one thing: what is in its memory at the end of an orderly stop is lost.
 */
const options: LikeLogstash = JSON.parse(process.argv[2] ?? '');
const pipeline = new Pipeline(options);
const READ_ON_MS = 2000;
const RESET_MS = 2700;
const BEAT_MS = 5000;
let stopping = false;

function lines(events: readonly unknown[]): string[] {
  return events.map((event) => JSON.stringify(event));
}

async function tcp(): Promise<() => Promise<void>> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    let rest = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      const parts = (rest + text).split('\n');
      rest = parts.pop() ?? '';
      socket.pause();
      void pipeline.push(parts).then(() => socket.resume());
    });
  });
  await new Promise<void>((resolve) => server.listen(options.port, '127.0.0.1', resolve));
  return async () => {
    server.close();
    await delay(READ_ON_MS);
    for (const socket of sockets) socket.destroy();
  };
}

async function lumberjack(): Promise<() => Promise<void>> {
  const server = await LumberjackServer.start(options.port);
  const turns = new WeakMap<Socket, Promise<void>>();
  server.onWindow = (window) => {
    if (stopping) return;
    server.windows.length = 0;
    const beat = setInterval(() => window.ack(0), BEAT_MS);
    const before = turns.get(window.socket) ?? Promise.resolve();
    window.socket.pause();
    const turn = before.then(() => pipeline.push(lines(window.events)));
    turns.set(
      window.socket,
      turn.then(() => {
        clearInterval(beat);
        server.taken.length = 0;
        window.socket.resume();
        if (!stopping) window.ack();
      }),
    );
  };
  return async () => {
    await delay(RESET_MS);
    server.reset();
  };
}

async function http(): Promise<() => Promise<void>> {
  const receiver = await HttpReceiver.start(options.port);
  let pending = 0;
  receiver.onRequest = (request) => {
    receiver.requests.length = 0;
    pending++;
    void pipeline.push(lines(request.events)).then(() => {
      pending--;
      receiver.taken.length = 0;
      request.answer();
    });
  };
  return async () => {
    for (let waited = 0; pending > 0 && waited < READ_ON_MS; waited += 10) await delay(10);
    receiver.reset();
  };
}

const stop = await { tcp, lumberjack, http }[options.protocol]();
process.stdout.write('ready\n');
process.once('SIGTERM', () => {
  stopping = true;
  void stop().then(() => process.exit(0));
});
