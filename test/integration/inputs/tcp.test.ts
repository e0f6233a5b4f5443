import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { makeCertificates } from '../../support/certificates.ts';
import { Capture, startProbe } from '../../support/in-process.ts';
import { freePort } from '../../support/mosquitto.ts';
import { needs } from '../../support/programs.ts';
import type { ReceivedEvent } from '../../support/receiver.ts';
import { hicapPublish, Sender } from '../../support/sender.ts';
import { tempDir } from '../../support/temp.ts';
import { until } from '../../support/wait.ts';

const GOLDEN = new URL('../../golden/hicap/', import.meta.url);

interface Place {
  readonly port: number;
  readonly capture: Capture;
  /** Waits for so many events of the senders. */
  arrive(count: number): Promise<ReceivedEvent[]>;
  gaps(): ReceivedEvent[];
  stop(): Promise<void>;
}

async function startTcp(
  t: TestContext,
  more = '',
  capture = new Capture(),
  top = '',
  directory = tempDir(t),
): Promise<Place> {
  const port = await freePort();
  const input = `${top}inputs: {hicap: {type: tcp, broker: hicap, listen: "127.0.0.1:${port}"${more}}}`;
  const { stop } = await startProbe(t, directory, input, capture);
  const events = (): ReceivedEvent[] =>
    capture.events.filter(({ event }) => event.provider === 'hicap' || event.action === 'line-unparsed');
  const arrive = async (count: number): Promise<ReceivedEvent[]> => {
    await until(
      () => events().length >= count,
      () => `${events().length} of ${count} events`,
      60_000,
    );
    return events();
  };
  return { port, capture, arrive, gaps: () => capture.actions('input-gap'), stop };
}

/** `mqtt.drop.count` */
function countOf({ mqtt }: ReceivedEvent): number {
  const drop = mqtt?.drop;
  return typeof drop === 'object' && drop !== null && 'count' in drop ? Number(drop.count) : 0;
}

function topicOf({ mqtt }: ReceivedEvent): unknown {
  return mqtt?.topic;
}

