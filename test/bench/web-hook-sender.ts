import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';

/*
 * Sends web hooks over kept connections, on each the next when the last was answered; as cheaply as it can. Prints
 * {seconds, p99Ms, refused}.
 *   node web-hook-sender.ts PORT CONNECTIONS EVENTS ARRAY      ARRAY: events of one body; 0: single objects
 */
const [port = 0, connections = 1, events = 0, array = 0] = process.argv.slice(2).map(Number);
const EVENT = {
  event: 'session.subscribed',
  clientid: 'press-04-plc',
  username: 'line-7',
  peername: '10.20.30.40:51022',
  topic: 'plant/line-7/press-04/cmd/#',
  qos: 1,
  sub_props: { 'User-Property': {} },
  client_attrs: {},
  timestamp: 1_747_204_840_137,
  node: 'emqx@10.20.0.2',
  metadata: { rule_id: 'brokertap' },
};
const body = JSON.stringify(array === 0 ? EVENT : Array.from({ length: array }, () => EVENT));
const request = Buffer.from(
  `POST / HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
);
let left = Math.ceil(events / Math.max(1, array));
let refused = 0;
const times: number[] = [];

function work(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    let began = 0;
    const next = (): void => {
      if (left-- <= 0) {
        socket.destroy();
        resolve();
        return;
      }
      began = performance.now();
      socket.write(request);
    };
    let answer = '';
    socket.setEncoding('latin1').on('data', (text: string) => {
      answer += text;
      if (!answer.trimEnd().endsWith('}')) return;
      times.push(performance.now() - began);
      if (!answer.startsWith('HTTP/1.1 200')) refused++;
      answer = '';
      next();
    });
    socket.once('connect', next).once('error', reject);
  });
}

const start = performance.now();
await Promise.all(Array.from({ length: connections }, work));
const seconds = (performance.now() - start) / 1000;
times.sort((a, b) => a - b);
const p99Ms = times[Math.floor(times.length * 0.99)] ?? 0;
process.stdout.write(`${JSON.stringify({ seconds, p99Ms, refused })}\n`);
