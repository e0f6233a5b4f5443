import { connect } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { hicapPublish } from '../support/sender.ts';

/*
 * Sends records as the capture interface does: each piece is waited for until the operating system has it. Prints
 * {seconds, longestMs}: what it took, and the longest that it was kept waiting.
 *   node hicap-sender.ts PORT RECORDS RATE      RATE: records a second; 0: as fast as they are taken
 */
const [port = 0, records = 0, rate = 0] = process.argv.slice(2).map(Number);
/** Records of one piece. */
const PIECE = 100;
const socket = connect({ port, host: '127.0.0.1', noDelay: true });
await new Promise<void>((resolve, reject) => socket.once('connect', resolve).once('error', reject));
const pieces = Array.from({ length: 50 }, (_, k) =>
  Buffer.from(
    Array.from({ length: PIECE }, (_, i) =>
      hicapPublish(
        `plant/line-${k}/device-${i}/temperature`,
        '{"value":21.5,"unit":"C"}',
        `device-${k}-${i}`,
      ),
    ).join(''),
  ),
);
let longestMs = 0;
const start = performance.now();
for (let n = 0; n < records; n += PIECE) {
  const early = rate === 0 ? 0 : (n / rate) * 1000 - (performance.now() - start);
  if (early > 2) await delay(early);
  const began = performance.now();
  await new Promise((resolve) => socket.write(pieces[(n / PIECE) % pieces.length] ?? '', resolve));
  longestMs = Math.max(longestMs, performance.now() - began);
}
const seconds = (performance.now() - start) / 1000;
await new Promise<void>((resolve) => socket.end(() => resolve()));
await new Promise<void>((resolve) => socket.once('close', () => resolve()).resume());
process.stdout.write(`${JSON.stringify({ seconds, longestMs })}\n`);