describe('HICAP over TCP', () => {
  it('the captures, in pieces of every size, give the events of the golden files', async (t) => {
    const place = await startTcp(t, ', payload: {capture: text, limit: 64}');
    const files = ['capture-auth', 'capture-basic', 'capture-reconnect', 'capture-tls'];
    const want = files.flatMap((file) =>
      readFileSync(new URL(`${file}.events`, GOLDEN), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line)),
    );
    const sender = await Sender.connect(place.port);
    const bytes = Buffer.concat(files.map((file) => readFileSync(new URL(`${file}.jsonl`, GOLDEN))));
    for (let at = 0, size = 1; at < bytes.length; at += size, size = (size % 997) + 1)
      await sender.send(bytes.subarray(at, at + size));
    await sender.end();
    const events = await place.arrive(want.length);
    assert.deepEqual(
      events.map(({ event, message }) => [event.code, event.action, message]),
      want.map(({ code, action, message }) => [code, action, message]),
    );
    const certified = events.find(({ tls }) => tls !== undefined);
    assert.deepEqual(certified?.tls, {
      client: {
        x509: {
          serial_number: '136A90447C2E69A8746011B17DE304D8834AE37C',
          subject: { common_name: ['device 7'] },
        },
      },
    });
  });

  it('half a line at the close, a connection that comes again without STARTUP', async (t) => {
    const place = await startTcp(t);
    const first = await Sender.connect(place.port);
    await first.send(hicapPublish('a/1') + hicapPublish('a/2').slice(0, 60));
    await first.end();
    const second = await Sender.connect(place.port);
    await second.send(hicapPublish('a/3'));
    await second.send(hicapPublish('a/4', 'x'.repeat(90)).slice(0, -40));
    await second.end();
    const events = await place.arrive(4);
    assert.deepEqual(
      events.map(({ event, mqtt }) => [event.action, mqtt?.topic, mqtt?.truncated]),
      [
        ['message-published', 'a/1', undefined],
        ['line-unparsed', undefined, true],
        ['message-published', 'a/3', undefined],
        ['message-published', 'a/4', true],
      ],
    );
  });

  it('bytes that are no UTF-8, control characters, CR LF, empty lines: the next record is whole', async (t) => {
    const place = await startTcp(t);
    const sender = await Sender.connect(place.port);
    await sender.send(Buffer.from(hicapPublish('a/b\u00e9'), 'latin1'));
    await sender.send('\u0000\u001b[31m\u0007\n\r\n\n{"mqtt": {"action": "PUBLISH"\n');
    await sender.send(hicapPublish('line\nbreak\t\u0001').replace('\n', '\r\n'));
    await sender.end();
    const events = await place.arrive(4);
    assert.deepEqual(
      events.map(({ event, mqtt, tags }) => [event.action, mqtt?.topic, tags]),
      [
        ['message-published', 'a/b\ufffd', ['invalid_utf8']],
        ['line-unparsed', undefined, undefined],
        ['line-unparsed', undefined, undefined],
        ['message-published', 'line\nbreak\t\u0001', undefined],
      ],
    );
  });

  it('of payloads nothing is stored that events do not tell, nor of half lines', async (t) => {
    const payload = Buffer.alloc(120, 'planted secret ');
    for (const setting of ['', ', payload: {capture: hash}', ', payload: {capture: text, limit: 4}']) {
      const directory = tempDir(t);
      const place = await startTcp(t, setting, new Capture(), '', directory);
      const sender = await Sender.connect(place.port);
      const odd = hicapPublish('odd', payload).replace('"payload"', ' "payload"').replace('}}', ', "x": 1}}');
      await sender.send(hicapPublish('a', payload) + odd + hicapPublish('half', payload).slice(0, -20));
      await sender.end();
      const events = await place.arrive(3);
      assert.deepEqual(events.map(topicOf), ['a', 'odd', 'half']);
      const sizes = events.map(({ mqtt }) => (mqtt?.payload as { size?: number } | undefined)?.size);
      assert.deepEqual(sizes, [120, 120, undefined]);
      const stream = path.join(directory, 'state', 'spool', 'hicap');
      for (const name of readdirSync(stream)) {
        const stored = readFileSync(path.join(stream, name), 'latin1');
        assert.ok(!stored.includes('planted') && !stored.includes(payload.toString('base64', 0, 12)));
      }
    }
  });

  it('a record that is nested too deeply is unparsed, and the next one is whole', async (t) => {
    const place = await startTcp(t);
    const sender = await Sender.connect(place.port);
    const deep = `${'['.repeat(300_000)}${']'.repeat(300_000)}`;
    await sender.send(`{"mqtt": {"action": "PUBLISH", "topic": ${deep}, "payload": "eA==", "x": 1}}\n`);
    await sender.send(hicapPublish('next'));
    await sender.end();
    const events = await place.arrive(2);
    assert.equal(topicOf(events[1] ?? ({} as ReceivedEvent)), 'next');
  });

  it('a line above the limit is cut, and its neighbours are whole', async (t) => {
    const place = await startTcp(t, ', limit: 1KiB');
    const sender = await Sender.connect(place.port);
    const long = hicapPublish('long', Buffer.alloc(9000));
    await sender.send(hicapPublish('a') + long + hicapPublish('b'));
    for (let at = 0; at < long.length; at += 700) await sender.send(long.slice(at, at + 700));
    await sender.send(hicapPublish('c'));
    await sender.end();
    const events = await place.arrive(5);
    assert.deepEqual(events.map(topicOf), ['a', 'long', 'b', 'long', 'c']);
    const cut = events.filter(({ mqtt }) => mqtt?.truncated === true);
    assert.deepEqual(
      cut.map(({ mqtt }) => mqtt?.log),
      [{ length: long.length - 1 }, { length: long.length - 1 }],
    );
  });

  it('a flood without a line end: bounded, its connection closed, counted; others go on', async (t) => {
    const place = await startTcp(t, ', limit: 64KiB');
    const other = await Sender.connect(place.port);
    await other.send(hicapPublish('before'));
    const before = process.memoryUsage().rss;
    let peak = before;
    const flood = await Sender.connect(place.port);
    const piece = Buffer.alloc(64 * 1024, 'x');
    await assert.rejects(async () => {
      for (let i = 0; i < 16_000; i++) {
        await flood.send(piece);
        peak = Math.max(peak, process.memoryUsage().rss);
      }
    });
    assert.ok(peak - before < 32 * 2 ** 20, `${(peak - before) / 2 ** 20} MiB more`);
    await other.send(hicapPublish('after'));
    const events = await place.arrive(2);
    assert.deepEqual(events.map(topicOf), ['before', 'after']);
    await until(
      () => place.gaps().length === 1,
      () => 'no gap was told',
    );
    assert.equal(place.gaps()[0]?.event.reason, 'line_too_long');
    assert.ok(!other.closed);
  });

  it('many long lines without an end fill the room for them: the longest goes, and no others', async (t) => {
    const place = await startTcp(t, ', limit: 2MiB');
    const broker = await Sender.connect(place.port);
    const line = Buffer.from(hicapPublish('whole'));
    const floods = await Promise.all(Array.from({ length: 32 }, () => Sender.connect(place.port)));
    for (const [i, flood] of floods.entries())
      await flood.send(Buffer.alloc(2 ** 21 - (i === 0 ? 10 : 0), 'x'));
    await delay(1500);
    for (let n = 0; n < 10; n++) {
      await broker.send(line.subarray(0, 20));
      await delay(20);
      await broker.send(line.subarray(20));
    }
    const events = await place.arrive(10);
    assert.deepEqual([...new Set(events.map(topicOf))], ['whole']);
    assert.ok(!broker.closed);
    assert.ok(place.gaps().every(({ event }) => event.reason === 'line_too_long'));
  });

  it('with outputs that take nothing and a full spool the sender never waits; what was dropped is counted', async (t) => {
    const capture = new Capture();
    const place = await startTcp(t, '', capture, 'spool: {size: 1MiB}\n');
    const sender = await Sender.connect(place.port);
    await sender.send(hicapPublish('first'));
    await place.arrive(1);
    capture.stalled = true;
    const records = 40_000;
    const payload = 'x'.repeat(300);
    for (let n = 0; n < records; n += 100)
      await sender.send(Array.from({ length: 100 }, (_, i) => hicapPublish(`t/${n + i}`, payload)).join(''));
    await sender.end();
    t.diagnostic(`longest wait of the sender: ${sender.longestMs.toFixed(1)} ms`);
    capture.go();
    const dropped = (): number => place.gaps().reduce((sum, gap) => sum + countOf(gap), 0);
    const topics = (): unknown[] => capture.actions('message-published').map(topicOf);
    await until(
      () => topics().length - 1 + dropped() >= records,
      () => `${topics().length - 1} delivered and ${dropped()} dropped of ${records}`,
      60_000,
    );
    assert.equal(topics().length - 1 + dropped(), records, 'delivered and dropped');
    assert.equal(topics().at(-1), `t/${records - 1}`);
    assert.ok(dropped() > 0);
    assert.ok(place.gaps().every(({ event }) => event.reason === 'queue_full'));
    assert.equal(new Set(topics()).size, topics().length);
  });

  it('with when_full: block nothing is lost: the sender waits', async (t) => {
    const capture = new Capture();
    capture.stalled = true;
    const place = await startTcp(t, ', when_full: block', capture, 'spool: {size: 1MiB}\n');
    const sender = await Sender.connect(place.port);
    const records = 120_000;
    const payload = 'x'.repeat(300);
    let sent = 0;
    const sending = (async () => {
      for (let n = 0; n < records; n += 100) {
        await sender.send(
          Array.from({ length: 100 }, (_, i) => hicapPublish(`t/${n + i}`, payload)).join(''),
        );
        sent = n + 100;
      }
      await sender.end();
    })();
    let before = -1;
    await until(
      () => {
        const stands = sent === before;
        before = sent;
        return stands && sent > 10_000;
      },
      () => `${sent} were sent`,
    );
    assert.ok(sent < records, 'the sender has not to wait');
    capture.go();
    await sending;
    const topics = (await place.arrive(records)).map(topicOf);
    assert.deepEqual(
      topics,
      Array.from({ length: records }, (_, n) => `t/${n}`),
    );
    assert.equal(place.gaps().length, 0);
  });
});

