import assert from 'node:assert/strict';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { cli } from '../../support/cli.ts';
import { Capture, startProbe } from '../../support/in-process.ts';
import type { ReceivedEvent } from '../../support/receiver.ts';
import { tempDir } from '../../support/temp.ts';
import { until } from '../../support/wait.ts';

const GOLDEN = new URL('../../golden/emqx/', import.meta.url);
const CRASHES = readFileSync(new URL('emqx58-multiline.log', GOLDEN), 'utf8');
/** Bytes at which its entries begin. */
const BEGINS = [0, ...[...CRASHES.matchAll(/\n(?=2025-)/g)].map(({ index }) => index + 1)];
const STAMP = '2025-05-14T06:41:21.243321+00:00';

interface Scene {
  readonly directory: string;
  readonly file: string;
  readonly input: string;
}

function scene(t: TestContext): Scene {
  const directory = tempDir(t);
  const file = path.join(directory, 'emqx.log.1');
  return { directory, file, input: `inputs: {log: {type: file, broker: emqx, paths: "${file}"}}` };
}

function entries(capture: Capture): ReceivedEvent[] {
  return capture.events.filter(({ log, event }) => log?.offset !== undefined && event.action !== 'input-gap');
}

async function arrive(capture: Capture, count: number): Promise<ReceivedEvent[]> {
  await until(
    () => entries(capture).length >= count,
    () => `${entries(capture).length} of ${count} entries`,
  );
  return entries(capture);
}

/** Lines as a container runtime writes them, in parts of 16 KiB. */
const RUNTIMES: Readonly<Record<string, (line: string) => string>> = {
  docker: (line) =>
    partsOf(`${line}\n`)
      .map((log) => `${JSON.stringify({ log, stream: 'stdout', time: '2025-05-14T06:41:22Z' })}\n`)
      .join(''),
  cri: (line) =>
    partsOf(line)
      .map((part, i, { length }) => `2025-05-14T06:41:22Z stdout ${i + 1 < length ? 'P' : 'F'} ${part}\n`)
      .join(''),
};

function partsOf(text: string): string[] {
  return text.match(/.{1,16384}/gs) ?? [''];
}

/** Entries around two that are above the limit: one of a long line, one of many lines. */
const LONG_LINE = `${STAMP} [error] msg: long, value: ${'é'.repeat(800_000)}`;
const MANY_LINES = `${STAMP} [error]   crasher:\n${`    {${'x'.repeat(98)}},\n`.repeat(20_000)}    end`;
const LONG_ENTRIES = [`${STAMP} [error] msg: before`, LONG_LINE, MANY_LINES, `${STAMP} [error] msg: behind`];

/** Whether a text is above the limit, and its length then. */
const told = (length: number): object => (length > 1024 * 1024 ? { truncated: true, length } : {});
const LONG_TOLD = LONG_ENTRIES.map((text) => told(Buffer.byteLength(text)));

function lengthsOf(events: readonly ReceivedEvent[]): object[] {
  return events.map(({ mqtt = {} }) => {
    const { truncated, log } = mqtt as { truncated?: boolean; log?: { length?: number } };
    return {
      ...(truncated === true && { truncated }),
      ...(log?.length !== undefined && { length: log.length }),
    };
  });
}

