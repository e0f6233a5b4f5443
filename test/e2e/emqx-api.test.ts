import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { cli, ProbeProcess } from '../support/cli.ts';
import { secretFile } from '../support/emqx-server/access.ts';
import { EmqxServer } from '../support/emqx-server/server.ts';
import { auditRow, clientRow } from '../support/emqx-server/tables.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';

function input(t: TestContext, server: EmqxServer, more = ''): string {
  return `inputs: {api: {type: emqx-api, api_url: "${server.url}", key: key-1, secret_file: ${secretFile(t, 'secret-1')}, interval: 1s${more}}}`;
}

test('audit records survive kill -9: each comes once', async (t) => {
  const server = await EmqxServer.start(t);
  const directory = tempDir(t);
  const out = path.join(directory, 'events.ndjson');
  const probe = new ProbeProcess(
    t,
    directory,
    `${input(t, server, ', audit: true')}\noutputs: {f: {type: file, path: ${out}}}\n`,
  );
  /** The record's number, by `event.id`: a file may have an event twice after a crash. */
  const found = (): Map<string, string> => {
    if (!existsSync(out)) return new Map();
    const lines = readFileSync(out, 'utf8').split('\n').slice(0, -1);
    const events = lines
      .map((line) => JSON.parse(line))
      .filter(({ event }) => event.action === 'audit-changed');
    return new Map(events.map(({ event, mqtt }) => [event.id, mqtt.audit.request.bindings.id]));
  };
  for (let round = 0; round < 4; round++) {
    for (let n = 0; n < 25; n++) server.audit.push(auditRow(round * 25 + n));
    probe.start();
    const wanted = round * 25 + 15;
    await until(
      () => found().size >= wanted,
      () => `${found().size} of ${wanted}\n${probe.stderr}`,
    );
    await probe.kill();
  }
  probe.start();
  await until(
    () => new Set(found().values()).size === 100,
    () => `${found().size}\n${probe.stderr}`,
  );
  await probe.stop();
  assert.equal(found().size, 100);
});

test('check: the API is tried, and mistakes are told in their place', async (t) => {
  const server = await EmqxServer.start(t);
  server.add(clientRow(1));
  const config = path.join(tempDir(t), 'brokertap.yaml');
  const outputs = `outputs: {f: {type: file, path: ${path.join(tempDir(t), 'out')}}}\n`;
  writeFileSync(config, `${input(t, server)}\n${outputs}`);
  const works = await cli(['check', '--connect', '-c', config]);
  assert.match(works.stdout, /^input api: works$/m);
  server.keys.clear();
  const expired = await cli(['check', '--connect', '-c', config]);
  assert.equal(expired.code, 1);
  assert.match(expired.stdout, /^input api: .*the key has expired or is disabled/m);
  for (const [settings, words] of [
    ['api_url: "http://emqx:18083"', /api_url: write http:\/\/ or https:\/\/.*"\/api\/"/],
    ['api_url: "http://key:secret@emqx:18083/api/"', /api_url: write/],
    ['api_url: "http://emqx:18083/api/"', /key: is missing; make one in Dashboard/],
    ['api_url: "http://emqx/api/", key: k', /secret_file: is missing/],
    ['api_url: "http://emqx/api/", key: k, secret_file: s, interval: 1ms', /interval: write at least "1s"/],
    ['api_url: "http://emqx/api/", key: k, secret_file: s, broker: mosquitto', /broker: write "emqx"/],
    [
      `api_url: "http://emqx/api/", key: k, secret_file: s, prometheus: [${Array.from({ length: 201 }, (_, n) => n)}]`,
      /prometheus/,
    ],
    ['api_url: "http://emqx/api/", key: k, secret_file: s, secret: x', /secret: unknown key/],
  ] as const) {
    writeFileSync(config, `inputs: {api: {type: emqx-api, ${settings}}}\n${outputs}`);
    const { code, stderr } = await cli(['check', '-c', config]);
    assert.equal(code, 2, settings);
    assert.match(stderr, words);
  }
  const secret = path.join(tempDir(t), 'privacy.key');
  writeFileSync(secret, 'k'.repeat(64));
  const privacy = `privacy: {ip: truncate, key_file: ${secret}}`;
  writeFileSync(config, `${privacy}\n${input(t, server, ', prometheus: [a]')}\n${outputs}`);
  assert.match(
    (await cli(['check', '-c', config])).stderr,
    /prometheus: series name clients and users as they are/,
  );
});
