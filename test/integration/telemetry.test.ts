import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { request } from 'node:http';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { Capture, silentLog, startProbe } from '../support/in-process.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';

interface Answer {
  readonly code: number | undefined;
  readonly body: string;
}

function ask(address: string, place: string, host: string, method = 'GET'): Promise<Answer> {
  const { hostname, port } = new URL(`http://${address}`);
  return new Promise((resolve, reject) => {
    const asked = request({ hostname, port, path: place, method, headers: { host } }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (part: string) => {
        body += part;
      });
      response.on('end', () => resolve({ code: response.statusCode, body }));
    });
    asked.on('error', reject);
    asked.end();
  });
}

/** A probe that has read three lines and waits for a file that does not exist. */
async function running(t: TestContext): Promise<{ address: string; capture: Capture; missing: string }> {
  const directory = tempDir(t);
  const file = path.join(directory, 'a.log');
  const missing = path.join(directory, 'missing.log');
  writeFileSync(file, '1700000000: one\n1700000000: two\n\n');
  const inputs = `inputs: {log: {type: file, broker: mosquitto, paths: ${file}}, late: {type: file, broker: mosquitto, paths: ${missing}}}`;
  const { capture, probe } = await startProbe(
    t,
    directory,
    inputs,
    new Capture(),
    silentLog,
    'telemetry: {listen: "127.0.0.1:0", hosts: probe.example}',
  );
  await until(
    () => capture.messages.length === 2,
    () => 'two lines',
  );
  return { address: probe.address ?? '', capture, missing };
}

describe('HTTP endpoints', () => {
  it('live at once, ready with everything that is configured, reasons until then', async (t) => {
    const { address, missing } = await running(t);
    assert.equal((await ask(address, '/health/live', address)).code, 200);
    const waiting = await ask(address, '/health/ready', address);
    assert.equal(waiting.code, 503);
    assert.deepEqual(JSON.parse(waiting.body), {
      ready: false,
      problems: [`input late: ${missing}: no such file yet; waiting for it`],
    });
    writeFileSync(missing, '1700000000: three\n');
    await until(
      async () => (await ask(address, '/health/ready', address)).code === 200,
      () => 'ready',
    );
    const { outputs } = JSON.parse((await ask(address, '/status', address)).body);
    for (const { read, delivered, duplicates, filtered, pending } of outputs)
      assert.equal(read, delivered + duplicates + filtered + pending);
  });

  it('only to a Host that is an address, localhost or listed, and nothing but GET', async (t) => {
    const { address } = await running(t);
    for (const host of ['127.0.0.1', '[::1]:9641', '10.1.2.3:80', 'localhost:9641', 'probe.example'])
      assert.equal((await ask(address, '/health/live', host)).code, 200, host);
    for (const host of ['evil.example', 'localhost.evil.example', '127.0.0.1.evil.example'])
      assert.equal((await ask(address, '/health/live', host)).code, 403, host);
    assert.equal((await ask(address, '/health/live', address, 'POST')).code, 405);
    for (const place of ['/', '/health', '/../etc/passwd', '/status/'])
      assert.equal((await ask(address, place, address)).code, 404, place);
  });

  it('metrics by their published names', async (t) => {
    const { address } = await running(t);
    const { body } = await ask(address, '/metrics', address);
    const value = (name: string): string | undefined =>
      body
        .split('\n')
        .find((line) => line.startsWith(`${name} `))
        ?.slice(name.length + 1);
    for (const [name, want] of [
      ['brokertap_input_records_total{input="log"}', '3'],
      ['brokertap_input_bytes_total{input="log"}', '33'],
      ['brokertap_input_lag_bytes{input="log"}', '0'],
      ['brokertap_input_gaps_total{input="log"}', '0'],
      ['brokertap_events_total{input="log",dataset="mqtt.broker"}', '2'],
      ['brokertap_unparsed_total{input="log"}', '0'],
      ['brokertap_output_delivered_total{output="capture"}', '3'],
      ['brokertap_output_duplicates_total{output="capture"}', '0'],
      ['brokertap_output_filtered_total{output="capture"}', '0'],
      ['brokertap_output_retries_total{output="capture"}', '0'],
      ['brokertap_output_reconnects_total{output="capture"}', '0'],
      ['brokertap_output_pending_events{output="capture"}', '0'],
    ] as const)
      assert.equal(value(name), want, name);
    assert.match(body, /^brokertap_output_delivery_seconds_bucket\{le="0\.01",output="capture"\} \d/m);
    assert.match(body, /^process_resident_memory_bytes \d/m);
    const ours = [...body.matchAll(/^# TYPE (\S+)/gm)]
      .map(([, name]) => name)
      .filter((name) => name?.startsWith('brokertap'));
    assert.equal(new Set(ours).size, ours.length);
  });
});
