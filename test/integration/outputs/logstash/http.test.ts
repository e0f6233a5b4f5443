import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { BlockedError, RetryableError } from '../../../../src/core/errors.ts';
import { batchOf, batchOfLines, eventLine, numberOf } from '../../../support/batch.ts';
import { HttpReceiver } from '../../../support/http-receiver.ts';
import { logstashOutput, ready } from '../../../support/logstash-output.ts';
import { tempDir } from '../../../support/temp.ts';
import { until } from '../../../support/wait.ts';

async function receiverFor(t: TestContext): Promise<HttpReceiver> {
  const receiver = await HttpReceiver.start();
  t.after(() => receiver.stop());
  return receiver;
}

const to = (receiver: HttpReceiver, more: Readonly<Record<string, unknown>> = {}) => ({
  protocol: 'http',
  hosts: `127.0.0.1:${receiver.port}`,
  ...more,
});

const numbers = (receiver: HttpReceiver): number[] =>
  receiver.taken.map((event) => numberOf(event as never)).sort((a, b) => a - b);

describe('logstash output, protocol http', () => {
  for (const compression of [0, 1]) {
    it(`sends a batch as one JSON array; compression ${compression}`, async (t) => {
      const receiver = await receiverFor(t);
      const output = logstashOutput(t, to(receiver, { compression }));
      await ready(output);
      const batch = batchOfLines([eventLine(0), eventLine(1, ',"text":"gerät 传感器"'), eventLine(2)]);
      assert.deepEqual(await output.write(batch), { delivered: 3, duplicates: 0 });
      const [post] = receiver.posts;
      assert.equal(post?.headers['content-type'], 'application/json');
      assert.equal(post?.headers['content-encoding'], compression > 0 ? 'gzip' : undefined);
      assert.equal(post?.events[1]?.text, 'gerät 传感器');
      assert.equal(batch.released, true);
    });
  }

  it('uses one connection again and again, and has several requests under way when answers take long', async (t) => {
    const receiver = await receiverFor(t);
    const output = logstashOutput(t, to(receiver));
    await ready(output);
    for (let i = 0; i < 5; i++) await output.write(batchOf(i * 10, i * 10 + 10));
    assert.equal(receiver.connections, 1);
    const held = receiver.requests.length;
    receiver.onRequest = () => {};
    const receipts = Array.from({ length: 6 }, (_, i) => output.write(batchOf(50 + i * 10, 60 + i * 10)));
    await until(
      () => receiver.requests.length === held + 4,
      () => `${receiver.requests.length - held} requests`,
    );
    receiver.onRequest = (request) => request.answer();
    for (const request of receiver.requests.slice(held)) request.answer();
    await Promise.all(receipts);
    assert.deepEqual(
      numbers(receiver),
      Array.from({ length: 110 }, (_, i) => i),
    );
    assert.equal(receiver.connections, 4);
  });

  it('a batch larger than the window goes in several requests', async (t) => {
    const receiver = await receiverFor(t);
    const output = logstashOutput(t, to(receiver, { window: { events: 30 } }));
    await ready(output);
    assert.deepEqual(await output.write(batchOf(0, 100)), { delivered: 100, duplicates: 0 });
    assert.deepEqual(
      receiver.posts.map(({ events }) => events.length),
      [30, 30, 30, 10],
    );
  });

  it('a full queue (429) waits and is asked again, and nothing else is sent twice', async (t) => {
    const receiver = await receiverFor(t);
    const output = logstashOutput(t, to(receiver));
    await ready(output);
    let full = 3;
    receiver.onRequest = (request) => request.answer(full-- > 0 ? 429 : 200);
    const receipt = output.write(batchOf(0, 10));
    await until(
      () => /queue has been full for \d+ s \(429\), 10 events to send/.test(output.describe()),
      () => output.describe(),
    );
    assert.deepEqual(await receipt, { delivered: 10, duplicates: 0 });
    assert.equal(receiver.posts.length, 4);
    assert.equal(numbers(receiver).length, 10);
  });

  it('503 is a reason to try again; what was answered before is not sent twice', async (t) => {
    const receiver = await receiverFor(t);
    const output = logstashOutput(t, to(receiver, { window: { events: 30 } }));
    await ready(output);
    receiver.onRequest = (request) => {
      if (request.events[0]?.message !== 'event 30') request.answer();
    };
    const refused = assert.rejects(output.write(batchOf(0, 60)), (error: unknown) => {
      assert.ok(error instanceof RetryableError && !(error instanceof BlockedError));
      assert.match(error.message, /answers 503: it takes nothing now/);
      return true;
    });
    await until(
      () => receiver.posts.length === 2 && receiver.taken.length === 30,
      () => `${receiver.posts.length} requests`,
    );
    receiver.posts[1]?.answer(503);
    await refused;
    receiver.onRequest = (request) => request.answer();
    await ready(output);
    // The source is read again, and its batches are cut differently: one that was taken stands between two that were not.
    const lines = [40, 10, 11, 41, 12].map((number) => eventLine(number));
    assert.deepEqual(await output.write(batchOfLines(lines)), { delivered: 5, duplicates: 0 });
    assert.deepEqual(
      receiver.posts.at(-1)?.events.map((event) => event.message),
      ['event 40', 'event 41'],
    );
  });

  it('an answer that is lost makes it send again', async (t) => {
    const receiver = await receiverFor(t);
    const output = logstashOutput(t, to(receiver));
    await ready(output);
    receiver.onRequest = () => receiver.reset();
    await assert.rejects(output.write(batchOf(0, 10)), RetryableError);
    receiver.onRequest = (request) => request.answer();
    await ready(output);
    assert.deepEqual(await output.write(batchOf(0, 10)), { delivered: 10, duplicates: 0 });
  });

  it('no answer: the request is given up', async (t) => {
    const receiver = await receiverFor(t);
    const output = logstashOutput(t, to(receiver), { answerTimeoutMs: 200 });
    await ready(output);
    receiver.onRequest = () => {};
    await assert.rejects(output.write(batchOf(0, 10)), /no answer within 0.2 s/);
  });

  it('an answer without an end is none', async (t) => {
    const server = createServer((request, response) => {
      request.resume();
      const drip = setInterval(() => response.write('.'), 20);
      response.on('close', () => clearInterval(drip));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    const hosts = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const output = logstashOutput(t, { protocol: 'http', hosts }, { answerTimeoutMs: 200 });
    await assert.rejects(ready(output), /its answer has no end/);
  });

  it('says who it is, and reads the password again for each connection', async (t) => {
    const receiver = await receiverFor(t);
    const file = path.join(tempDir(t), 'password');
    writeFileSync(file, 'old\n');
    const output = logstashOutput(t, to(receiver, { user: 'probe', password_file: file }));
    const expected = `Basic ${Buffer.from('probe:new').toString('base64')}`;
    receiver.onRequest = (request) => request.answer(request.headers.authorization === expected ? 200 : 401);
    await assert.rejects(ready(output), (error: unknown) => {
      assert.ok(error instanceof BlockedError);
      assert.match(error.message, /answers 401: it refuses what user and password_file/);
      assert.doesNotMatch(error.message, /old/);
      return true;
    });
    writeFileSync(file, 'new\n');
    await until(
      () =>
        ready(output).then(
          () => true,
          () => false,
        ),
      () => output.describe(),
    );
    assert.deepEqual(await output.write(batchOf(0, 1)), { delivered: 1, duplicates: 0 });
  });

  it('a bearer token for a proxy before it', async (t) => {
    const receiver = await receiverFor(t);
    const file = path.join(tempDir(t), 'token');
    writeFileSync(file, 'abc\n');
    await ready(logstashOutput(t, to(receiver, { token_file: file })));
    assert.equal(receiver.requests[0]?.headers.authorization, 'Bearer abc');
    for (const text of ['abc\ndef\n', '\n', 'schlüssel']) {
      writeFileSync(file, text);
      await assert.rejects(ready(logstashOutput(t, to(receiver, { token_file: file }))), (error: unknown) => {
        assert.ok(error instanceof BlockedError);
        assert.equal(
          error.message,
          `token_file ${file} holds no token: write it there, in one line, and nothing else`,
        );
        return true;
      });
    }
  });

  const refusals: readonly (readonly [number, Readonly<Record<string, string>>, RegExp])[] = [
    [401, {}, /wants a user and a password: set user and password_file/],
    [404, {}, /hosts has to name Logstash's http input/],
    [302, { location: 'https://other/' }, /it sends us to https:\/\/other\/: write that address in hosts/],
  ];
  for (const [status, headers, words] of refusals) {
    it(`${status} waits until somebody acts`, async (t) => {
      const receiver = await receiverFor(t);
      const output = logstashOutput(t, to(receiver));
      await ready(output);
      receiver.onRequest = (request) => request.answer(status, headers);
      await assert.rejects(output.write(batchOf(0, 10)), (error: unknown) => {
        assert.ok(error instanceof BlockedError);
        assert.match(error.message, words);
        return true;
      });
      assert.equal(receiver.taken.length, 0);
    });
  }

  it('requests that are too large for a proxy become smaller, and an event that is so alone becomes a dead letter', async (t) => {
    const receiver = await receiverFor(t);
    receiver.onRequest = (request) => request.answer(request.bytes > 100_000 ? 413 : 200);
    const output = logstashOutput(t, to(receiver));
    const text = 'x'.repeat(30_000);
    const lines = Array.from({ length: 20 }, (_, i) =>
      eventLine(i, `,"text":"${i === 7 ? text.repeat(4) : text}"`),
    );
    let losses = 0;
    for (;;) {
      await ready(output);
      const receipt = await output.write(batchOfLines(lines)).catch((error: unknown) => {
        assert.ok(error instanceof RetryableError && !(error instanceof BlockedError));
        assert.match(error.message, /answers 413: .* smaller ones follow/);
        losses++;
      });
      if (receipt === undefined) continue;
      const [letter] = receipt.rejected ?? [];
      assert.deepEqual([receipt.delivered, receipt.rejected?.length], [19, 1]);
      assert.deepEqual([letter?.status, letter?.stream], [413, 'logs-x-default']);
      assert.equal(`${letter?.event}\n`, lines[7]);
      break;
    }
    assert.ok(losses <= 4, `${losses} losses`);
    // What is under way together with a request that is too large is sent again.
    assert.deepEqual(
      [...new Set(numbers(receiver))],
      Array.from({ length: 20 }, (_, i) => i).filter((i) => i !== 7),
    );
  });

  it('a server that takes next to nothing is set up wrongly: no event is to blame', async (t) => {
    const receiver = await receiverFor(t);
    const output = logstashOutput(t, to(receiver));
    await ready(output);
    receiver.onRequest = (request) => request.answer(413);
    await assert.rejects(output.write(batchOf(0, 1)), (error: unknown) => {
      assert.ok(error instanceof BlockedError);
      assert.match(
        error.message,
        /a request of \d+ bytes is too large for it: raise max_content_length there/,
      );
      return true;
    });
  });

  it('a server or proxy that ends each connection after its answer gets every event once', async (t) => {
    const receiver = await receiverFor(t);
    receiver.onRequest = (request) => request.answer(200, { connection: 'close' });
    const output = logstashOutput(t, to(receiver), { reconnectMinMs: 1000 });
    await ready(output);
    for (let i = 0; i < 5; i++) await output.write(batchOf(i * 10, i * 10 + 10));
    assert.deepEqual(
      numbers(receiver),
      Array.from({ length: 50 }, (_, i) => i),
    );
    receiver.onRequest = () => {};
    const unanswered = assert.rejects(output.write(batchOf(50, 51)), RetryableError);
    await until(
      () => receiver.posts.length === 6,
      () => `${receiver.posts.length} requests`,
    );
    await output.close(100);
    await unanswered;
  });

  it('one that ends now and then a connection in use loses nothing of the others', async (t) => {
    const receiver = await receiverFor(t);
    const output = logstashOutput(t, to(receiver));
    await ready(output);
    receiver.onRequest = (request) => {
      const more = receiver.requests.length % 5 === 0 ? { connection: 'close' } : {};
      setTimeout(() => request.answer(200, more), 5);
    };
    const batches = Array.from({ length: 50 }, (_, i) => output.write(batchOf(i * 10, i * 10 + 10)));
    await Promise.all(batches);
    assert.deepEqual(
      numbers(receiver),
      Array.from({ length: 500 }, (_, i) => i),
    );
  });

  it('a server that ends connections says in its answer what is wrong', async (t) => {
    const receiver = await receiverFor(t);
    receiver.onRequest = (request) => request.answer(401, { connection: 'close' });
    await assert.rejects(ready(logstashOutput(t, to(receiver))), /answers 401/);
  });

  it('a server cannot ask for a pause of days', async (t) => {
    const receiver = await receiverFor(t);
    const output = logstashOutput(t, to(receiver));
    await ready(output);
    receiver.onRequest = (request) => request.answer(503, { 'retry-after': '999999' });
    await assert.rejects(output.write(batchOf(0, 1)), { retryAfterMs: 600_000 });
  });

  it('closing waits for the answers', async (t) => {
    const receiver = await receiverFor(t);
    const output = logstashOutput(t, to(receiver));
    await ready(output);
    receiver.onRequest = (request) => setTimeout(() => request.answer(), 100);
    const receipts = [output.write(batchOf(0, 10)), output.write(batchOf(10, 20))];
    await until(
      () => receiver.posts.length === 2,
      () => 'two requests',
    );
    await output.close(5000);
    assert.deepEqual(
      (await Promise.all(receipts)).map(({ delivered }) => delivered),
      [10, 10],
    );
    await until(
      () => receiver.sockets.size === 0,
      () => 'no connection',
    );
  });
});
