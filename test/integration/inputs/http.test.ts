import assert from 'node:assert/strict';
import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { Credentials } from '../../../src/inputs/http/credentials.ts';
import { Authority, makeCertificates, replace } from '../../support/certificates.ts';
import { CURL, curl } from '../../support/curl.ts';
import { Capture, startProbe } from '../../support/in-process.ts';
import { freePort } from '../../support/mosquitto.ts';
import { needs } from '../../support/programs.ts';
import type { ReceivedEvent } from '../../support/receiver.ts';
import { tempDir } from '../../support/temp.ts';
import { until } from '../../support/wait.ts';

const GOLDEN = new URL('../../golden/emqx/', import.meta.url);
const EVENT = { event: 'client.connected', clientid: 'c1', username: 'ann', timestamp: 1_747_204_840_137 };

interface Hook {
  readonly url: string;
  readonly port: number;
  readonly directory: string;
  readonly capture: Capture;
  /** Waits for so many events of the hook. */
  arrive(count: number): Promise<ReceivedEvent[]>;
  stop(): Promise<void>;
}

async function startHook(t: TestContext, more = '', capture = new Capture()): Promise<Hook> {
  const directory = tempDir(t);
  const port = await freePort();
  const input = `inputs: {hook: {type: http, listen: "127.0.0.1:${port}"${more.replaceAll('DIR', directory)}}}`;
  const { stop } = await startProbe(t, directory, input, capture);
  const events = (): ReceivedEvent[] => capture.events.filter(({ event }) => event.provider === 'emqx-event');
  const arrive = async (count: number): Promise<ReceivedEvent[]> => {
    await until(
      () => events().length >= count,
      () => `${events().length} of ${count} events`,
    );
    return events();
  };
  return { url: `http://127.0.0.1:${port}/`, port, directory, capture, arrive, stop };
}

function post(hook: Hook, body: unknown, ...args: readonly string[]): ReturnType<typeof curl> {
  return curl('-H', 'content-type: application/json', ...args, '-d', JSON.stringify(body), hook.url);
}

function clientOf({ mqtt }: ReceivedEvent): unknown {
  const client = mqtt?.client;
  return typeof client === 'object' && client !== null && 'id' in client ? client.id : undefined;
}

/** What a raw connection was answered. */
function talk(port: number): { socket: Socket; said: () => string } {
  let text = '';
  const socket = connect(port, '127.0.0.1');
  socket.setEncoding('latin1').on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', () => {});
  return { socket, said: () => text };
}

