import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { parseConfig } from '../../../../src/config/load.ts';
import { RetryableError } from '../../../../src/core/errors.ts';
import { fateOf, readAnswer } from '../../../../src/outputs/elasticsearch/answer.ts';
import { Bulk, type Events, Part } from '../../../../src/outputs/elasticsearch/bulk.ts';
import { proxyFor } from '../../../../src/outputs/elasticsearch/proxy.ts';
import { registry } from '../../../../src/registry.ts';

const id = (i: number): string => i.toString(16).padStart(40, '0');

/** Events with these texts, in turn for two data streams. */
function eventsOf(texts: readonly string[]): Events {
  const lines = texts.map((message, i) => `${JSON.stringify({ event: { id: id(i) }, message })}\n`);
  let end = 0;
  const ends = Uint32Array.from(lines, (line) => {
    end += Buffer.byteLength(line);
    return end;
  });
  const streams = Uint8Array.from(lines, (_, i) => i % 2);
  return { bytes: Buffer.from(lines.join('')), ends, streams, names: ['logs-a-x', 'logs-b-x'] };
}

const everything = { events: Number.POSITIVE_INFINITY, bytes: Number.POSITIVE_INFINITY };
const none = new Set<string>();

/** What a server would read. */
function itemsOf(body: Buffer): { index: string; id?: string; message: string }[] {
  const lines = body.toString().split('\n').slice(0, -1);
  return Array.from({ length: lines.length / 2 }, (_, i) => {
    const { create } = JSON.parse(lines[2 * i] ?? '');
    const { message } = JSON.parse(lines[2 * i + 1] ?? '');
    return { index: create._index, id: create._id, message };
  });
}

describe('a bulk body', () => {
  it('holds an action line and the event’s own bytes for each event, whatever they say and wherever it is cut', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 2000 }),
        (texts, bytes) => {
          const events = eventsOf(texts);
          const bulk = new Bulk(16);
          const seen: ReturnType<typeof itemsOf> = [];
          for (let from = 0; from < texts.length; ) {
            const next = bulk.add(events, from, { events: 7, bytes }, none);
            assert.ok(next > from && next - from <= 7);
            assert.ok(bulk.size <= bytes || bulk.count === 1);
            seen.push(...itemsOf(new Part(bulk, 0, bulk.count).body));
            bulk.clear();
            from = next;
          }
          assert.deepEqual(
            seen,
            texts.map((message, i) => ({ index: i % 2 === 0 ? 'logs-a-x' : 'logs-b-x', id: id(i), message })),
          );
        },
      ),
    );
  });

  it('halves and picks keep what belongs together', () => {
    const texts = ['null', 'eins', 'zwei', 'drei', 'vier'];
    const bulk = new Bulk(16);
    bulk.add(eventsOf(texts), 0, everything, none);
    const [left, right] = new Part(bulk, 0, 5).halves();
    assert.deepEqual(
      [left, right].map(({ body }) => itemsOf(body).map(({ message }) => message)),
      [
        ['null', 'eins'],
        ['zwei', 'drei', 'vier'],
      ],
    );
    const picked = bulk.pick([1, 4, 3], new Set(['logs-b-x']));
    assert.deepEqual(itemsOf(new Part(picked, 0, 3).body), [
      { index: 'logs-b-x', id: undefined, message: 'eins' },
      { index: 'logs-a-x', id: id(4), message: 'vier' },
      { index: 'logs-b-x', id: undefined, message: 'drei' },
    ]);
    assert.equal(JSON.parse(picked.event(1).toString()).message, 'vier');
    assert.equal(picked.stream(1), 'logs-a-x');
  });
});