for (const [name, frame] of Object.entries(RUNTIMES)) {
  describe(`EMQX in ${name}: entries above the limit are one event with their true length`, () => {
    const framed = LONG_ENTRIES.map((entry) => entry.split('\n').map(frame).join(''));
    const starts = framed.map((_, i) => Buffer.byteLength(framed.slice(0, i).join('')));

    for (const [way, more] of [
      ['read directly', ''],
      ['through the spool', ', spool: true'],
    ] as const) {
      it(`file, ${way}, with restarts in the midst of one`, async (t) => {
        const { directory, file } = scene(t);
        const input = `inputs: {log: {type: file, broker: emqx, paths: "${file}"${more}}}`;
        const bytes = Buffer.from(framed.join(''));
        const capture = new Capture();
        const [, long = 0] = starts;
        let written = 0;
        writeFileSync(file, '');
        for (const to of [long + 300_000, long + 1_300_003]) {
          const { stop } = await startProbe(t, directory, input, capture);
          appendFileSync(file, bytes.subarray(written, to));
          written = to;
          await arrive(capture, 1);
          await stop();
        }
        await startProbe(t, directory, input, capture);
        appendFileSync(file, bytes.subarray(written));
        const events = await arrive(capture, LONG_ENTRIES.length);
        assert.deepEqual(
          events.map(({ log }) => log?.offset),
          starts,
        );
        assert.deepEqual(lengthsOf(events), LONG_TOLD);
      });
    }

    it('file: one that nothing follows does not wait for ever; what follows it later is an entry of its own', async (t) => {
      const { directory, file, input } = scene(t);
      writeFileSync(file, framed.slice(0, 3).join(''));
      const { capture } = await startProbe(t, directory, input);
      await arrive(capture, 3);
      appendFileSync(file, `${frame('    late')}${framed[3]}`);
      assert.deepEqual(lengthsOf(await arrive(capture, 4)), LONG_TOLD);
    });

    it('stdin, and parse', async (t) => {
      const { directory, file } = scene(t);
      const out = path.join(directory, 'out');
      const config = path.join(directory, 'b.yaml');
      writeFileSync(file, framed.join(''));
      writeFileSync(
        config,
        `state: ${directory}/s\ntelemetry: {listen: "off"}\ninputs: {in: {type: stdin, broker: emqx}}\noutputs: {o: {type: file, path: ${out}}}\n`,
      );
      const run = await cli(['run', '-c', config], { input: readFileSync(file) });
      assert.equal(run.code, 0, run.stderr);
      const parsed = await cli(['parse', '--broker', 'emqx', file]);
      for (const text of [readFileSync(out, 'utf8'), parsed.stdout]) {
        const events: ReceivedEvent[] = text
          .split('\n')
          .slice(0, -1)
          .map((line) => JSON.parse(line))
          .filter(({ event }) => event.dataset !== 'mqtt.probe');
        assert.deepEqual(lengthsOf(events), LONG_TOLD);
      }
    });
  });
}

