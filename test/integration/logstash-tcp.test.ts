import assert from 'node:assert/strict';
import { appendFileSync, copyFileSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { createServer } from 'node:tls';
import { RetryableError } from '../../src/core/errors.ts';
import type { Batch } from '../../src/core/output.ts';
import { LogstashTcpOutput } from '../../src/outputs/logstash/tcp.ts';
import { makeCertificates, OPENSSL } from '../support/certificates.ts';
import { ProbeProcess } from '../support/cli.ts';
import { freePort } from '../support/mosquitto.ts';
import { needs } from '../support/programs.ts';
import { Receiver } from '../support/receiver.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `1700000000: line ${from + i}\n`).join('');

function batchOf(text: string): Batch & { released: boolean } {
  const bytes = Buffer.from(text);
  const batch = {
    bytes,
    ends: Uint32Array.of(bytes.length),
    streams: Uint8Array.of(0),
    names: ['logs-x-default'],
    released: false,
    release: () => {
      batch.released = true;
    },
  };
  return batch;
}

describe('logstash output, protocol tcp', () => {
  it('settles after the connection has stayed up, and not before', async (t) => {
    const receiver = await Receiver.start();
    t.after(() => receiver.stop());
    const output = new LogstashTcpOutput({
      hosts: [{ host: '127.0.0.1', port: receiver.port }],
      tls: undefined,
      confirmAfterMs: 200,
    });
    t.after(() => output.close(100));
    await output.check(AbortSignal.timeout(5000));
    let settled = false;
    const batch = batchOf('{"a":1}\n');
    const receipt = output.write(batch).then((r) => {
      settled = true;
      return r;
    });
    await until(
      () => batch.released,
      () => 'released',
    );
    assert.equal(settled, false);
    assert.deepEqual(await receipt, { delivered: 1, duplicates: 0 });
  });

  it('a reset before the confirmation rejects; closing is confirmed by the end that answers it', async (t) => {
    const receiver = await Receiver.start();
    t.after(() => receiver.stop());
    const output = new LogstashTcpOutput({
      hosts: [{ host: '127.0.0.1', port: receiver.port }],
      tls: undefined,
      confirmAfterMs: 60_000,
      reconnectMinMs: 10,
    });
    await output.check(AbortSignal.timeout(5000));
    const lost = output.write(batchOf('{"a":1}\n'));
    const rejected = assert.rejects(lost, RetryableError);
    await until(
      () => receiver.lines.length === 1,
      () => 'one line',
    );
    receiver.reset();
    await rejected;
    await output.check(AbortSignal.timeout(5000));
    const kept = output.write(batchOf('{"a":2}\n'));
    await until(
      () => receiver.lines.length === 2,
      () => 'two lines',
    );
    await output.close(5000);
    assert.deepEqual(await kept, { delivered: 1, duplicates: 0 });
  });

  it('goes to the next host when the first does not answer, and back when it does', async (t) => {
    const firstPort = await freePort();
    const second = await Receiver.start();
    t.after(() => second.stop());
    const output = new LogstashTcpOutput({
      hosts: [
        { host: '127.0.0.1', port: firstPort },
        { host: '127.0.0.1', port: second.port },
      ],
      tls: undefined,
      confirmAfterMs: 50,
      reconnectMinMs: 10,
      returnAfterMs: 100,
    });
    t.after(() => output.close(100));
    await output.check(AbortSignal.timeout(5000));
    await output.write(batchOf('{"a":1}\n'));
    assert.equal(second.lines.length, 1);
    const first = await Receiver.start(firstPort);
    t.after(() => first.stop());
    await until(
      () => first.connections === 1 && second.connections === 0,
      () => output.describe(),
    );
    await output.check(AbortSignal.timeout(5000));
    await output.write(batchOf('{"a":2}\n'));
    assert.deepEqual(first.lines, ['{"a":2}']);
  });

  it('of three hosts the best that answers again is used', async (t) => {
    const [first, second] = [await freePort(), await freePort()];
    const third = await Receiver.start();
    t.after(() => third.stop());
    const output = new LogstashTcpOutput({
      hosts: [first, second, third.port].map((port) => ({ host: '127.0.0.1', port })),
      tls: undefined,
      confirmAfterMs: 50,
      reconnectMinMs: 10,
      returnAfterMs: 100,
    });
    t.after(() => output.close(100));
    await output.check(AbortSignal.timeout(5000));
    assert.equal(third.connections, 1);
    const back = await Receiver.start(second);
    t.after(() => back.stop());
    await until(
      () => back.connections === 1 && third.connections === 0,
      () => output.describe(),
    );
    const best = await Receiver.start(first);
    t.after(() => best.stop());
    await until(
      () => best.connections === 1 && back.connections === 0,
      () => output.describe(),
    );
  });

  it(
    'TLS: a certificate authority, a client certificate, and files that are gone for a while',
    needs(...OPENSSL),
    async (t) => {
      const directory = tempDir(t);
      const pem = makeCertificates(directory);
      const files = { cert: readFileSync(pem.cert), key: readFileSync(pem.key), ca: readFileSync(pem.ca) };
      const taken: string[] = [];
      const names: (string | string[] | undefined)[] = [];
      const server = createServer({ ...files, requestCert: true, rejectUnauthorized: true }, (socket) => {
        names.push(socket.getPeerCertificate().subject.CN);
        socket.setEncoding('utf8').on('data', (text: string) => taken.push(text));
        socket.on('error', () => {});
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      t.after(() => server.close());
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      const tls = { ca: path.join(directory, 'used.pem'), cert: pem.clientCert, key: pem.clientKey };
      copyFileSync(pem.ca, tls.ca);
      const output = new LogstashTcpOutput({
        hosts: [
          { host: 'localhost', port: await freePort() },
          { host: 'localhost', port },
        ],
        tls,
        confirmAfterMs: 500,
        reconnectMinMs: 10,
        returnAfterMs: 20,
      });
      t.after(() => output.close(100));
      await output.check(AbortSignal.timeout(5000));
      const receipt = output.write(batchOf('{"a":1}\n'));
      unlinkSync(tls.ca);
      assert.deepEqual(await receipt, { delivered: 1, duplicates: 0 });
      assert.deepEqual([taken, names], [['{"a":1}\n'], ['the-probe']]);
    },
  );

  it('says why, when no host answers', async (t) => {
    const output = new LogstashTcpOutput({
      hosts: [{ host: '127.0.0.1', port: await freePort() }],
      tls: undefined,
      confirmAfterMs: 50,
    });
    t.after(() => output.close(100));
    await assert.rejects(output.check(AbortSignal.timeout(5000)), /connection refused/);
  });

  it('a receiver that does not read: positions stand still, memory is bounded, everything arrives later', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'a.log');
    writeFileSync(file, lines(0, 100_000));
    const receiver = await Receiver.start();
    t.after(() => receiver.stop());
    receiver.pause(true);
    const probe = new ProbeProcess(
      t,
      directory,
      `inputs: {log: {type: file, broker: mosquitto, paths: ${file}}}\noutputs: {elk: {type: logstash, hosts: "127.0.0.1:${receiver.port}", confirm_after: 200ms}}\n`,
    );
    probe.start();
    await until(
      () => receiver.connections === 1,
      () => probe.stderr,
    );
    appendFileSync(file, lines(100_000, 100_010));
    receiver.pause(false);
    const seen = (): Set<string> =>
      new Set(receiver.lines.map((line) => /"message":"(line \d+)"/.exec(line)?.[1] ?? ''));
    await until(
      () => receiver.lines.length > 100_010 && seen().size > 100_010,
      () => `${receiver.lines.length} lines; ${probe.stderr}`,
      60_000,
    );
    assert.equal(await probe.stop(), 0);
  });
});
