import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createServer } from 'node:tls';
import { BlockedError } from '../../../../src/core/errors.ts';
import { elasticsearchOutputSchema } from '../../../../src/outputs/elasticsearch/config.ts';
import { create } from '../../../../src/outputs/elasticsearch/index.ts';
import { batchOf } from '../../../support/batch.ts';
import { BulkServer } from '../../../support/bulk-server.ts';
import { Authority, type Certificate } from '../../../support/certificates.ts';
import { needs } from '../../../support/programs.ts';
import { searchOutput } from '../../../support/search-probe.ts';
import { tempDir } from '../../../support/temp.ts';

const openssl = needs('openssl', 'apt-get install openssl');

async function serverless(t: TestContext): Promise<BulkServer> {
  const server = await BulkServer.start();
  t.after(() => server.stop());
  server.flavor = 'serverless';
  return server;
}

/** TLS in front of a server that has none. @returns its port */
async function tlsBefore(t: TestContext, server: BulkServer, { cert, key }: Certificate): Promise<number> {
  const port = Number(new URL(server.url).port);
  const front = createServer({ cert: readFileSync(cert), key: readFileSync(key) }, (client) =>
    joined(client, connect(port, '127.0.0.1')),
  );
  await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve));
  t.after(() => front.close());
  return (front.address() as AddressInfo).port;
}

/** A proxy that leads to one port whatever it is asked for. */
async function proxyTo(t: TestContext, port: number): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const proxy = createHttpServer();
  proxy.on('connect', (request, client: Socket) => {
    asked.push(request.url ?? '');
    const target = connect(port, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 OK\r\n\r\n');
      joined(client, target);
    });
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  t.after(() => proxy.close());
  return { url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`, asked };
}

function joined(a: Socket, b: Socket): void {
  a.pipe(b).pipe(a);
  for (const [socket, other] of [
    [a, b],
    [b, a],
  ] as const) {
    socket.on('error', () => {});
    socket.on('close', () => other.destroy());
  }
}

describe('elasticsearch output: serverless', () => {
  it('is told by its build flavor, and asked to refuse what is no data stream', async (t) => {
    const server = await serverless(t);
    const output = searchOutput(server.url, {});
    t.after(() => output.close(100));
    await output.check(AbortSignal.timeout(5000));
    assert.match(output.describe(), /serverless 8\.11\.0/);
    assert.equal((await output.write(batchOf(0, 3))).delivered, 3);
    assert.equal(server.stored.size, 3);
    assert.match(server.requests[0]?.query ?? '', /require_data_stream=true/);
  });

  it('is not taken for what somebody says that it is', async (t) => {
    const server = await serverless(t);
    const output = searchOutput(server.url, { output: { flavor: 'elasticsearch' } });
    t.after(() => output.close(100));
    await assert.rejects(output.check(AbortSignal.timeout(5000)), (error: unknown) => {
      assert.ok(error instanceof BlockedError);
      assert.match(
        error.message,
        /is serverless 8\.11\.0 and not elasticsearch: set "flavor" to serverless or auto/,
      );
      return true;
    });
  });
});

describe('elasticsearch output: Cloud ID', openssl, () => {
  it('leads to the Elasticsearch that it names, with its API key, through a proxy', async (t) => {
    const directory = tempDir(t);
    const server = await serverless(t);
    const authority = new Authority(directory, 'authority');
    const port = await tlsBefore(t, server, authority.issue('cloud', 'DNS:abc123.europe.cloud.test'));
    const proxy = await proxyTo(t, port);
    const key = path.join(directory, 'key');
    writeFileSync(key, 'ZW5jb2RlZDprZXk=\n');
    const id = Buffer.from('europe.cloud.test:9243$abc123$def456').toString('base64');
    const settings = {
      type: 'elasticsearch',
      cloud_id: `plant:${id}`,
      api_key_file: key,
      tls: { ca: authority.cert },
      proxy: proxy.url,
    };
    const output = create(elasticsearchOutputSchema.parse(settings));
    t.after(() => output.close(100));
    await output.check(AbortSignal.timeout(5000));
    assert.equal((await output.write(batchOf(0, 2))).delivered, 2);
    assert.ok(proxy.asked.length > 0);
    assert.deepEqual([...new Set(proxy.asked)], ['abc123.europe.cloud.test:9243']);
    assert.equal(server.requests[0]?.headers.authorization, 'ApiKey ZW5jb2RlZDprZXk=');
    assert.match(output.describe(), /^cloud plant: serverless/);
  });
});
