import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { TLSSocket } from 'node:tls';
import { Authority, type Certificate, fingerprintOf, withPassphrase } from '../../../support/certificates.ts';
import { freePort } from '../../../support/mosquitto.ts';
import { needs } from '../../../support/programs.ts';
import { searchOutput } from '../../../support/search-probe.ts';
import { tempDir } from '../../../support/temp.ts';
import { until } from '../../../support/wait.ts';

const openssl = needs('openssl', 'apt-get install openssl');
const ROOT = '{"version":{"number":"9.5.3"},"tagline":"You Know, for Search"}';

/** Answers only what it is; asks clients for a certificate of `authority` where one is given. */
async function startServer(
  t: TestContext,
  server: Pick<Certificate, 'cert' | 'key'>,
  authority?: Authority,
): Promise<{ url: string; port: number; server: Server; clients: string[] }> {
  const clients: string[] = [];
  const options = {
    cert: readFileSync(server.cert),
    key: readFileSync(server.key),
    ...(authority && { ca: readFileSync(authority.cert), requestCert: true, rejectUnauthorized: true }),
  };
  const listening = createServer(options, (request, response) => {
    clients.push(String((request.socket as TLSSocket).getPeerCertificate().subject?.CN));
    response.writeHead(200, { 'content-type': 'application/json' }).end(ROOT);
  });
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    listening.closeAllConnections();
    listening.close();
  });
  const { port } = listening.address() as AddressInfo;
  return { url: `https://localhost:${port}`, port, server: listening, clients };
}

const asked = (
  url: string,
  cluster: NonNullable<Parameters<typeof searchOutput>[1]['cluster']>,
): Promise<void> => {
  const output = searchOutput(url, { cluster });
  return output.check(AbortSignal.timeout(5000)).finally(() => output.close(100));
};

