import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { run, type Scenario } from '../chaos/scenario.ts';
import { ProbeProcess } from '../support/cli.ts';
import { MOSQUITTO } from '../support/mosquitto.ts';
import { needs } from '../support/programs.ts';
import { Receiver } from '../support/receiver.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';

const KILLS = 5;

/** The short form of `npm run chaos`, which has every combination. */
describe('chaos: killed, rotated, cut', needs(...MOSQUITTO), () => {
  const pairs: readonly Pick<Scenario, 'way' | 'sink'>[] = [
    { way: 'file', sink: 'bulk' },
    { way: 'mqtt', sink: 'lumberjack' },
  ];
  for (const pair of pairs) {
    it(`${pair.way} to ${pair.sink}: exactly the set, and the balance holds`, async (t) => {
      const outcome = await run({ ...pair, kills: KILLS, seed: '1' });
      const { violations, evidence, written, duplicates, bound } = outcome;
      assert.deepEqual(violations, [], `evidence: ${evidence}`);
      t.diagnostic(`${written} written, ${duplicates} duplicates, bound ${bound}`);
    });
  }
});

it('killed before the first save of a log that began empty, then copied and truncated: no id is used twice', async (t) => {
  const directory = tempDir(t);
  const file = path.join(directory, 'mosquitto.log');
  const receiver = await Receiver.start();
  t.after(() => receiver.stop());
  writeFileSync(file, '');
  const probe = new ProbeProcess(
    t,
    directory,
    `inputs: {log: {type: file, broker: mosquitto, paths: "${file}"}}\noutputs: {elk: {type: logstash, hosts: "127.0.0.1:${receiver.port}", confirm_after: 1m}}\n`,
  );
  const lines = (from: number): string =>
    Array.from({ length: 10 }, (_, i) => `${1_700_000_000 + from + i}: line ${from + i}\n`).join('');
  const arrived = (): Map<string, string> =>
    new Map(receiver.events.filter((e) => e.log?.offset !== undefined).map((e) => [e.event.id, e.message]));
  const messages = (): Set<string> => new Set(receiver.events.map((e) => e.message));
  probe.start();
  await until(
    () => probe.stderr.includes('"started"') && receiver.sockets.size > 0,
    () => probe.stderr,
  );
  appendFileSync(file, lines(10));
  await until(
    () => arrived().size === 10,
    () => `${arrived().size} of 10; ${probe.stderr}`,
  );
  await probe.kill();
  copyFileSync(file, `${file}.1`);
  truncateSync(file);
  appendFileSync(file, lines(20));
  probe.start();
  await until(
    () => messages().has('line 19') && messages().has('line 29'),
    () => `${[...messages()].join()}; ${probe.stderr}`,
  );
  // An id names one line.
  const last = arrived();
  for (const { event, message, log } of receiver.events)
    if (log?.offset !== undefined) assert.equal(last.get(event.id), message);
});
