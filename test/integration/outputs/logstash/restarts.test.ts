import assert from 'node:assert/strict';
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ProbeProcess } from '../../../support/cli.ts';
import { type LikeLogstash, LogstashProcess, Tally } from '../../../support/logstash/like-logstash.ts';
import { freePort } from '../../../support/mosquitto.ts';
import { tempDir } from '../../../support/temp.ts';
import { until } from '../../../support/wait.ts';

const CASES: readonly (readonly [LikeLogstash['protocol'], boolean])[] = [
  ['tcp', false],
  ['lumberjack', true],
  ['http', true],
];
const KILLS = 4;
const LINES_PER_TICK = 20;
const TICK_MS = 10;

describe('a Logstash that is killed and restarted while events flow', { concurrency: true }, () => {
  for (const [protocol, persisted] of CASES) {
    it(`${protocol}: exactly the set, with default settings`, async (t) => {
      const directory = tempDir(t);
      const log = path.join(directory, 'a.log');
      const logstash = new LogstashProcess();
      t.after(() => logstash.end('SIGKILL'));
      const options: LikeLogstash = {
        protocol,
        port: await freePort(),
        out: path.join(directory, 'out.ndjson'),
        eventsPerSecond: 0,
        capacity: 1000,
        persisted,
      };
      await logstash.start(options);
      const probe = new ProbeProcess(
        t,
        directory,
        `inputs: {log: {type: file, broker: mosquitto, paths: ${log}}}\noutputs: {elk: {type: logstash, protocol: ${protocol}, hosts: "127.0.0.1:${options.port}"}}\n`,
      );
      probe.start();
      let lines = 0;
      const writer = setInterval(() => {
        let text = '';
        for (let i = 0; i < LINES_PER_TICK; i++) text += `1700000000: line ${lines++}\n`;
        appendFileSync(log, text);
      }, TICK_MS);
      t.after(() => clearInterval(writer));
      const tally = new Tally(options.out);
      for (let kill = 0; kill < KILLS; kill++) {
        const before = tally.seen.size;
        await until(
          () => {
            tally.read();
            return tally.seen.size > before + 500;
          },
          () => `${tally.seen.size} lines; ${probe.stderr}`,
        );
        await delay(Math.random() * 500);
        await logstash.end(kill % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
        await logstash.start(options);
      }
      clearInterval(writer);
      await until(
        () => {
          tally.read();
          return tally.seen.size === lines;
        },
        () => `${tally.seen.size} of ${lines} lines; ${probe.stderr}`,
        60_000,
      );
      assert.equal(await probe.stop(), 0);
      tally.read();
      t.diagnostic(`${lines} lines, ${KILLS} ends of Logstash, ${tally.repeated} lines came twice`);
    });
  }
});