describe('a bulk answer', () => {
  it('that says 201 to all is known without being parsed, in any other writing too', () => {
    const text = '{"errors":false,"items":[{"create":{"status":201}},{"create":{"status":201}}]}';
    assert.equal(readAnswer(text, 2), 'created');
    const read = readAnswer(text.replaceAll(':', ': '), 2);
    assert.deepEqual(read === 'created' ? [] : read.map(fateOf), ['delivered', 'delivered']);
  });

  it('is none when it is cut, has too few items or other things in it', () => {
    const texts = [
      '',
      'null',
      '[]',
      '{}',
      '{"items":[]}',
      '{"items":[{"create":{"status":201}}]}',
      '{"items":[{"create":{}},{"create":{}}]}',
      '{"items":[null,1]}',
      '{"errors":false,"items":[{"create":{"status":201}},{"create":{"status":2',
    ];
    for (const text of texts) assert.throws(() => readAnswer(text, 2), RetryableError, text);
  });

  it('decides by status, and never by what an event has put into the reason', () => {
    const fate = (status: number, reason = ''): string =>
      fateOf({ status, type: 'x', reason, failureStore: false });
    const fates = [200, 201, 409, 429, 500, 503, 400, 413, 401, 403, 404, 405].map((status) => fate(status));
    assert.deepEqual(fates, [
      ...['delivered', 'delivered', 'conflict', 'again', 'again', 'again', 'rejected', 'rejected'],
      ...['wait', 'wait', 'wait', 'wait'],
    ]);
    assert.equal(fate(400, '[1:132] failed to parse: _id must be unset or set to [x] but'), 'without-id');
    assert.equal(
      fate(400, "failed to parse. Preview of field's value: '_id must be unset or set to ['"),
      'rejected',
    );
    assert.equal(fate(400, 'pipeline with id [x] does not exist'), 'wait');
    assert.equal(fate(400, "value 'pipeline with id [x] does not exist'"), 'rejected');
  });
});

describe('HTTPS_PROXY', () => {
  it('is for https, and not for what NO_PROXY names', () => {
    const env = { HTTPS_PROXY: 'http://proxy:3128', NO_PROXY: 'localhost, .inside.example' };
    assert.equal(proxyFor(['https://es.example:9200'], env), 'http://proxy:3128');
    assert.equal(proxyFor(undefined, env), 'http://proxy:3128');
    assert.equal(proxyFor(['http://es.example:9200'], env), undefined);
    assert.equal(proxyFor(['https://a.inside.example'], env), undefined);
    assert.equal(proxyFor(['https://notinside.example'], env), 'http://proxy:3128');
    assert.equal(proxyFor(['https://es.example'], { ...env, NO_PROXY: '*' }), undefined);
    assert.equal(proxyFor(['https://es.example'], {}), undefined);
    assert.equal(proxyFor(['https://es.example'], { https_proxy: '10.0.0.1:3128' }), 'http://10.0.0.1:3128');
  });
});

describe('settings of the elasticsearch output', () => {
  const check = (output: string): void => {
    parseConfig(
      `inputs: {log: {type: stdin, broker: mosquitto}}\noutputs: {search: {type: elasticsearch, ${output}}}\n`,
      'test',
      {},
      registry,
    );
  };

  it('say what is wrong, and what to write', () => {
    const wrong: [string, RegExp][] = [
      ['gzip: true', /write either "nodes" or "cloud_id"/],
      ['nodes: "https://a", cloud_id: "x:YS5iJGM="', /write either "nodes" or "cloud_id"/],
      ['nodes: "elastic:9200"', /"elastic:9200" is no address; write https:\/\/host:9200/],
      ['nodes: "https://me:secret@a"', /no user and password here; write "user" and "password_file"/],
      ['nodes: "https://a", user: me', /"user" and "password_file" go together/],
      ['nodes: "https://a", api_key_file: k, user: me, password_file: p', /either "api_key_file" or "user"/],
      ['nodes: "https://a", tls: {cert: c}', /tls\.cert: a client certificate is two files: write "key" too/],
      ['nodes: "https://a", tls: {fingerprint: abc}', /write 64 hexadecimal digits/],
      ['nodes: "https://a", flavour: auto', /did you mean "flavor"/],
      ['nodes: "https://a", password: x', /secrets come from files/],
    ];
    for (const [output, sentence] of wrong) assert.throws(() => check(output), sentence, output);
    check('nodes: "https://a:9200, https://b:9200", batch: {events: 100, bytes: 1MiB, delay: 1s}');
  });
});