describe('EMQX log files', () => {
  it('entries of many lines: one event each, at their first byte; the last does not wait for ever', async (t) => {
    const { directory, file, input } = scene(t);
    writeFileSync(file, CRASHES);
    const { capture } = await startProbe(t, directory, input);
    const events = await arrive(capture, BEGINS.length);
    assert.deepEqual(
      events.map(({ log }) => log?.offset),
      BEGINS,
    );
    assert.ok(events[1]?.message.endsWith('neighbours:'));
  });

  it('the same events with the same ids, in whatever pieces the file grows and the probe is restarted', async (t) => {
    const { directory, file, input } = scene(t);
    const ids = new Set<string>();
    const told = new Map<string, string>();
    writeFileSync(file, '');
    // The broker writes an entry at once, but a reader may come in between.
    const cuts = BEGINS.flatMap((at, i) => [at + 30, (BEGINS[i + 1] ?? CRASHES.length) - 3]);
    let at = 0;
    for (const cut of [...cuts, CRASHES.length]) {
      const { capture, stop } = await startProbe(t, directory, input);
      appendFileSync(file, CRASHES.slice(at, cut));
      at = cut;
      const whole = BEGINS.filter((begin) => begin > 0 && begin <= cut - 30).length;
      await until(
        () => new Set([...ids, ...entries(capture).map(({ event }) => event.id)]).size >= whole,
        () => `${ids.size} ids, ${whole} whole entries`,
      );
      await stop();
      for (const { event, message } of entries(capture)) {
        ids.add(event.id);
        told.set(event.id, message);
      }
    }
    const { capture } = await startProbe(t, directory, input);
    await until(
      () => new Set([...ids, ...entries(capture).map(({ event }) => event.id)]).size >= BEGINS.length,
      () => 'the last entry',
    );
    for (const { event, message } of entries(capture)) told.set(event.id, message);
    const offsets = [...told.keys()].map((id) => Number.parseInt(id.slice(24, 36), 16)).sort((a, b) => a - b);
    assert.deepEqual(offsets, BEGINS);
  });

  it('what comes late to an entry that was told is an entry of its own, also when both are read again', async (t) => {
    const { directory, file, input } = scene(t);
    writeFileSync(file, `${STAMP} [error] one\n`);
    const held = new Capture();
    held.stalled = true;
    const { probe } = await startProbe(t, directory, input, held);
    await until(
      () => probe.status().outputs[0]?.pending === 2,
      () => 'the start of the probe and the entry are on their way',
    );
    appendFileSync(file, `  late\n${STAMP} [error] two\n`);
    held.fail(true);
    held.go();
    await until(
      () => (probe.status().outputs[0]?.retries ?? 0) > 0,
      () => 'the output fails',
    );
    held.fail(false);
    const events = await arrive(held, 3);
    assert.deepEqual(
      events.map(({ message }) => message),
      ['one', 'late', 'two'],
    );
  });

  it('what comes late to an entry that was delivered before a restart', async (t) => {
    const { directory, file, input } = scene(t);
    writeFileSync(file, `${STAMP} [error] zero\n${STAMP} [error] one\n`);
    const first = await startProbe(t, directory, input);
    await arrive(first.capture, 2);
    await first.stop();
    appendFileSync(file, `  late\n${STAMP} [error] two\n`);
    // As after a stop long before the next checkpoint: reading starts at the beginning of the file.
    const positions = path.join(directory, 'state', 'positions.json');
    const saved = JSON.parse(readFileSync(positions, 'utf8'));
    for (const source of Object.values<{ cursors: Record<string, { checkpoint: object }> }>(saved.sources))
      for (const cursor of Object.values(source.cursors)) cursor.checkpoint = { offset: 0, sequence: 0 };
    writeFileSync(positions, JSON.stringify(saved));
    const { capture } = await startProbe(t, directory, input);
    const events = await arrive(capture, 2);
    assert.deepEqual(
      events.map(({ message }) => message),
      ['late', 'two'],
    );
  });

  it('an entry of 3 MB is cut at the limit, and nothing of its rest is an event', async (t) => {
    const { directory, file, input } = scene(t);
    const long = `${STAMP} [error]   crasher:\n${'    messages: xxxxxxxxxxxxxxxxxxxxxxxxxxxx\n'.repeat(75_000)}`;
    writeFileSync(file, `${STAMP} [error] one\n${long}${STAMP} [error] two\n`);
    const { capture } = await startProbe(t, directory, input);
    const events = await arrive(capture, 3);
    assert.deepEqual(
      events.map(({ message }) => message.slice(0, 8)),
      ['one', 'crasher:', 'two'],
    );
    assert.equal(events[1]?.mqtt?.truncated, true);
    assert.ok((events[1]?.message.length ?? 0) <= 1024 * 1024);
  });

  it('a ring of files: each is read, the binary files beside them never', async (t) => {
    const { directory } = scene(t);
    for (const n of [1, 2])
      writeFileSync(path.join(directory, `emqx.log.${n}`), `${STAMP} [error] in ${n}\n`);
    for (const name of ['idx', 'siz'])
      writeFileSync(path.join(directory, `emqx.log.${name}`), Buffer.from([0, 0, 0, 0, 0, 2, 10, 10]));
    const { capture, probe } = await startProbe(
      t,
      directory,
      `inputs: {log: {type: file, broker: emqx, paths: "${directory}/emqx.log.*"}}`,
    );
    const events = await arrive(capture, 2);
    assert.deepEqual(events.map(({ message }) => message).sort(), ['in 1', 'in 2']);
    assert.equal(probe.status().inputs[0]?.sources, 2);
  });

  it('a ring: a file that is truncated in place and written anew is another generation', async (t) => {
    const { directory, file, input } = scene(t);
    writeFileSync(file, `${STAMP} [error] old one\n${STAMP} [error] old two\n`);
    const { capture } = await startProbe(t, directory, input);
    await arrive(capture, 2);
    writeFileSync(file, `${STAMP} [error] new\n`);
    const events = await arrive(capture, 3);
    assert.deepEqual(
      events.map(({ message }) => message),
      ['old one', 'old two', 'new'],
    );
    assert.equal(capture.actions('input-gap').length, 0);
  });

  it('cut and doubled JSON lines, with the next line whole', async (t) => {
    const { directory, file, input } = scene(t);
    const line = '{"time":1747204840137021,"level":"warning","msg":"authentication_failure","clientid":"a"}';
    writeFileSync(file, `${line.slice(0, -20)}\n${line}${line}\n${line}\n`);
    const { capture } = await startProbe(t, directory, input);
    const events = await arrive(capture, 3);
    assert.deepEqual(
      events.map(({ event }) => event.action),
      ['line-unparsed', 'line-unparsed', 'client-authentication-failed'],
    );
  });

  it('from standard input, and by `parse`', async (t) => {
    const { directory } = scene(t);
    const out = path.join(directory, 'out.ndjson');
    const config = path.join(directory, 'c.yaml');
    writeFileSync(
      config,
      `state: ${directory}/s\ntelemetry: {listen: "off"}\ninputs: {in: {type: stdin, broker: emqx}}\noutputs: {o: {type: file, path: ${out}}}\n`,
    );
    const ran = await cli(['run', '-c', config], { input: CRASHES });
    assert.equal(ran.code, 0, ran.stderr);
    const parsed = await cli([
      'parse',
      '--broker',
      'emqx',
      fileURLToPath(new URL('emqx58-multiline.log', GOLDEN)),
    ]);
    const texts = (lines: string): string[] =>
      lines
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line))
        .filter(({ event }) => event.provider === 'emqx-log')
        .map(({ message }) => message);
    assert.equal(texts(parsed.stdout).length, BEGINS.length);
    assert.deepEqual(texts(readFileSync(out, 'utf8')), texts(parsed.stdout));
  });

  it('from standard input: an entry above the limit is cut between two lines, and what follows it is whole', async (t) => {
    const { directory } = scene(t);
    const out = path.join(directory, 'out.ndjson');
    const config = path.join(directory, 'c.yaml');
    writeFileSync(
      config,
      `state: ${directory}/s\ntelemetry: {listen: "off"}\ninputs: {in: {type: stdin, broker: emqx, limit: 10000}}\noutputs: {o: {type: file, path: ${out}}}\n`,
    );
    const head = `${STAMP} [error] crasher: initial call: x\n`;
    // A read of a pipe has 64 KiB: it ends in the second entry.
    const long = head + `    ${'m'.repeat(95)}\n`.repeat(625);
    const next = `${STAMP} [error] crasher: initial call: ${'z'.repeat(9000)}`;
    const ran = await cli(['run', '-c', config], { input: `${long}${next}\n${head}` });
    assert.equal(ran.code, 0, ran.stderr);
    const lengths = readFileSync(out, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
      .filter(({ event }) => event.provider === 'emqx-log')
      .map(({ message, mqtt }) => [message.length, mqtt?.log?.length]);
    const stamped = STAMP.length + ' [error] '.length;
    assert.deepEqual(lengths, [
      [10_000 - stamped, long.length - 1],
      [next.length - stamped, undefined],
      [head.length - 1 - stamped, undefined],
    ]);
  });

  it('captured messages: events for clients, alarms and subscriptions, one for the numbers of the interval', async () => {
    const file = fileURLToPath(new URL('emqx62-sys.jsonl', GOLDEN));
    const { stdout } = await cli(['parse', '--broker', 'emqx', '--messages', file]);
    const codes = stdout
      .split('\n')
      .slice(0, -1)
      .map((line): string => JSON.parse(line).event.code);
    assert.equal(codes.length, 15);
    assert.ok(codes.every((code) => code.startsWith('sys.')));
    assert.deepEqual(
      codes.filter((code) => code === 'sys.metrics'),
      codes.slice(-1),
    );
  });
});
