import assert from 'node:assert/strict';
import { copyFileSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { TlsOptions } from 'node:tls';
import { BlockedError } from '../../../../src/core/errors.ts';
import { batchOf } from '../../../support/batch.ts';
import { Authority, OPENSSL, replace, withPassphrase } from '../../../support/certificates.ts';
import { HttpReceiver } from '../../../support/http-receiver.ts';
import type { Listener } from '../../../support/listener.ts';
import { logstashOutput, ready } from '../../../support/logstash-output.ts';
import { LumberjackServer } from '../../../support/lumberjack-server.ts';
import { freePort } from '../../../support/mosquitto.ts';
import { needs } from '../../../support/programs.ts';
import { Receiver } from '../../../support/receiver.ts';
import { tempDir } from '../../../support/temp.ts';
import { until } from '../../../support/wait.ts';

/** A receiver, whatever its protocol. */
type Sink = Listener & { readonly numbers: number[] };

const PROTOCOLS: Readonly<Record<string, (port?: number, tls?: TlsOptions) => Promise<Sink>>> = {
  tcp: (port, tls) => Receiver.start(port, { tls }),
  lumberjack: (port, tls) => LumberjackServer.start(port, tls),
  http: (port, tls) => HttpReceiver.start(port, tls),
};

const RETURN = { returnAfterMs: 100 };

for (const [protocol, start] of Object.entries(PROTOCOLS)) {
  const settings = (hosts: readonly number[], more: Readonly<Record<string, unknown>> = {}) => ({
    protocol,
    hosts: hosts.map((port) => `127.0.0.1:${port}`),
    ...(protocol === 'tcp' && { confirm_after: '50ms' }),
    ...more,
  });
  const startFor = async (t: TestContext, port?: number, tls?: TlsOptions): Promise<Sink> => {
    const sink = await start(port, tls);
    t.after(() => sink.stop());
    return sink;
  };

  describe(`hosts of a logstash output, protocol ${protocol}`, () => {
    it('goes to the next host when the first does not answer, and back when it does; nothing fails on the way', async (t) => {
      const firstPort = await freePort();
      const second = await startFor(t);
      const output = logstashOutput(t, settings([firstPort, second.port]), RETURN);
      await ready(output);
      await output.write(batchOf(0, 1));
      assert.deepEqual(second.numbers, [0]);
      const first = await startFor(t, firstPort);
      let next = 1;
      while (first.numbers.length === 0) {
        assert.deepEqual(await output.write(batchOf(next, next + 1)), { delivered: 1, duplicates: 0 });
        next++;
      }
      await until(
        () => second.sockets.size === 0,
        () => output.describe(),
      );
      const both = [...second.numbers, ...first.numbers];
      assert.deepEqual(
        both,
        Array.from({ length: next }, (_, i) => i),
      );
    });

    it('one of three dies: another takes over, and it returns', async (t) => {
      const sinks = [await startFor(t), await startFor(t), await startFor(t)];
      const [first, second] = sinks;
      const output = logstashOutput(t, settings(sinks.map(({ port }) => port)), RETURN);
      await ready(output);
      await output.write(batchOf(0, 10));
      assert.equal(first?.numbers.length, 10);
      await first?.stop();
      await until(
        () =>
          ready(output)
            .then(() => output.write(batchOf(10, 20)))
            .then(
              () => true,
              () => false,
            ),
        () => output.describe(),
      );
      assert.equal(second?.numbers.length, 10);
      const again = await startFor(t, first?.port);
      await until(
        async () => {
          await output.write(batchOf(20, 21));
          return again.numbers.length > 0;
        },
        () => output.describe(),
      );
    });

    it('an idle connection that the other side closes is no trouble: the next write has another', async (t) => {
      const sink = await startFor(t);
      const output = logstashOutput(t, settings([sink.port]), { reconnectMinMs: 500 });
      await ready(output);
      await output.write(batchOf(0, 1));
      sink.reset();
      await until(
        () => output.describe().includes('changes connection'),
        () => output.describe(),
      );
      assert.deepEqual(await output.write(batchOf(1, 2)), { delivered: 1, duplicates: 0 });
      assert.deepEqual(sink.numbers, [0, 1]);
    });

    it('says of every host why it does not answer', async (t) => {
      const output = logstashOutput(t, settings([await freePort(), await freePort()]));
      await assert.rejects(
        ready(output),
        /:\d+: connection refused .*; 127\.0\.0\.1:\d+: connection refused/,
      );
    });
  });

  describe(`TLS of a logstash output, protocol ${protocol}`, needs(...OPENSSL), () => {
    it('client certificate; new files of authority and client are used without a restart and without loss', async (t) => {
      const directory = tempDir(t);
      const old = new Authority(directory, 'old');
      const fresh = new Authority(directory, 'fresh');
      const tlsOf = (authority: Authority, name: string): TlsOptions => ({
        ...authority.issue(name, 'IP:127.0.0.1').pem,
        ca: readFileSync(authority.cert),
        requestCert: true,
        rejectUnauthorized: true,
      });
      const before = await startFor(t, undefined, tlsOf(old, 'server-old'));
      const client = old.issue('client', 'DNS:probe');
      const ca = path.join(directory, 'ca.pem');
      copyFileSync(old.cert, ca);
      const tls = { ca, cert: client.cert, key: client.key };
      const output = logstashOutput(t, settings([before.port], { tls }), RETURN);
      await ready(output);
      await output.write(batchOf(0, 10));
      await before.stop();
      const after = await startFor(t, before.port, tlsOf(fresh, 'server-fresh'));
      await assert.rejects(async () => {
        // The loss may be noticed at the write only.
        for (;;) {
          await ready(output);
          await output.write(batchOf(10, 20)).catch(() => {});
        }
      }, BlockedError);
      const renewed = fresh.issue('renewed', 'DNS:probe');
      replace(client.cert, renewed.cert);
      replace(client.key, renewed.key);
      copyFileSync(fresh.cert, ca);
      await until(
        () =>
          ready(output)
            .then(() => output.write(batchOf(10, 20)))
            .then(
              () => true,
              () => false,
            ),
        () => output.describe(),
      );
      assert.deepEqual(
        [...new Set(after.numbers)],
        Array.from({ length: 10 }, (_, i) => 10 + i),
      );
    });

    it('replaced files make a new connection while the old one works', async (t) => {
      const directory = tempDir(t);
      const authority = new Authority(directory, 'authority');
      const sink = await startFor(t, undefined, {
        ...authority.issue('server', 'IP:127.0.0.1').pem,
        ca: readFileSync(authority.cert),
        requestCert: true,
        rejectUnauthorized: true,
      });
      const client = authority.issue('client', 'DNS:one');
      const tls = { ca: authority.cert, cert: client.cert, key: client.key };
      const output = logstashOutput(t, settings([sink.port], { tls }), RETURN);
      await ready(output);
      await output.write(batchOf(0, 10));
      const renewed = authority.issue('renewed', 'DNS:two');
      replace(client.key, renewed.key);
      replace(client.cert, renewed.cert);
      let next = 10;
      // The first of the new name is a look only; the next one takes over.
      while (sink.clients.filter((name) => name === 'renewed').length < 2) {
        await output.write(batchOf(next, next + 1));
        next++;
      }
      await output.write(batchOf(next, next + 1));
      next++;
      assert.deepEqual(
        sink.numbers,
        Array.from({ length: next }, (_, i) => i),
      );
    });

    const authority = (t: TestContext, name: string): Authority => new Authority(tempDir(t), name);
    it('says what to do: unknown authority, wrong name, no TLS, no client certificate', async (t) => {
      const good = authority(t, 'good');
      const other = authority(t, 'other');
      const server = good.issue('server', 'DNS:logstash.example').pem;
      const sink = await startFor(t, undefined, server);
      const plain = await startFor(t);
      const strict = {
        ...good.issue('strict', 'IP:127.0.0.1').pem,
        ca: readFileSync(good.cert),
        requestCert: true,
        rejectUnauthorized: true,
      };
      const expired = await startFor(t, undefined, good.issueExpired('expired', 'IP:127.0.0.1').pem);
      const client = good.issue('client', 'DNS:client');
      const locked = withPassphrase(client.key);
      const strict12 = await startFor(t, undefined, { ...strict, maxVersion: 'TLSv1.2' });
      const strict13 = await startFor(t, undefined, strict);
      const cases: readonly (readonly [number, Readonly<Record<string, string>>, RegExp])[] = [
        [sink.port, { ca: other.cert }, /authority that is not known here: set tls\.ca/],
        [
          sink.port,
          { ca: good.cert },
          /certificate is for other names .*logstash\.example.* tls\.server_name/,
        ],
        [
          plain.port,
          { ca: good.cert },
          /does not speak TLS|ended the TLS handshake|no host has answered yet/,
        ],
        [strict12.port, { ca: good.cert }, /it wants a client certificate: set tls\.cert/],
        // With TLS 1.3 the refusal comes behind the handshake: tcp, which gets no answers, sees it at the first write.
        ...(protocol === 'tcp'
          ? []
          : [[strict13.port, { ca: good.cert }, /it wants a client certificate: set tls\.cert/] as const]),
        [
          strict13.port,
          { ca: good.cert, cert: client.cert, key: locked },
          /tls\.key needs a passphrase: write it anew without one/,
        ],
        [expired.port, { ca: good.cert }, /its certificate has expired: it needs a new one/],
        [sink.port, { ca: '/nowhere/ca.pem' }, /\/nowhere\/ca\.pem: no such file$/],
      ];
      for (const [port, tls, words] of cases) {
        const output = logstashOutput(t, settings([port], { tls }));
        await assert.rejects(output.check(AbortSignal.timeout(2000)), words, String(words));
        await output.close(0);
      }
      const named = { ca: good.cert, server_name: 'logstash.example' };
      await ready(logstashOutput(t, settings([sink.port], { tls: named })));
    });

    it('a wrong certificate needs somebody to act', async (t) => {
      const sink = await startFor(t, undefined, authority(t, 'one').issue('server', 'IP:127.0.0.1').pem);
      const output = logstashOutput(t, settings([sink.port], { tls: { ca: authority(t, 'two').cert } }));
      await assert.rejects(ready(output), BlockedError);
    });
  });
}
