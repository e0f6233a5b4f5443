import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Capture, fileInput, startProbe } from '../../../support/in-process.ts';
import type { ReceivedEvent } from '../../../support/receiver.ts';
import { tempDir } from '../../../support/temp.ts';
import { until } from '../../../support/wait.ts';

const LONG = 'x'.repeat(3000);
const docker = (log: string, n: number): string =>
  `${JSON.stringify({ log, stream: 'stdout', time: new Date(1_700_000_000_000 + n).toISOString() })}\n`;

/** Logs in which something is not simple. */
const LOGS: Readonly<
  Record<string, { readonly broker: string; readonly last: string; readonly bytes: Buffer }>
> = {
  'plain lines': {
    broker: 'mosquitto',
    last: 'Client ann disconnected.',
    bytes: Buffer.concat([
      Buffer.from('\ufeff1700000000: mosquitto version 2.0.18 starting\r\n\n1700000000: one\n'),
      Buffer.from([...Buffer.from('1700000000: bad '), 0xff, 0xfe, 0x0a]),
      Buffer.from(`1700000001: ${LONG}\n${'1700000001: '}${LONG.repeat(100)}\n1700000002: end\n`),
      Buffer.from('1700000003: New connection from 203.0.113.7:4000 on port 1883.\n'),
      Buffer.from("1700000003: New client connected from 203.0.113.7:4000 as ann (p2, c1, k60, u'u').\n"),
      Buffer.from(
        '1700000003: Received SUBSCRIBE from ann\n1700000003: \ta/b (QoS 1)\n1700000003: ann 1 a/b\n',
      ),
      Buffer.from('1700000009: Client ann disconnected.\n'),
    ]),
  },
  'records in parts': {
    broker: 'mosquitto',
    last: 'two',
    bytes: Buffer.from(
      [
        docker('1700000000: one\n', 0),
        ...Array.from({ length: 40 }, (_, n) => docker(n === 0 ? `1700000000: ${LONG}` : LONG, n)),
        docker('end\n', 50),
        docker('1700000001: two\n', 51),
      ].join(''),
    ),
  },
  syslog: {
    broker: 'mosquitto',
    last: 'no header',
    bytes: Buffer.from(
      '<30>Nov 14 22:13:20 host-a mosquitto[77]: 1700000000: one\n<30>Nov 14 22:13:20 host-a cron[1]: other\n' +
        '<27>Nov 14 22:13:21 host-b mosquitto[77]: 1700000001: two\nno header\n',
    ),
  },
  'entries of many lines': {
    broker: 'emqx',
    last: 'last\n  of all',
    bytes: Buffer.from(
      `2024-05-01T10:00:00.000000+00:00 [error] one, line\n  second\n  third\n2024-05-01T10:00:01.000000+00:00 [error] ${LONG}\n${`  ${LONG}\n`.repeat(40)}` +
        '2024-05-01T10:00:02.000000+00:00 [warning] last\n  of all\n',
    ),
  },
};

/** What an event says, without what no two probes share. */
function facts(event: ReceivedEvent): unknown {
  const { agent: _, event: own, log, '@timestamp': time, ...all } = event;
  const rest = own.action === 'line-unparsed' ? all : { ...all, time };
  const { created: __, ...named } = own as unknown as Record<string, unknown>;
  const { file: ___, ...where } = log ?? {};
  return { ...rest, log: where, event: { ...named, id: own.id.slice(24) } };
}

const fromFile = (capture: Capture): ReceivedEvent[] =>
  capture.events.filter((e) => e.log?.offset !== undefined || e.event.action === 'line-unparsed');