describe('JSON lines of other senders', () => {
  it('are read by the table of the configuration', async (t) => {
    const port = await freePort();
    const fields =
      '{event.action: {key: kind, words: {pub: message-published}}, mqtt.client.id: client.id, mqtt.topic: t, mqtt.payload.text: p}';
    const input = `{type: tcp, broker: json, listen: "127.0.0.1:${port}", payload: {capture: text}, fields: ${fields}}`;
    const { capture } = await startProbe(t, tempDir(t), `inputs: {gateway: ${input}}`);
    const sender = await Sender.connect(port);
    await sender.send(
      '{"kind":"pub","client":{"id":"c1"},"t":"a/b","p":"21.5"}\nrubbish password=open-sesame\n{"kind":"x"}\n',
    );
    await sender.end();
    await until(
      () => capture.actions('broker-log').length === 1,
      () => JSON.stringify(capture.events),
    );
    const [event] = capture.actions('message-published');
    assert.deepEqual(event?.mqtt, {
      client: { id: 'c1' },
      topic: 'a/b',
      topic_root: 'a/b',
      topic_depth: 2,
      payload: { size: 4, encoding: 'utf8', text: '21.5' },
    });
    const [unparsed] = capture.actions('line-unparsed');
    assert.ok(unparsed !== undefined && !JSON.stringify(unparsed).includes('sesame'));
  });
});

