import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { Framing } from '../../../src/core/source.ts';
import { type Carried, carry, type Script } from '../../support/fuzz/carried.ts';
import { offsetOf, readingOf, sequenceOf } from '../../support/fuzz/events.ts';
import type { Writer } from '../../support/fuzz/logs.ts';

const NOW = 1_780_000_000_000;
const LIMIT = 1024 * 1024;
const ENTRY = '2026-11-21T19:17:42.123456+00:00 [error] crasher: initial call: x\n';

async function told(
  t: TestContext,
  writer: Writer,
  framing: Framing,
  bytes: Buffer,
  script: Partial<Script> = {},
  limit = LIMIT,
  from?: Parameters<typeof carry>[5],
): Promise<Carried> {
  t.mock.timers.reset();
  t.mock.timers.enable({ apis: ['setTimeout'] });
  t.mock.method(Date, 'now', () => NOW);
  const all: Script = { steps: [], fates: [], checkpoints: [true], ...script };
  return carry(t, bytes, framing, await readingOf(writer, limit), all, from);
}

const originals = ({ events }: Carried): string[] => events.map((event) => JSON.parse(event).event.original);
const docker = (log: string): string =>
  `${JSON.stringify({ log, stream: 'stdout', time: '2026-11-21T19:17:42Z' })}\n`;

describe('reader', () => {
  it('an unfinished record at the end of a file is read whole, however long it is', async (t) => {
    const line = `1700000000: ${'x'.repeat(200_000)}`;
    assert.deepEqual(originals(await told(t, 'mosquitto', 'lines', Buffer.from(line))), [line]);
    const entry = ENTRY + '    more\n'.repeat(20_000);
    assert.deepEqual(originals(await told(t, 'emqxText', 'lines', Buffer.from(entry))), [entry.slice(0, -1)]);
    const parts =
      docker('1700000000: x') +
      docker('x'.repeat(50)).repeat(2000) +
      docker('y'.repeat(100_000)).slice(0, -9);
    const [whole = '', rest = ''] = originals(await told(t, 'mosquitto', 'docker', Buffer.from(parts)));
    assert.equal(whole.length, 13 + 50 * 2000);
    assert.ok(rest.includes('y'.repeat(100_000)), 'the part that nothing ended');
  });

  it('an entry that does not fit is cut between two lines, and what follows it is whole', async (t) => {
    const next = `2026-11-21T19:17:43.123456+00:00 [error] crasher: initial call: ${'z'.repeat(250_000)}`;
    const long = ENTRY + `    ${'m'.repeat(95)}\n`.repeat(11_200);
    for (const filler of [0, 40_000, 80_000, 150_000, 240_000]) {
      const log = `${long}    ${'f'.repeat(filler)}\n${next}\n`;
      const [head = '', behind] = originals(await told(t, 'emqxText', 'lines', Buffer.from(log)));
      assert.ok(log.startsWith(head) && head.length === LIMIT);
      assert.equal(behind, next);
    }
  });

  it('an entry of a container that does not fit: no part of it is taken for a line', async (t) => {
    const log = ENTRY + `    ${'m'.repeat(95)}\n`.repeat(5000);
    const bytes = Buffer.from(
      log
        .slice(0, -1)
        .split('\n')
        .map((line) => docker(`${line}\n`))
        .join('') + docker(ENTRY),
    );
    const found = originals(await told(t, 'emqxText', 'docker', bytes, {}, 10_000));
    assert.deepEqual(found, [log.slice(0, 10_000), ENTRY.slice(0, -1)]);
  });

  it('a record of a container ends in the same place where too much stands between its parts, however it is read', async (t) => {
    const long = `1700000000: ${'a'.repeat(66_000)}\n`;
    const parts = docker('1700000001: one') + long + docker(' more') + docker(' and more\n');
    const bytes = Buffer.from(long + parts + docker('1700000002: last\n'));
    const atOnce = await told(t, 'mosquitto', 'docker', bytes, {}, 10);
    const steps = [{ grow: long.length }, { grow: 66_050 }];
    const later = await told(t, 'mosquitto', 'docker', bytes, { steps }, 10);
    assert.deepEqual(later.events, atOnce.events);
  });

  it('an entry longer than a read, whole before the next line comes, is settled with its own bytes', async (t) => {
    const lines = [ENTRY.slice(0, -1), ...Array.from({ length: 2000 }, () => `    ${'m'.repeat(95)}`)];
    const entry = lines.map((line) => docker(`${line}\n`)).join('');
    const bytes = Buffer.from(entry + docker(ENTRY) + docker(ENTRY));
    const steps = [{ grow: entry.length }, { grow: docker(ENTRY).length }];
    const { events, cursors } = await told(t, 'emqxText', 'docker', bytes, { steps });
    assert.deepEqual(events.map(sequenceOf), [0, 1, 2]);
    for (const cursor of cursors) {
      const again = await told(t, 'emqxText', 'docker', bytes, {}, LIMIT, cursor);
      const rest = events.filter((event) => offsetOf(event) >= cursor.offset);
      assert.deepEqual(again.events.map(sequenceOf), rest.map(sequenceOf), `from ${cursor.offset}`);
    }
  });

  it('a file that cannot be read for a while, at whatever read: all is told, and no buffer is lost', async (t) => {
    const long = `1700000001: ${'a'.repeat(70_000)}`;
    const more = '    more\n'.repeat(10_000);
    for (const [writer, framing, text] of [
      ['mosquitto', 'lines', `${long}\n1700000002: last\n`],
      [
        'emqxText',
        'docker',
        (ENTRY + more + ENTRY)
          .split('\n')
          .slice(0, -1)
          .map((l) => docker(`${l}\n`))
          .join(''),
      ],
    ] as const) {
      const bytes = Buffer.from(text);
      const limit = writer === 'mosquitto' ? 100 : LIMIT;
      const whole = await told(t, writer, framing, bytes, {}, limit);
      for (let at = 0; at < 40; at++) {
        const script = { unreadable: [at, at + 2, at + 5], buffers: 1 };
        const found = await told(t, writer, framing, bytes, script, limit);
        assert.deepEqual(found.events, whole.events, `reads ${at}`);
      }
    }
  });

  it('an entry that quiet has ended is the same after the output has failed, with another line in hand', async (t) => {
    const text = `${ENTRY}    more\n`;
    const bytes = Buffer.from(`${text}    late\n${ENTRY}`);
    for (const fate of ['lost', 'fails'] as const) {
      const steps = [{ grow: text.length + 3 }, 'quiet'] as const;
      const found = await told(t, 'emqxText', 'lines', bytes, { steps, fates: [fate], buffers: 1 });
      assert.deepEqual(originals(found), [text.slice(0, -1), '    late', ENTRY.slice(0, -1)], fate);
    }
  });

  it('events are numbered alike after a restart whose checkpoint lies before an entry that quiet has ended', async (t) => {
    const bytes = Buffer.from(`${ENTRY}    late\n${ENTRY}${ENTRY}`);
    const steps = [{ grow: ENTRY.length }, 'quiet', { grow: 2 * ENTRY.length }] as const;
    const { events, cursors } = await told(t, 'emqxText', 'lines', bytes, { steps, checkpoints: [false] });
    assert.deepEqual(events.map(sequenceOf), [0, 1, 2, 3]);
    for (const cursor of cursors.filter(({ offset }) => offset < bytes.length)) {
      const again = await told(t, 'emqxText', 'lines', bytes, {}, LIMIT, cursor);
      assert.deepEqual(again.events, events.slice(-again.events.length), `from ${cursor.offset}`);
    }
  });
});