describe('web hooks', needs(...CURL, 'openssl', 'apt-get install openssl'), () => {
  it('one object, an array, a pretty-printed body, an empty array', async (t) => {
    const hook = await startHook(t);
    assert.deepEqual((await post(hook, EVENT)).body, { taken: 1 });
    assert.deepEqual((await post(hook, [EVENT, { ...EVENT, clientid: 'c2' }])).body, { taken: 2 });
    const pretty = await curl('-X', 'PUT', '-d', JSON.stringify(EVENT, undefined, 2), hook.url);
    assert.deepEqual([pretty.status, pretty.body], [200, { taken: 1 }]);
    assert.deepEqual((await post(hook, [])).body, { taken: 0 });
    const events = await hook.arrive(4);
    assert.deepEqual(events.map(clientOf), ['c1', 'c1', 'c2', 'c1']);
    assert.ok(events.every(({ event }) => event.action === 'client-connected'));
    assert.equal(new Set(events.map(({ event }) => event.id)).size, 4);
  });

  it('every body of the rule engine and of the 4.x plugin becomes the event that its golden file has', async (t) => {
    const hook = await startHook(t);
    const files = ['emqx44-webhook-plugin', 'emqx44-events', 'emqx58-events', 'emqx62-events', 'events.real'];
    const bodies = files.flatMap((file) =>
      readFileSync(new URL(`${file}.jsonl`, GOLDEN), 'utf8')
        .trim()
        .split('\n'),
    );
    const want = files.flatMap((file) =>
      readFileSync(new URL(`${file}-jsonl.events`, GOLDEN), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    );
    assert.equal((await curl('-d', `[${bodies.join()}]`, hook.url)).status, 200);
    const events = await hook.arrive(want.length);
    assert.deepEqual(
      events.map(({ event, message }) => [event.code, event.action, message]),
      want.map(({ code, action, message }) => [code, action, message]),
    );
  });

  it('the payload of a message is kept as the setting says', async (t) => {
    const hook = await startHook(t, ', payload: {capture: text, limit: 4, decode: json}');
    const message = {
      event: 'message.publish',
      topic: 'a/b',
      payload: '{"t":21.5}',
      timestamp: EVENT.timestamp,
    };
    await post(hook, [message, { ...message, payload: 'b\ufffdn' }]);
    const [whole, damaged] = await hook.arrive(2);
    assert.deepEqual(whole?.mqtt?.payload, {
      size: 10,
      encoding: 'json',
      text: '{"t"',
      json: { t: 21.5 },
      truncated: true,
    });
    assert.deepEqual(damaged?.mqtt?.payload, { encoding: 'utf8', text: 'b\ufffd', truncated: true });
  });

  it('JSON that is no record of the broker is taken and told as unparsed; its neighbours are whole', async (t) => {
    const hook = await startHook(t);
    assert.equal((await post(hook, [EVENT, { hello: 'password=open-sesame' }, EVENT])).status, 200);
    await hook.arrive(2);
    const [unparsed] = hook.capture.actions('line-unparsed');
    assert.ok(unparsed !== undefined && !JSON.stringify(unparsed).includes('sesame'));
  });

  it('what is no object is refused with its place, and nothing of it is taken', async (t) => {
    const hook = await startHook(t);
    for (const body of ['', 'hello', '{"event":', '7', 'null', '"text"', '[[]]', '[{"event":"a"},1]']) {
      const { status, body: said } = await curl('--data-binary', body, hook.url);
      assert.equal(status, 400, body);
      assert.equal(typeof said.error, 'string');
    }
    const { body } = await curl('-d', '[{"event":"a"},1]', hook.url);
    assert.match(String(body.error), /element 1 of the array is no JSON object/);
    const deep = path.join(hook.directory, 'deep');
    writeFileSync(deep, `{"event":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`);
    assert.equal((await curl('--data-binary', `@${deep}`, hook.url)).status, 400);
    await post(hook, EVENT);
    assert.equal((await hook.arrive(1)).length, 1);
    assert.equal(hook.capture.actions('line-unparsed').length, 0);
  });

  it('what comes again because its connection broke before the answer is one event; without a time of its own it is not known', async (t) => {
    const hook = await startHook(t);
    const fresh = { ...EVENT, clientid: 'fresh', timestamp: Date.now() };
    const body = JSON.stringify([fresh, EVENT]);
    const head = `POST / HTTP/1.1\r\nhost: probe\r\ncontent-length: ${body.length}\r\n\r\n`;
    talk(hook.port).socket.end(head + body);
    await hook.arrive(2);
    assert.deepEqual((await post(hook, [fresh, EVENT])).body, { taken: 2 });
    // It was answered now: who sends it once more means another one.
    assert.deepEqual((await post(hook, fresh)).body, { taken: 1 });
    const events = await hook.arrive(4);
    assert.deepEqual(events.map(clientOf), ['fresh', 'c1', 'c1', 'fresh']);
    assert.equal(new Set(events.map(({ event }) => event.id)).size, 4);
  });

  it('other paths, methods and encodings are refused with a reason', async (t) => {
    const hook = await startHook(t, ', path: /emqx');
    const status = async (...args: readonly string[]): Promise<number> => (await curl(...args)).status;
    assert.equal(await status('-d', '{}', hook.url), 404);
    assert.equal(await status('-d', '{}', `${hook.url}emqx/`), 404);
    const got = await curl(`${hook.url}emqx`);
    assert.deepEqual([got.status, /allow: post, put/.test(got.headers)], [405, true]);
    assert.equal(await status('-H', 'content-encoding: gzip', '-d', 'x', `${hook.url}emqx`), 415);
    assert.equal(await status('-d', JSON.stringify(EVENT), `${hook.url}emqx?rule=1`), 200);
  });

  it('a secret that cannot be read: which key names it', (t) => {
    const empty = path.join(tempDir(t), 'empty');
    writeFileSync(empty, '\n');
    assert.throws(
      () => new Credentials({ token_file: '/nowhere' }),
      /^BlockedError: auth\.token_file \/nowhere: no such file$/,
    );
    assert.throws(
      () => new Credentials({ user: 'u', password_file: empty }),
      /^BlockedError: auth\.password_file \S+ is empty/,
    );
  });

  it('a bearer token: 401 without, with another or in another form; a replaced file is used', async (t) => {
    const directory = tempDir(t);
    const token = path.join(directory, 'token');
    writeFileSync(token, 's3cret\n');
    const hook = await startHook(t, `, auth: {token_file: "${token}"}`);
    const status = async (...args: readonly string[]): Promise<number> =>
      (await post(hook, EVENT, ...args)).status;
    assert.equal(await status(), 401);
    for (const header of ['Bearer s3cre', 'Bearer s3crett', 'Basic s3cret', 's3cret', 'Bearer', 'Bearer '])
      assert.equal(await status('-H', `authorization: ${header}`), 401, header);
    assert.equal(await status('-H', 'authorization: bearer s3cret'), 200);
    assert.match((await post(hook, EVENT)).headers, /www-authenticate: bearer/);
    writeFileSync(token, 'other');
    await until(
      async () => (await status('-H', 'authorization: Bearer other')) === 200,
      () => 'the new token is not taken',
    );
    assert.equal(await status('-H', 'authorization: Bearer s3cret'), 401);
  });

  it('basic authentication', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'password');
    writeFileSync(file, 'pä:ss\n');
    const hook = await startHook(t, `, auth: {user: emqx, password_file: "${file}"}`);
    assert.equal((await post(hook, EVENT, '-u', 'emqx:wrong')).status, 401);
    assert.equal((await post(hook, EVENT, '-u', 'other:pä:ss')).status, 401);
    assert.equal((await post(hook, EVENT, '-u', 'emqx:pä:ss')).status, 200);
  });

  it('TLS, with and without a client certificate; an address that is not allowed', async (t) => {
    const directory = tempDir(t);
    const { ca, cert, key, clientCert, clientKey } = makeCertificates(directory);
    const hook = await startHook(t, `, tls: {cert: "${cert}", key: "${key}", ca: "${ca}"}`);
    const url = hook.url.replace('http:', 'https:');
    const args = ['--cacert', ca, '-d', JSON.stringify(EVENT), url];
    await assert.rejects(curl(...args));
    assert.equal((await curl('--cert', clientCert, '--key', clientKey, ...args)).status, 200);
    const closed = await startHook(t, ', allow: [10.0.0.0/8, "2001:db8::/32"]');
    await assert.rejects(post(closed, EVENT));
    const open = await startHook(t, ', allow: 127.0.0.0/8');
    assert.equal((await post(open, EVENT)).status, 200);
  });

  it('a certificate that was replaced is used', async (t) => {
    const directory = tempDir(t);
    const [first, second] = ['first', 'second'].map((name) => new Authority(directory, name));
    const one = first?.issue('one', 'IP:127.0.0.1');
    const other = second?.issue('other', 'IP:127.0.0.1');
    const hook = await startHook(t, `, tls: {cert: "${one?.cert}", key: "${one?.key}"}`);
    const url = hook.url.replace('http:', 'https:');
    const send = (authority: Authority | undefined): Promise<number> =>
      curl('--cacert', authority?.cert ?? '', '-d', JSON.stringify(EVENT), url).then(
        ({ status }) => status,
        () => 0,
      );
    assert.deepEqual([await send(first), await send(second)], [200, 0]);
    replace(one?.cert ?? '', other?.cert ?? '');
    replace(one?.key ?? '', other?.key ?? '');
    await until(
      async () => (await send(second)) === 200,
      () => 'the new certificate is not used',
    );
    assert.equal(await send(first), 0);
  });

  it('a body above the limit: 413, announced or not, whether the sender waits for a word or not', async (t) => {
    const hook = await startHook(t, ', limit: 64KiB');
    const file = path.join(hook.directory, 'body');
    writeFileSync(file, Buffer.alloc(70_000, ' '));
    const send = (...args: readonly string[]): ReturnType<typeof curl> =>
      curl('--data-binary', `@${file}`, ...args, hook.url);
    const { status, body } = await send();
    assert.deepEqual([status, /larger than 65536 bytes/.test(String(body.error))], [413, true]);
    assert.equal((await send('-H', 'Expect: 100-continue')).status, 413);
    assert.equal((await send('-H', 'Transfer-Encoding: chunked')).status, 413);
    writeFileSync(file, JSON.stringify(EVENT).padEnd(60_000));
    assert.equal((await send('-H', 'Expect: 100-continue')).status, 200);
    assert.equal((await post(hook, EVENT)).status, 200);
  });

  it('an array of very many objects is refused, before it has become as many records', async (t) => {
    const hook = await startHook(t);
    const file = path.join(hook.directory, 'body');
    writeFileSync(file, `[${'{},'.repeat(100_000)}{}]`);
    const refused = await curl('--data-binary', `@${file}`, hook.url);
    assert.deepEqual(refused, {
      ...refused,
      status: 413,
      body: { error: 'the array has more than 100000 objects; send smaller ones' },
    });
    assert.deepEqual((await post(hook, EVENT)).body, { taken: 1 });
  });

  it('bodies of 100 MB are refused, and memory stays as it is', async (t) => {
    const hook = await startHook(t, ', path: /emqx');
    const url = `${hook.url}emqx`;
    const file = path.join(hook.directory, 'body');
    writeFileSync(file, '[');
    truncateSync(file, 100 * 2 ** 20);
    const before = process.memoryUsage().rss;
    let peak = before;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 5);
    t.after(() => clearInterval(watch));
    for (const header of ['x: announced', 'Transfer-Encoding: chunked', 'Expect:'])
      assert.equal((await curl('-T', file, '-H', header, url)).status, 413, header);
    // Within the limit of 8 MiB for one body, and what is under way in sockets.
    assert.ok(peak - before < 48 * 2 ** 20, `${(peak - before) / 2 ** 20} MiB more`);
    assert.equal((await curl('-d', JSON.stringify(EVENT), url)).status, 200);
  });

  it('a slow body, a slow header: 408, and others are served meanwhile', async (t) => {
    const hook = await startHook(t, ', timeout: 300ms');
    const slow = talk(hook.port);
    slow.socket.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n{"event"');
    const slower = talk(hook.port);
    slower.socket.write('POST / HTTP/1.1\r\nhost: a\r\ncontent-le');
    assert.equal((await post(hook, EVENT)).status, 200);
    for (const { said } of [slow, slower])
      await until(
        () => said().startsWith('HTTP/1.1 408') && said().includes('"error"'),
        () => said(),
      );
  });

  it('what is no HTTP: 400 as JSON; a connection that ends in a body takes nothing', async (t) => {
    const hook = await startHook(t);
    const other = talk(hook.port);
    other.socket.write('\x10\x1e\0\x04MQTT\x04\x02\0\x3c\0\x12hello\r\n\r\n');
    await until(
      () => other.said().startsWith('HTTP/1.1 400'),
      () => other.said(),
    );
    const half = talk(hook.port);
    half.socket.write(`POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1000\r\n\r\n${JSON.stringify(EVENT)}`);
    half.socket.end();
    await until(
      () => half.socket.closed,
      () => 'open',
    );
    await post(hook, { ...EVENT, clientid: 'after' });
    const events = await hook.arrive(1);
    assert.deepEqual(events[0]?.mqtt?.client, { id: 'after' });
  });

  it('200 means that it is in the spool: it was read from there after a crash of the outputs', async (t) => {
    const capture = new Capture();
    capture.stalled = true;
    const hook = await startHook(t, '', capture);
    assert.equal((await post(hook, { ...EVENT, clientid: 'the-one' })).status, 200);
    const stream = path.join(hook.directory, 'state', 'spool', 'hook');
    const stored = readdirSync(stream).map((name) => readFileSync(path.join(stream, name), 'latin1'));
    assert.ok(stored.some((bytes) => bytes.includes('the-one')));
    capture.go();
    await hook.arrive(1);
  });

  it('of payloads nothing is stored that events do not tell', async (t) => {
    const message = { event: 'message.publish', topic: 'a/b', payload: '{"t":1,"password":"planted"}' };
    for (const [setting, payload] of [
      ['', { size: 28 }],
      [
        ', payload: {capture: text, decode: json, redact: password}',
        {
          size: 28,
          encoding: 'json',
          text: '{"t":1,"password":"[redacted]"}',
          json: { t: 1, password: '[redacted]' },
          redacted: true,
        },
      ],
    ] as const) {
      const hook = await startHook(t, setting);
      await post(hook, [message, { ...message, event: undefined, clientid: 'c', publish_received_at: 1 }]);
      const events = await hook.arrive(2);
      assert.deepEqual(
        events.map(({ event, mqtt }) => [event.action, mqtt?.payload]),
        [
          ['message-published', payload],
          ['message-published', payload],
        ],
      );
      const stream = path.join(hook.directory, 'state', 'spool', 'hook');
      for (const name of readdirSync(stream))
        assert.ok(!readFileSync(path.join(stream, name), 'latin1').includes('planted'));
    }
  });

  it('429 when the spool is full, nothing of that array is taken, and all goes on when there is room', async (t) => {
    const capture = new Capture();
    capture.stalled = true;
    const directory = tempDir(t);
    const port = await freePort();
    const { probe } = await startProbe(
      t,
      directory,
      `spool: {size: 1MiB}\ninputs: {hook: {type: http, listen: "127.0.0.1:${port}"}}`,
      capture,
    );
    const url = `http://127.0.0.1:${port}/`;
    const taken: string[] = [];
    const send = async (name: string): Promise<number> => {
      const events = [0, 1, 2].map((i) => ({ ...EVENT, clientid: `${name}-${i}`, note: 'x'.repeat(20_000) }));
      const { status, headers } = await curl('-d', JSON.stringify(events), url);
      if (status === 200) taken.push(...events.map(({ clientid }) => clientid));
      else assert.match(headers, /retry-after: 1/);
      return status;
    };
    let n = 0;
    while ((await send(`full${n}`)) === 200) n++;
    assert.ok(n > 10, `${n} arrays`);
    assert.ok(probe.status().problems.some((problem) => problem.includes('the spool is full')));
    capture.go();
    await until(
      async () => (await send('again')) === 200,
      () => 'there is no room again',
    );
    const ids = (): unknown[] => capture.actions('client-connected').map(clientOf);
    await until(
      () => ids().length >= taken.length,
      () => `${ids().length} of ${taken.length}`,
    );
    assert.deepEqual(ids(), taken);
    await until(
      () => probe.status().problems.length === 0,
      () => probe.status().problems.join(),
    );
  });
});
