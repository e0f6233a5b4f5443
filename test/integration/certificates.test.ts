import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, it } from 'node:test';
import { createServer } from 'node:tls';
import { CertificateWatch, endpointsOf } from '../../src/app/certificates.ts';
import { Probe } from '../../src/app/probe.ts';
import { parseConfig } from '../../src/config/load.ts';
import { registry } from '../../src/registry.ts';
import { makeCertificates, OPENSSL } from '../support/certificates.ts';
import { Capture, fileInput, silentLog } from '../support/in-process.ts';
import { needs } from '../support/programs.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';

const config = (text: string) => parseConfig(text, 'test', {}, registry);

describe('certificates of the probe’s own connections', () => {
  it('are those of every server that it speaks TLS with, each once', () => {
    const found = endpointsOf(
      config(`
inputs:
  a: { type: mqtt, broker: mosquitto, url: "mqtts://broker", topics: "#" }
  b: { type: mqtt, broker: mosquitto, url: "mqtt://plain:1883", topics: "#" }
  c: { type: mqtt, broker: mosquitto, url: "wss://broker:8884/mqtt", topics: "#" }
  h: { type: emqx-api, api_url: "https://emqx:18084/api/", key: k, secret_file: s }
  i: { type: emqx-api, api_url: "http://emqx:18083/api/", key: k, secret_file: s }
outputs:
  d: { type: logstash, hosts: "logstash-a:5044, [2001:db8::1]:5044", protocol: lumberjack, tls: true }
  e: { type: logstash, hosts: "logstash-b:5170" }
  f: { type: elasticsearch, nodes: "https://es, http://es-b:9200" }
  g: { type: elasticsearch, nodes: "https://es:443" }
`),
    );
    assert.deepEqual(
      found.map(({ host, port }) => [host, port]),
      [
        ['broker', 8883],
        ['broker', 8884],
        ['emqx', 18_084],
        ['logstash-a', 5044],
        ['2001:db8::1', 5044],
        ['es', 443],
      ],
    );
  });

  it('what cannot be had is left out', async () => {
    const watch = new CertificateWatch(
      config(
        'inputs: {a: {type: stdin, broker: mosquitto}}\noutputs: {d: {type: logstash, hosts: "127.0.0.1:1", tls: {cert: /nowhere, key: /nowhere}}}',
      ),
    );
    await watch.start();
    assert.deepEqual(watch.fields, {});
    watch.stop();
  });

  it('heartbeats say when the first of them ends', needs(...OPENSSL), async (t) => {
    const directory = tempDir(t);
    const { ca, cert, key, clientCert, clientKey } = makeCertificates(directory);
    const server = createServer({
      cert: readFileSync(cert),
      key: readFileSync(key),
      ca: readFileSync(ca),
      requestCert: true,
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const text = `heartbeat: 50ms\nstate: ${path.join(directory, 'state')}\ntelemetry: {listen: "off"}\n${fileInput(path.join(directory, 'a.log'))}\noutputs: {elk: {type: logstash, protocol: lumberjack, hosts: "127.0.0.1:${port}", tls: {ca: ${ca}, cert: ${clientCert}, key: ${clientKey}}}}`;
    const capture = new Capture();
    const probe = await Probe.start(config(text), silentLog, [
      { name: 'capture', type: 'capture', output: capture },
    ]);
    t.after(() => probe.stop());
    const beats = () =>
      capture.actions('probe-heartbeat') as unknown as {
        tls?: { server?: { not_after: string }; client?: { not_after: string } };
      }[];
    await until(
      () => beats().some(({ tls }) => tls?.server !== undefined),
      () => JSON.stringify(beats().at(-1)),
    );
    const { tls } = beats().find((beat) => beat.tls?.server !== undefined)!;
    for (const side of [tls?.server, tls?.client]) {
      const days = (Date.parse(side?.not_after ?? '') - Date.now()) / 86_400_000;
      assert.ok(days > 1.9 && days < 2.1, side?.not_after);
    }
  });
});