describe('elasticsearch output: TLS', openssl, () => {
  it('trusts the authority or the fingerprint that is given, and nothing else', async (t) => {
    const directory = tempDir(t);
    const authority = new Authority(directory, 'authority');
    const stranger = new Authority(directory, 'stranger');
    const { url } = await startServer(t, authority.issue('localhost', 'DNS:localhost'));
    await asked(url, { tls: { ca: authority.cert } });
    await assert.rejects(asked(url, { tls: { ca: stranger.cert } }), /set tls\.ca to that authority/);
    await assert.rejects(asked(url, {}), /set tls\.ca to that authority/);
    const expired = authority.issueExpired('old', 'DNS:localhost');
    const late = await startServer(t, expired);
    await assert.rejects(
      asked(late.url, { tls: { ca: authority.cert } }),
      /its certificate has expired: it needs/,
    );
    const other = await startServer(t, authority.issue('elsewhere', 'DNS:elsewhere'));
    await assert.rejects(asked(other.url, { tls: { ca: authority.cert } }), /altnames/);
    // A server whose certificate is its own authority, as Elasticsearch makes it by itself.
    const self = await startServer(t, authority);
    await asked(self.url, { tls: { fingerprint: fingerprintOf(authority.cert) } });
    const locked = { ca: authority.cert, cert: authority.cert, key: withPassphrase(authority.key) };
    await assert.rejects(asked(url, { tls: locked }), /tls\.key needs a passphrase/);
    const wrong = asked(self.url, { tls: { fingerprint: fingerprintOf(stranger.cert) } });
    await assert.rejects(wrong, /fingerprint does not match/);
  });

  it('the authority of a fingerprint has to have signed the server’s certificate: showing its own, which is public, is not enough', async (t) => {
    const directory = tempDir(t);
    const authority = new Authority(directory, 'authority');
    const fingerprint = fingerprintOf(authority.cert);
    const honest = authority.issue('elsewhere', 'DNS:elsewhere');
    // Another authority by the same name signs for whoever stands between.
    const forger = new Authority(tempDir(t), 'authority');
    const forged = forger.issue('localhost', 'DNS:localhost', '-addext', 'authorityKeyIdentifier=none');
    const withAuthority = ({ cert, key }: Certificate): { cert: string; key: string } => {
      const chain = `${cert}.chain`;
      writeFileSync(chain, Buffer.concat([readFileSync(cert), readFileSync(authority.cert)]));
      return { cert: chain, key };
    };
    await asked((await startServer(t, withAuthority(honest))).url, { tls: { fingerprint } });
    const secret = path.join(directory, 'secret');
    writeFileSync(secret, 'c2VjcmV0');
    const { url, server } = await startServer(t, withAuthority(forged));
    const seen: (string | undefined)[] = [];
    server.on('request', ({ headers }) => seen.push(headers.authorization));
    await assert.rejects(
      asked(url, { apiKeyFile: secret, tls: { fingerprint } }),
      /signed by an authority that is not known here/,
    );
    assert.deepEqual(
      seen.filter((header) => header !== undefined),
      [],
    );
  });

  it('an authority and a client certificate that are replaced are used without a restart', async (t) => {
    const directory = tempDir(t);
    const old = new Authority(directory, 'old');
    const now = new Authority(directory, 'new');
    const [ca, cert, key] = ['ca.pem', 'client.pem', 'client.key'].map((name) =>
      path.join(directory, name),
    ) as [string, string, string];
    const put = (authority: Authority): void => {
      const name = `client-of-${path.basename(authority.cert, '.pem')}`;
      const client = authority.issue(name, `DNS:${name}`);
      copyFileSync(authority.cert, ca);
      copyFileSync(client.cert, cert);
      copyFileSync(client.key, key);
    };
    put(old);
    const { url, server, clients } = await startServer(t, old.issue('localhost', 'DNS:localhost'), old);
    const output = searchOutput(url, { cluster: { tls: { ca, cert, key } } });
    t.after(() => output.close(100));
    const check = (): Promise<void> => output.check(AbortSignal.timeout(5000));
    await check();
    const next = now.issue('localhost-new', 'DNS:localhost');
    server.setSecureContext({
      cert: readFileSync(next.cert),
      key: readFileSync(next.key),
      ca: readFileSync(now.cert),
    });
    server.closeAllConnections();
    await assert.rejects(check());
    put(now);
    await until(
      () =>
        check().then(
          () => true,
          () => false,
        ),
      () => clients.join(),
    );
    assert.deepEqual([clients[0], clients.at(-1)], ['client-of-old', 'client-of-new']);
  });

  it('through a proxy', async (t) => {
    const directory = tempDir(t);
    const authority = new Authority(directory, 'authority');
    const { url, port } = await startServer(t, authority.issue('localhost', 'DNS:localhost'));
    const tunnels: string[] = [];
    const proxy = createHttpServer();
    proxy.on('connect', (request, client) => {
      tunnels.push(request.url ?? '');
      const target = connect(port, '127.0.0.1', () => {
        client.write('HTTP/1.1 200 OK\r\n\r\n');
        target.pipe(client).pipe(target);
      });
      for (const socket of [client, target]) socket.on('error', () => {});
      client.on('close', () => target.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    t.after(() => proxy.close());
    const address = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    const nobody = `http://probe:hunter2@127.0.0.1:${await freePort()}`;
    await assert.rejects(asked(url, { tls: { ca: authority.cert }, proxy: nobody }), ({ message }: Error) => {
      assert.match(message, /\(through the proxy 127\.0\.0\.1:\d+\): connection refused/);
      assert.doesNotMatch(message, /hunter2/);
      return true;
    });
    await asked(url, { tls: { ca: authority.cert }, proxy: address });
    assert.deepEqual(tunnels, [`localhost:${port}`]);
    await assert.rejects(
      asked(url, { tls: { fingerprint: fingerprintOf(authority.cert) }, proxy: address }),
      /fingerprint does not match/,
    );
    assert.deepEqual(tunnels, [`localhost:${port}`, `localhost:${port}`]);
  });
});
