import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { BulkServer } from '../support/bulk-server.ts';
import { cli, ProbeProcess } from '../support/cli.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';

describe('dead-letters replay without a running probe', () => {
  for (const privacy of ['', 'with a secret of privacy'])
    it(`delivers them, and the next start goes on behind them ${privacy}`, async (t) => {
      const directory = tempDir(t);
      const server = await BulkServer.start();
      t.after(() => server.stop());
      const log = path.join(directory, 'mosquitto.log');
      const key = path.join(directory, 'privacy.key');
      writeFileSync(
        log,
        '1700000000: mosquitto version 2.0.18 starting\n1700000000: a line that is refused\n',
      );
      writeFileSync(key, 'f'.repeat(64));
      const probe = new ProbeProcess(
        t,
        directory,
        `${privacy === '' ? '' : `privacy: {client_id: hash, key_file: "${key}"}\n`}inputs: {log: {type: file, broker: mosquitto, paths: "${log}"}}
outputs: {search: {type: elasticsearch, nodes: "${server.url}", include: [{dataset: mqtt.broker}]}}
`,
      );
      server.judge = (_, times) => (times === 0 && server.stored.size > 0 ? { status: 400 } : undefined);
      const isRefused = async (): Promise<boolean> => {
        const { stdout } = await cli(['dead-letters', 'list', '-c', probe.config]);
        return /search: 1 dead letter/.test(stdout);
      };
      probe.start();
      await until(isRefused, () => probe.stderr);
      await probe.stop();

      const replayed = await cli(['dead-letters', 'replay', 'search', '-c', probe.config]);
      assert.deepEqual(
        [replayed.code, replayed.stdout],
        [0, 'search: 1 delivered, 0 refused again\n'],
        replayed.stderr,
      );
      assert.equal(server.stored.size, 2);

      const { length: requests } = server.requests;
      probe.start();
      await until(
        async () => (await cli(['status', '-c', probe.config])).stdout.includes('delivered 2 + duplicates 0'),
        () => probe.stderr,
      );
      assert.equal(server.requests.length, requests);
    });
});

describe('dead letters with line separators of Unicode', () => {
  it('are listed and replayed', async (t) => {
    const directory = tempDir(t);
    const server = await BulkServer.start();
    t.after(() => server.stop());
    const log = path.join(directory, 'mosquitto.log');
    writeFileSync(log, '1700000000: what a client \u2028 can write \u2029 into a topic\n');
    const probe = new ProbeProcess(
      t,
      directory,
      `inputs: {log: {type: file, broker: mosquitto, paths: "${log}"}}
outputs: {search: {type: elasticsearch, nodes: "${server.url}", include: [{dataset: mqtt.broker}]}}
`,
    );
    server.judge = (_, times) => (times === 0 ? { status: 400 } : undefined);
    const listed = (): Promise<string> =>
      cli(['dead-letters', 'list', '-c', probe.config]).then(({ stdout }) => stdout);
    probe.start();
    await until(
      async () => /search: 1 dead letter/.test(await listed()),
      () => probe.stderr,
    );
    const replayed = await cli(['dead-letters', 'replay', 'search', '-c', probe.config]);
    assert.deepEqual(
      [replayed.code, replayed.stdout],
      [0, 'search: 1 delivered, 0 refused again\n'],
      replayed.stderr,
    );
    assert.equal(server.stored.size, 1);
  });
});