describe('a file input that goes through the spool', () => {
  for (const [name, { broker, last, bytes }] of Object.entries(LOGS)) {
    it(`${name}: every event is what it is without the spool`, async (t) => {
      const all = [];
      for (const spool of [false, true]) {
        const directory = tempDir(t);
        const file = path.join(directory, 'a.log');
        writeFileSync(file, bytes);
        const more = `timezone: UTC, limit: 100KiB, spool: ${spool}`;
        const { capture, probe, stop } = await startProbe(
          t,
          directory,
          `host: h\ninputs: {log: {type: file, broker: ${broker}, paths: "${file}", ${more}}}`,
        );
        await until(
          () => fromFile(capture).at(-1)?.message === last,
          () => `${fromFile(capture).at(-1)?.message}; ${JSON.stringify(probe.status().inputs)}`,
        );
        assert.ok(fromFile(capture).every((e) => e.log?.file?.path === file));
        const { records, empty, foreign, unparsed } = probe.status().inputs[0] ?? {};
        all.push({ counts: { records, empty, foreign, unparsed }, events: fromFile(capture).map(facts) });
        await stop();
      }
      assert.deepEqual(all[1], all[0]);
    });
  }

  it('the position moves when the spool has the lines: files that are then deleted arrive, under their ids', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'a.log');
    const capture = new Capture();
    capture.stalled = true;
    const config = `spool: {size: 64MiB}\n${fileInput(file, ', spool: true')}`;
    const first = await startProbe(t, directory, config, capture);
    const ids: string[] = [];
    for (let n = 0; n < 5; n++) {
      writeFileSync(file, lines(n * 100, 100));
      const written = lines(0, n * 100 + 100).length;
      await until(
        () => takenBytes(directory, file) === written,
        () => `${takenBytes(directory, file)} of ${written}`,
      );
      ids.push(...sourceIds(directory).filter((id) => !ids.includes(id)));
      if (n % 2 === 0) {
        renameSync(file, `${file}.1`);
        rmSync(`${file}.1`);
      } else {
        rmSync(file);
      }
    }
    assert.equal(capture.messages.length, 0);
    capture.fail(true);
    await first.stop();
    // The input reads files directly again: what the spool has comes all the same.
    const second = await startProbe(t, directory, fileInput(file));
    await until(
      () => second.capture.messages.length >= 500,
      () => `${second.capture.messages.length}`,
    );
    assert.deepEqual(second.capture.messages, numbers(0, 500));
    const events = fromFile(second.capture);
    assert.deepEqual(
      events.map((e) => e.event.id),
      numbers(0, 500).map(
        (_, i) => `${ids[Math.floor(i / 100)]}${hex12(lines(i - (i % 100), i % 100).length)}0000`,
      ),
    );
    assert.ok(events.every((e) => e.log?.file?.path === file));
    await second.stop();
    assert.equal(streams(directory).length, 1);
    // Read to its end, and its file is gone.
    const third = await startProbe(t, directory, fileInput(file));
    assert.equal(third.capture.messages.length, 0);
    assert.equal(streams(directory).length, 0);
  });

  it('when_full of an input: what is dropped of one is told to the record, the other waits and loses nothing', async (t) => {
    const directory = tempDir(t);
    const [loose, tight] = [path.join(directory, 'loose.log'), path.join(directory, 'tight.log')];
    const capture = new Capture();
    capture.stalled = true;
    const input = (file: string, whenFull: string): string =>
      `{type: file, broker: mosquitto, paths: "${file}", spool: true, when_full: ${whenFull}}`;
    const { probe } = await startProbe(
      t,
      directory,
      `spool: {size: 1MiB}\ninputs: {loose: ${input(loose, 'drop_oldest')}, tight: ${input(tight, 'block')}}`,
      capture,
    );
    writeFileSync(loose, lines(0, 20_000));
    await until(
      () => takenBytes(directory, loose) === lines(0, 20_000).length,
      () => JSON.stringify(probe.status()),
    );
    writeFileSync(tight, lines(0, 20_000));
    await until(
      () => probe.status().problems.some((problem) => problem.includes('input tight is held')),
      () => JSON.stringify(probe.status()),
    );
    capture.go();
    const of = (file: string): ReceivedEvent[] =>
      fromFile(capture).filter((e) => e.log?.file?.path === file && e.event.action !== 'input-gap');
    await until(
      () => of(tight).length === 20_000 && of(loose).at(-1)?.message === 'line 19999',
      () => `${of(tight).length}, ${of(loose).at(-1)?.message}`,
    );
    assert.deepEqual(
      of(tight).map((e) => e.message),
      numbers(0, 20_000),
    );
    const dropped = capture
      .actions('input-gap')
      .map((e) => (e.mqtt as { drop: { count: number } }).drop.count);
    const missing = 20_000 - of(loose).length;
    assert.ok(missing > 0);
    assert.equal(
      dropped.reduce((a, b) => a + b, 0),
      missing,
    );
    assert.ok(capture.actions('input-gap').every((e) => e.event.reason === 'queue_full'));
    await until(
      () => probe.status().outputs[0]?.pending === 0,
      () => JSON.stringify(probe.status().outputs),
    );
    const [output] = probe.status().outputs;
    assert.equal(output?.dropped, missing);
    assert.equal(output?.read, (output?.delivered ?? 0) + missing);
  });
});

const numbers = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, i) => `line ${from + i}`);
const lines = (from: number, count: number): string =>
  numbers(from, count)
    .map((text) => `1700000000: ${text}\n`)
    .join('');
const hex12 = (offset: number): string => offset.toString(16).padStart(12, '0');

interface Saved {
  readonly sources: Record<string, { path: string; cursors: Record<string, { offset: number }> }>;
}

function saved(directory: string): Saved {
  const file = path.join(directory, 'state', 'positions.json');
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : { sources: {} };
}

/** Bytes of all files that were at a place, or were renamed from there, as far as they are taken. */
function takenBytes(directory: string, place: string): number {
  const sources = Object.values(saved(directory).sources).filter((source) => source.path.startsWith(place));
  return sources.reduce((sum, { cursors }) => sum + (cursors.capture?.offset ?? 0), 0);
}

/** In the order in which they were found. */
function sourceIds(directory: string): string[] {
  return Object.keys(saved(directory).sources);
}

function streams(directory: string): string[] {
  return readdirSync(path.join(directory, 'state', 'spool'));
}
