import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Logger } from '../../../../src/core/log.ts';
import { deadLetterFile, type Letter } from '../../../../src/state/letters.ts';
import type { OutputStatus } from '../../../../src/telemetry/status.ts';
import { BulkServer } from '../../../support/bulk-server.ts';
import { silentLog } from '../../../support/in-process.ts';
import { freePort } from '../../../support/mosquitto.ts';
import { type SearchSettings, searchOutput, startSearchProbe } from '../../../support/search-probe.ts';
import { tempDir } from '../../../support/temp.ts';
import { until } from '../../../support/wait.ts';

const LINES = 3000;
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `1700000000: line ${from + i}\n`).join('');
const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `line ${from + i}`);

/** Nothing is missing, nothing is there twice. */
function assertExactly(server: BulkServer, expected: readonly string[]): void {
  assert.deepEqual([...server.messages].sort(), [...expected].sort());
}

/** read = delivered + duplicates + filtered + dead + pending. */
function assertBalanced(output: OutputStatus): void {
  const { read, delivered, duplicates, filtered, dead, pending } = output;
  assert.equal(read, delivered + duplicates + filtered + dead + pending);
}

function lettersIn(directory: string): Letter[] {
  const file = deadLetterFile(path.join(directory, 'state'), 'search');
  if (!existsSync(file)) return [];
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** A probe that reads a log of `LINES` lines, and a server for it. */
async function stage(t: TestContext): Promise<{
  directory: string;
  file: string;
  server: BulkServer;
  start: (settings?: SearchSettings) => ReturnType<typeof startSearchProbe>;
}> {
  const directory = tempDir(t);
  const file = path.join(directory, 'a.log');
  writeFileSync(file, lines(0, LINES));
  const server = await BulkServer.start();
  const probes: (() => Promise<void>)[] = [];
  t.after(async () => {
    for (const stop of probes) await stop();
    await server.stop();
  });
  return {
    directory,
    file,
    server,
    start: async (settings) => {
      const started = await startSearchProbe(directory, file, server.url, settings);
      probes.push(started.stop);
      return started;
    },
  };
}

async function settled(balance: () => OutputStatus, read: number): Promise<void> {
  await until(
    () => balance().read >= read && balance().pending === 0,
    () => JSON.stringify(balance()),
  );
  assertBalanced(balance());
}

/** Lines and the event of the probe's start. */
const ALL = LINES + 1;

describe('elasticsearch output: what a request may meet', () => {
  it('201 for all: create with event.id, plain media types, every event once', async (t) => {
    const { server, start } = await stage(t);
    const { balance } = await start();
    await settled(balance, ALL);
    assertExactly(server, numbers(0, LINES));
    assert.deepEqual(
      [balance().delivered, balance().duplicates, balance().dead, balance().retries],
      [ALL, 0, 0, 0],
    );
    assert.equal(server.requests[0]?.headers['content-type'], 'application/x-ndjson');
    assert.equal(server.requests[0]?.headers.accept, 'application/json');
    assert.match(server.requests[0]?.query ?? '', /require_data_stream=true/);
    assert.ok(server.requests.every(({ items }) => items <= 500));
  });

  it('a mix of 201, 429, 503, 400 and 409: only what was refused for now travels again', async (t) => {
    const { directory, server, start } = await stage(t);
    const number = (message: string): number => Number(/^line (\d+)/.exec(message)?.[1] ?? -1);
    const came = new Map<string, number>();
    server.judge = ({ source }, times) => {
      came.set(source.message, times + 1);
      const n = number(source.message);
      if (n % 10 === 3 && times < 3) return { status: 429, type: 'es_rejected_execution_exception' };
      if (n % 10 === 5 && times < 1) return { status: 503, type: 'unavailable_shards_exception' };
      if (n % 100 === 7) return { status: 400, type: 'document_parsing_exception', reason: `bad ${n}` };
      if (n % 100 === 9) return { status: 409, type: 'version_conflict_engine_exception', reason: 'there' };
      return undefined;
    };
    const { balance } = await start();
    await settled(balance, ALL);
    const refused = (n: number): boolean => n % 100 === 7 || n % 100 === 9;
    assertExactly(
      server,
      numbers(0, LINES).filter((message) => !refused(number(message))),
    );
    for (const [message, times] of came) {
      const n = number(message);
      assert.equal(times, n % 10 === 3 ? 4 : n % 10 === 5 ? 2 : 1, message);
    }
    const letters = lettersIn(directory);
    assert.equal(balance().dead, LINES / 50);
    assert.deepEqual(
      letters.map((letter) => (letter.event as unknown as { message: string }).message).sort(),
      numbers(0, LINES)
        .filter((message) => refused(number(message)))
        .sort(),
    );
    assert.ok(letters.some(({ status, reason }) => status === 400 && reason === 'bad 7'));
    // A 409 for an event that was never sent before is another event with the same id.
    assert.equal(balance().collisions, LINES / 100);
    assert.equal(balance().duplicates, 0);
  });

  it('429 for the whole request: smaller ones after a growing pause', async (t) => {
    const { server, start } = await stage(t);
    server.react = (_, items) =>
      items.length > 100 ? { status: 429, body: '{"error":{"reason":"too much"}}' } : undefined;
    const problems = new Set<string>();
    const { balance } = await start();
    await until(
      () => {
        const { problem, pending, read } = balance();
        if (problem !== undefined) problems.add(problem);
        return read >= ALL && pending === 0;
      },
      () => JSON.stringify(balance()),
    );
    assertExactly(server, numbers(0, LINES));
    assert.equal(balance().delivered, ALL);
    assert.match([...problems].join(), /cannot take events now \(429, too much\)/);
    assert.equal(balance().problem, undefined);
  });

  it('503 with Retry-After, then well', async (t) => {
    const { server, start } = await stage(t);
    server.react = (number) => (number < 3 ? { status: 503, headers: { 'retry-after': '0' } } : undefined);
    const { balance } = await start();
    await settled(balance, ALL);
    assertExactly(server, numbers(0, LINES));
    assert.equal(balance().delivered, ALL);
  });

  it('413: halves, down to the one event that is too large by itself, and smaller requests from then on', async (t) => {
    const { directory, file, server, start } = await stage(t);
    server.maxBytes = 64 * 1024;
    appendFileSync(file, `1700000000: huge ${'x'.repeat(100_000)}\n`);
    const { balance } = await start();
    await settled(balance, ALL + 1);
    assertExactly(server, numbers(0, LINES));
    const [letter] = lettersIn(directory);
    assert.equal(balance().dead, 1);
    assert.equal(letter?.status, 413);
    assert.match(letter?.reason ?? '', /http\.max_content_length/);
  });

  it('413 for next to nothing: somebody has to act, and no event is to blame', async (t) => {
    const { server, start } = await stage(t);
    server.maxBytes = 100;
    const { balance } = await start();
    await until(
      () => /refuses events \(413.* raise http\.max_content_length/.test(balance().problem ?? ''),
      () => balance().problem ?? 'no problem',
    );
    assert.equal(balance().dead, 0);
    server.maxBytes = Number.POSITIVE_INFINITY;
    await settled(balance, ALL);
    assertExactly(server, numbers(0, LINES));
  });

  it('connections cut before and after the server has stored everything: nothing twice, 409 counts as duplicate', async (t) => {
    const { directory, server, start } = await stage(t);
    server.react = (number) => (['cut-before', 'cut-after', undefined] as const)[number % 3];
    const { balance } = await start();
    await settled(balance, ALL);
    assertExactly(server, numbers(0, LINES));
    assert.ok(balance().duplicates > 0);
    assert.equal(balance().delivered + balance().duplicates, ALL);
    assert.deepEqual(lettersIn(directory), []);
    assert.equal(balance().collisions, 0);
  });

  it('no answer in time: sent again, nothing twice', async (t) => {
    const { server, start } = await stage(t);
    server.react = (number) => (number < 2 ? 'silent' : undefined);
    const { balance } = await start({ cluster: { timeoutMs: 300 } });
    await settled(balance, ALL);
    assertExactly(server, numbers(0, LINES));
    assert.ok(balance().duplicates > 0);
  });

  it('answers that are none: broken JSON, too few items, HTML of a proxy, nothing at all', async (t) => {
    const { server, start } = await stage(t);
    const answers = [
      { status: 200, body: '{"errors":false,"items":[' },
      { status: 200, body: '{"errors":false,"items":[{"create":{"status":201}}]}' },
      { status: 200, body: '<html>Log in</html>', headers: { 'content-type': 'text/html' } },
      { status: 200, body: '' },
      { status: 302, body: '', headers: { location: '/login' } },
      { status: 404, body: '<html>', headers: { 'content-type': 'text/html' } },
    ];
    server.react = (number) => answers[number];
    const errors: string[] = [];
    const log: Logger = { ...silentLog, error: (_, message) => errors.push(message) };
    const { balance } = await start({ log, output: { concurrency: 1 } });
    await settled(balance, ALL);
    assertExactly(server, numbers(0, LINES));
    assert.match(
      errors.join('\n'),
      /something else than a search server would \(200, <html>Log in<\/html>\)/,
    );
  });

  it('another product header, or none, changes nothing', async (t) => {
    const { server, start } = await stage(t);
    server.flavor = 'opensearch';
    const { balance } = await start();
    await settled(balance, ALL);
    assertExactly(server, numbers(0, LINES));
    assert.doesNotMatch(server.requests[0]?.query ?? '', /require_data_stream/);
    assert.match(balance().place, /opensearch 3\.8\.0/);
  });
});

describe('elasticsearch output: what somebody has to act on', () => {
  const refusals = {
    401: /refuses events \(401, no\): write "api_key_file"/,
    403: /privilege monitor, and auto_configure and create_doc/,
    400: /does not take bulk requests of this form; nothing was dropped/,
    406: /does not take bulk requests of this form; nothing was dropped/,
    404: /check "nodes"/,
  };
  for (const [status, sentence] of Object.entries(refusals)) {
    it(`${status} for the request: waits, says so, drops nothing`, async (t) => {
      const { directory, server, start } = await stage(t);
      let refusing = true;
      server.react = () =>
        refusing ? { status: Number(status), body: '{"error":{"reason":"no"}}' } : undefined;
      const { probe, balance } = await start();
      await until(
        () => sentence.test(balance().problem ?? ''),
        () => balance().problem ?? 'no problem',
      );
      assert.equal(probe.status().ready, false);
      assertBalanced(balance());
      refusing = false;
      await settled(balance, ALL);
      assertExactly(server, numbers(0, LINES));
      assert.equal(probe.status().ready, true);
      assert.deepEqual(lettersIn(directory), []);
    });
  }

  it('404 and 403 for items: waits with a sentence, the rest of the request is not sent again', async (t) => {
    const { directory, server, start } = await stage(t);
    let refusing = true;
    server.judge = ({ source }) =>
      refusing && /^line \d*7$/.test(source.message)
        ? { status: 404, type: 'index_not_found_exception', reason: 'no such index' }
        : undefined;
    const { balance } = await start();
    await until(
      () => /404, index_not_found_exception: no such index.*brokertap setup/.test(balance().problem ?? ''),
      () => balance().problem ?? 'no problem',
    );
    refusing = false;
    await settled(balance, ALL);
    assertExactly(server, numbers(0, LINES));
    assert.equal(balance().delivered, ALL);
    assert.deepEqual(lettersIn(directory), []);
  });

  it('a pipeline that is missing refuses everything with 400: waits, no dead letters', async (t) => {
    const { directory, server, start } = await stage(t);
    let refusing = true;
    server.judge = () =>
      refusing
        ? { status: 400, type: 'illegal_argument_exception', reason: 'pipeline with id [x] does not exist' }
        : undefined;
    const { balance } = await start();
    await until(
      () => /pipeline with id \[x\]/.test(balance().problem ?? ''),
      () => balance().problem ?? 'no problem',
    );
    refusing = false;
    await settled(balance, ALL);
    assert.deepEqual(lettersIn(directory), []);
  });

  it('no template, a plain index: waits before anything is stored', async (t) => {
    const { server, start } = await stage(t);
    let there: 'nothing' | 'index' | 'template' = 'nothing';
    server.answer = (path) => {
      if (path.startsWith('/_resolve/')) {
        const indices = there === 'index' ? [{ name: 'x' }] : [];
        return { status: 200, body: JSON.stringify({ indices, aliases: [], data_streams: [] }) };
      }
      if (path !== '/_index_template') return undefined;
      const fitting = { index_patterns: ['logs-mqtt.*-*'], priority: 500, data_stream: {} };
      const outdone = { index_patterns: ['logs-*'], priority: 100 };
      const list = there === 'template' ? [outdone, fitting] : [outdone];
      const body = { index_templates: list.map((index_template) => ({ name: 'x', index_template })) };
      return { status: 200, body: JSON.stringify(body) };
    };
    // Nothing was sent while it waited: whose id is there already, that is another event.
    server.judge = ({ source }) => (source.message === 'line 7' ? { status: 409 } : undefined);
    const { balance } = await start();
    const sees = (problem: RegExp): Promise<void> =>
      until(
        () => problem.test(balance().problem ?? ''),
        () => balance().problem ?? 'no problem',
      );
    await sees(
      /no index template makes a data stream of .*logs-mqtt\.(broker|probe)-default.*: run "brokertap setup elastic/,
    );
    there = 'index';
    await sees(/is an index and no data stream/);
    assert.equal(server.stored.size, 0);
    there = 'template';
    await settled(balance, ALL);
    assertExactly(
      server,
      numbers(0, LINES).filter((text) => text !== 'line 7'),
    );
    assert.deepEqual([balance().dead, balance().collisions, balance().duplicates], [1, 1, 0]);
  });

  it('the wrong flavor, and something that is no search server', async (t) => {
    const { server } = await stage(t);
    const wrong = searchOutput(server.url, { output: { flavor: 'opensearch' } });
    await assert.rejects(
      wrong.check(AbortSignal.timeout(5000)),
      /is elasticsearch 9\.5\.3 and not opensearch/,
    );
    server.answer = () => ({ status: 200, body: '<html>hello</html>', type: 'text/html' });
    const other = searchOutput(server.url, {});
    await assert.rejects(other.check(AbortSignal.timeout(5000)), /something else than a search server/);
  });

  it('an answer without an end takes little memory, a connection that ends is told in the same words each time', async (t) => {
    const block = Buffer.alloc(2 ** 20, ' ');
    const server = createServer((request, response) => {
      if (ends) return void request.socket.destroy();
      const more = (): void => {
        while (response.write(block));
        response.once('drain', more);
      };
      more();
    });
    let ends = false;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => {
      server.closeAllConnections();
      server.close();
    });
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const output = searchOutput(url, {});
    t.after(() => output.close(100));
    const before = process.memoryUsage().rss;
    await assert.rejects(output.check(AbortSignal.timeout(10_000)), /its answer is too large/);
    assert.ok(process.memoryUsage().rss - before < 300 * 2 ** 20, 'less than all that a text can hold');
    ends = true;
    const message = `${url}: the other side closed the connection`;
    await assert.rejects(output.check(AbortSignal.timeout(10_000)), { message });
  });
});

describe('elasticsearch output: what is special', () => {
  it('a restart while answers are outstanding: nothing twice, duplicates and no collisions', async (t) => {
    const { directory, file, server, start } = await stage(t);
    // More than one read of the file is under way.
    appendFileSync(file, lines(LINES, 3 * LINES));
    server.react = () => 'silent';
    const batch = { events: 2 * LINES, bytes: 16 * 1024 * 1024, delayMs: 1000 };
    const first = await start({ cluster: { timeoutMs: 60_000 }, output: { batch } });
    await until(
      () => server.stored.size >= 2 * LINES,
      () => `${server.stored.size} stored`,
    );
    await first.stop();
    const before = server.messages.length;
    server.react = () => undefined;
    const { balance } = await start();
    await settled(balance, 3 * LINES);
    assertExactly(server, numbers(0, 3 * LINES));
    assert.equal(balance().duplicates, before);
    assert.deepEqual(lettersIn(directory), []);
  });

  it('the failure store is counted', async (t) => {
    const { server, start } = await stage(t);
    server.judge = ({ source }) =>
      /^line \d*00$/.test(source.message) ? { status: 201, failure_store: 'used' } : undefined;
    const { balance } = await start();
    await settled(balance, ALL);
    assert.equal(balance().failureStore, numbers(0, LINES).filter((message) => /00$/.test(message)).length);
    assert.equal(balance().delivered, ALL);
  });

  it('a time series gets no ids, everything else does', async (t) => {
    const { server, start } = await stage(t);
    server.judge = ({ id, index }) =>
      index === 'logs-mqtt.broker-default' && id !== undefined
        ? {
            status: 400,
            type: 'illegal_argument_exception',
            reason: '_id must be unset or set to [x] but was [y]',
          }
        : undefined;
    const { balance } = await start();
    await settled(balance, ALL);
    assert.deepEqual(server.withoutId.map(({ source }) => source.message).sort(), numbers(0, LINES).sort());
    assert.equal(server.stored.size, 1);
    assert.equal(balance().delivered, ALL);
  });

  it('gzip', async (t) => {
    const { server, start } = await stage(t);
    const { balance } = await start({ cluster: { gzip: true } });
    await settled(balance, ALL);
    assertExactly(server, numbers(0, LINES));
    assert.equal(server.requests[0]?.headers['content-encoding'], 'gzip');
  });

  it('of three nodes one dies and one was never there: the third takes over, and nothing is lost', async (t) => {
    const { file, server, start } = await stage(t);
    const other = await BulkServer.start();
    t.after(() => other.stop());
    const nodes = [server.url, `http://127.0.0.1:${await freePort()}`, other.url];
    const { balance } = await start({ cluster: { nodes } });
    await settled(balance, ALL);
    await other.stop();
    appendFileSync(file, lines(LINES, 2 * LINES));
    await settled(balance, ALL + LINES);
    const messages = [...server.messages, ...other.messages].sort();
    assert.deepEqual(messages, numbers(0, 2 * LINES).sort());
  });

  it('an API key that is replaced is used', async (t) => {
    const { directory, server, start } = await stage(t);
    const apiKeyFile = path.join(directory, 'key');
    writeFileSync(apiKeyFile, 'old\n');
    server.react = () => {
      const authorization = server.requests.at(-1)?.headers.authorization;
      return authorization === 'ApiKey bmV3' ? undefined : { status: 401, body: '{}' };
    };
    const { balance } = await start({ cluster: { apiKeyFile } });
    await until(
      () => (balance().problem ?? '').includes(`check the secret in ${apiKeyFile}`),
      () => balance().problem ?? 'no problem',
    );
    // While it is being replaced there may be no file of that name, or a link that leads nowhere.
    rmSync(apiKeyFile);
    symlinkSync(apiKeyFile, apiKeyFile);
    await until(
      () => (balance().problem ?? '').includes('cannot be read'),
      () => balance().problem ?? 'no problem',
    );
    rmSync(apiKeyFile);
    writeFileSync(apiKeyFile, 'bm\nV3\n');
    await until(
      () => (balance().problem ?? '').includes(`api_key_file ${apiKeyFile} holds no token`),
      () => balance().problem ?? 'no problem',
    );
    writeFileSync(apiKeyFile, 'bmV3\n');
    await settled(balance, ALL);
    assertExactly(server, numbers(0, LINES));
  });
});

describe('dead letters', () => {
  const poison = (server: BulkServer): void => {
    server.judge = ({ source }) =>
      /^line \d*50$/.test(source.message)
        ? {
            status: 400,
            type: 'document_parsing_exception',
            reason:
              "[1:117] failed to parse field [a.b] of type [ip] in document with id 'x'. Preview of field's value: 'secret'",
          }
        : undefined;
  };
  const DEAD = LINES / 100;

  it('are the owner’s alone, whole, reported once and without values', async (t) => {
    const { directory, server, start } = await stage(t);
    poison(server);
    const warnings: string[] = [];
    const log: Logger = {
      ...silentLog,
      warn: (fields, message) => warnings.push(`${message} ${JSON.stringify(fields)}`),
    };
    const { balance } = await start({ log });
    await settled(balance, ALL);
    await until(
      () => [...server.stored.values()].some(({ source }) => source.message.includes('has refused')),
      () => 'an event about it',
    );
    const file = deadLetterFile(path.join(directory, 'state'), 'search');
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(lettersIn(directory).length, DEAD);
    assert.equal(lettersIn(directory)[0]?.event.event.action, 'broker-log');
    const [report] = [...server.stored.values()].filter(({ source }) =>
      source.message.includes('has refused'),
    );
    const said = JSON.stringify(report?.source);
    assert.match(said, /"action":"event-rejected"/);
    assert.match(said, /failed to parse field \[a\.b\] of type \[ip\]/);
    assert.doesNotMatch(said + warnings.join(), /secret/);
    assert.equal(warnings.filter((line) => line.includes('has refused')).length, 1);
  });

  it('a rejected event of the probe makes no further event', async (t) => {
    const { directory, server, start } = await stage(t);
    server.judge = ({ index }) => (index.startsWith('logs-mqtt.probe-') ? { status: 400 } : undefined);
    const { balance, stop } = await start();
    await settled(balance, ALL);
    await stop();
    const letters = lettersIn(directory).map(({ event }) => event.event.action);
    assert.deepEqual([...new Set(letters)].sort(), ['probe-started', 'probe-stopped']);
  });

  it('survive a restart in the balance; a torn last line is cut', async (t) => {
    const { directory, file, server, start } = await stage(t);
    poison(server);
    const first = await start();
    await settled(first.balance, ALL);
    assert.equal(first.balance().dead, DEAD);
    await first.stop();
    const letters = deadLetterFile(path.join(directory, 'state'), 'search');
    const { size } = statSync(letters);
    truncateSync(letters, size - 10);
    appendFileSync(file, lines(LINES, LINES + 100));
    const { balance } = await start();
    await settled(balance, LINES + 100);
    assert.equal(balance().dead, DEAD + 1);
    assert.equal(lettersIn(directory).length, DEAD);
  });

  it('full: the output stops, is not ready and says what to do; goes on after a purge', async (t) => {
    const { directory, server, start } = await stage(t);
    poison(server);
    const { probe, balance } = await start({
      more: 'dead_letters: {size: 1KiB}',
      output: { batch: { events: 100, bytes: 1024 * 1024, delayMs: 20 }, concurrency: 1 },
    });
    await until(
      () => (balance().problem ?? '').includes('are full'),
      () => JSON.stringify(balance()),
    );
    assert.equal(probe.status().ready, false);
    assertBalanced(balance());
    const dead = new Set<string>();
    await until(
      async () => {
        for (const { event } of lettersIn(directory)) dead.add(event.event.id);
        if ((balance().problem ?? '').includes('are full')) await probe.act('/dead-letters/search/purge');
        return balance().read >= ALL && balance().pending === 0;
      },
      () => JSON.stringify(balance()),
      60_000,
    );
    for (const { event } of lettersIn(directory)) dead.add(event.event.id);
    assertBalanced(balance());
    assert.equal(balance().dead, DEAD);
    assert.equal(dead.size, DEAD);
    assertExactly(
      server,
      numbers(0, LINES).filter((message) => !/50$/.test(message)),
    );
  });

  it('replay: taken ones become delivered, the others stay; a second replay changes nothing', async (t) => {
    const { directory, server, start } = await stage(t);
    poison(server);
    const { probe, balance, stop } = await start();
    await settled(balance, ALL);
    server.judge = ({ source }) => (/^line \d*150$/.test(source.message) ? { status: 400 } : undefined);
    const still = numbers(0, LINES).filter((message) => /150$/.test(message)).length;
    const { delivered } = balance();
    assert.deepEqual(await probe.act('/dead-letters/search/replay'), { taken: DEAD - still, refused: still });
    await settled(balance, ALL);
    assert.equal(balance().dead, still);
    assert.ok(balance().delivered >= delivered + DEAD - still);
    assert.equal(lettersIn(directory).length, still);
    assertExactly(
      server,
      numbers(0, LINES).filter((message) => !/150$/.test(message)),
    );
    await stop();
    const again = await start();
    await settled(again.balance, LINES);
    assert.equal(again.balance().dead, still);
    server.judge = () => undefined;
    await again.probe.act('/dead-letters/search/replay');
    assert.equal(again.balance().dead, 0);
    assertExactly(server, numbers(0, LINES));
    assert.deepEqual(await again.probe.act('/dead-letters/search/replay'), { taken: 0, refused: 0 });
  });
});