describe('JSON lines of other senders: what is on disk', () => {
  it('holds of a payload what events tell, and nothing of what is no record', async (t) => {
    const port = await freePort();
    const fields =
      '{event.action: message-published, mqtt.topic: t, mqtt.payload.text: in.p, mqtt.payload.base64: b}';
    const input = `{type: tcp, broker: json, listen: "127.0.0.1:${port}", payload: {capture: hash}, fields: ${fields}}`;
    const directory = tempDir(t);
    const capture = new Capture();
    capture.fail(true);
    await startProbe(t, directory, `inputs: {gateway: ${input}}`, capture);
    const sender = await Sender.connect(port);
    const secret = 'open-sesame';
    const base64 = Buffer.from(secret).toString('base64');
    const lines = [
      JSON.stringify({ t: 'a', in: { p: secret }, b: { deep: secret } }),
      JSON.stringify({ t: 'b', b: base64 }),
      JSON.stringify({ t: 'c', in: { p: [secret] } }),
      `{"t":"d","in":{"p":"${secret}"`,
      `{"t":"e","in":{"p":"${secret}"},"x":${'['.repeat(200_000)}${']'.repeat(200_000)}}`,
    ];
    await sender.send(lines.map((line) => `${line}\n`).join(''));
    await sender.end();
    const spool = path.join(directory, 'state', 'spool');
    const stored = (): string =>
      (existsSync(spool) ? readdirSync(spool, { recursive: true, encoding: 'utf8' }) : [])
        .filter((name) => name.endsWith('.segment'))
        .map((name) => readFileSync(path.join(spool, name), 'latin1'))
        .join();
    await until(
      () => stored().includes('"t":"c"') && /\?.*\?/s.test(stored()),
      () => stored().slice(0, 2000),
    );
    for (const text of [secret, base64]) assert.equal(stored().includes(text), false);
    capture.fail(false);
    await until(
      () => capture.events.filter(({ event }) => event.provider !== 'probe').length >= 3,
      () => JSON.stringify(capture.events),
      30_000,
    );
    const sha256 = createHash('sha256').update(secret).digest('hex');
    const kept = { size: secret.length, hash: { sha256 } };
    assert.deepEqual(
      capture.actions('message-published').map(({ mqtt }) => [mqtt?.topic, mqtt?.payload]),
      [
        ['a', kept],
        ['b', kept],
        ['c', undefined],
      ],
    );
  });
});

describe('HICAP: who may connect', needs('openssl', 'apt-get install openssl'), () => {
  it('an address that is not allowed is closed at once', async (t) => {
    const place = await startTcp(t, ', allow: 10.0.0.0/8');
    const sender = await Sender.connect(place.port);
    await until(
      () => sender.closed,
      () => 'the connection is open',
    );
  });

  it('TLS: who says nothing gives its place to others', async (t) => {
    const { cert, key } = makeCertificates(tempDir(t));
    const place = await startTcp(t, `, tls: {cert: "${cert}", key: "${key}"}`);
    const silent = await Sender.connect(place.port);
    const started = performance.now();
    await until(
      () => silent.closed,
      () => 'the connection is open',
    );
    assert.ok(performance.now() - started > 5000, 'a handshake may take a while');
  });

  it('TLS with a client certificate', async (t) => {
    const { ca, cert, key, clientCert, clientKey } = makeCertificates(tempDir(t));
    const place = await startTcp(t, `, tls: {cert: "${cert}", key: "${key}", ca: "${ca}"}`);
    const args = ['s_client', '-quiet', '-connect', `127.0.0.1:${place.port}`, '-CAfile', ca];
    const send = async (...more: string[]): Promise<unknown> => {
      const done = promisify(execFile)('openssl', [...args, ...more]);
      done.child.stdin?.on('error', () => {});
      done.child.stdin?.end(hicapPublish(more.length === 0 ? 'without' : 'with'));
      return done.catch(() => undefined);
    };
    await send();
    void send('-cert', clientCert, '-key', clientKey);
    const events = await place.arrive(1);
    assert.deepEqual(events.map(topicOf), ['with']);
  });
});
