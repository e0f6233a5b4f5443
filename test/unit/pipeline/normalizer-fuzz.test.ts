import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { Checkpoint } from '../../../src/core/cursor.ts';
import type { Framing } from '../../../src/core/source.ts';
import { EventBuffer } from '../../../src/ecs/event-buffer.ts';
import { Filter } from '../../../src/pipeline/normalizer/filter.ts';
import { Normalizer } from '../../../src/pipeline/normalizer/normalizer.ts';
import type { Reading } from '../../../src/pipeline/normalizer/reading.ts';
import { eventsIn, idOf, journalOf, readingOf, sequenceOf } from '../../support/fuzz/events.ts';
import { FRAMINGS, fileOf, layouts, linesBy, WRITERS, type Writer } from '../../support/fuzz/logs.ts';
import { runs } from '../../support/fuzz/runs.ts';

/** Most logs are plain, and what is read in blocks is read as plain lines first. */
const OFTEN = [...FRAMINGS, ...FRAMINGS.map(() => 'lines' as const)];
const START: Checkpoint = { offset: 0, sequence: 0 };

/** A place where reading stopped: what was told before it, and from where it may begin again. */
interface Stop {
  readonly at: number;
  readonly checkpoint: Checkpoint;
  readonly events: number;
}

/** Where reads end, and how many bytes of events fill a batch. */
interface Pace {
  readonly windows: readonly number[];
  readonly fulls: readonly number[];
}

interface Told {
  readonly events: string[];
  readonly stops: Stop[];
}

/** Reads from a cursor to the end. A window in which nothing is whole grows. */
function read(
  framing: Framing,
  bytes: Buffer,
  reading: Reading,
  cursor: { offset: number; checkpoint: Checkpoint },
  pace: Pace,
): Told {
  const filter = new Filter([], new Set());
  const normalizer = new Normalizer({ id: 'a'.repeat(24), path: '/x.log' }, reading, filter, cursor);
  const out = new EventBuffer(1024);
  const told: Told = { events: [], stops: [] };
  let window = 0;
  for (let at = cursor.checkpoint.offset, n = 0; at < bytes.length; n++) {
    window += pace.windows[n % pace.windows.length] ?? 0;
    const to = Math.min(bytes.length, at + window);
    const full = pace.fulls[n % pace.fulls.length] ?? 0;
    const [base, from] = [at - (at % 7), at % 7];
    const view = bytes.subarray(base, to);
    const next =
      base +
      normalizer.push(
        framing,
        view,
        from,
        view.length,
        base,
        { final: to === bytes.length, beyond: 0 },
        out,
        full,
      );
    assert.ok(next >= at && next <= to, 'reading goes on within what was read');
    assert.ok(next > at || to < bytes.length, 'reading goes on');
    window = next > at ? 0 : window * 2;
    at = next;
    told.events.push(...eventsIn(out));
    out.clear();
    told.stops.push({
      at,
      checkpoint: JSON.parse(JSON.stringify(normalizer.checkpoint(at))),
      events: told.events.length,
    });
  }
  return told;
}

function check(
  framing: Framing,
  bytes: Buffer,
  reading: Reading,
  pace: Pace,
  restarts: readonly (readonly [number, number])[],
): void {
  const start = { offset: 0, checkpoint: START };
  const whole = read(framing, bytes, reading, start, {
    windows: [bytes.length],
    fulls: [Number.POSITIVE_INFINITY],
  });
  const first = read(framing, bytes, reading, start, pace);
  assert.deepEqual(first.events, whole.events, 'read in pieces');
  assert.equal(new Set(whole.events.map(idOf)).size, whole.events.length, 'an id comes twice');
  assert.deepEqual(whole.events.map(sequenceOf), [...whole.events.keys()], 'numbers without gaps');
  const { stops } = first;
  if (stops.length === 0) return;
  for (const [a, b] of restarts) {
    const [early, late] = [a % stops.length, b % stops.length].sort((x, y) => x - y);
    const cursor = stops[late ?? 0];
    const checkpoint = stops[early ?? 0]?.checkpoint;
    if (cursor === undefined || checkpoint === undefined) continue;
    const again = read(framing, bytes, reading, { offset: cursor.at, checkpoint }, pace);
    assert.deepEqual(
      again.events,
      whole.events.slice(cursor.events),
      `from ${cursor.at}, checkpoint at ${checkpoint.offset}`,
    );
  }
}

const paces = fc.record({
  windows: fc.array(
    fc.oneof(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 20_000 }), fc.constant(65_536)),
    {
      minLength: 1,
      maxLength: 6,
    },
  ),
  fulls: fc.array(fc.oneof(fc.constantFrom(0, 1, 1e9), fc.nat(20_000), fc.nat(100_000)), {
    minLength: 1,
    maxLength: 4,
  }),
});
const restarts = fc.array(fc.tuple(fc.nat(1000), fc.nat(1000)), { minLength: 1, maxLength: 4 });
const limits = fc.constantFrom(1, 3, 10, 50, 300, 20_000, 1e6);

describe('the same bytes give the same events, wherever reads end, batches fill up and reading begins again', () => {
  for (const writer of Object.keys(WRITERS) as Writer[]) {
    it(`${writer}, in every framing`, async (t) => {
      t.mock.timers.enable({ apis: ['Date'], now: 1_780_000_000_000 });
      const reading = await readingOf(writer, 0);
      fc.assert(
        fc.property(
          linesBy(writer, 30_000),
          layouts(OFTEN),
          limits,
          paces,
          restarts,
          (lines, layout, limit, pace, again) => {
            check(layout.framing, fileOf(lines, layout), { ...reading, limit }, pace, again);
          },
        ),
        runs(50),
      );
    });

    it(`${writer}, through a journal`, async (t) => {
      t.mock.timers.enable({ apis: ['Date'], now: 1_780_000_000_000 });
      const reading = await readingOf(writer, 1e6);
      fc.assert(
        fc.property(linesBy(writer, 3000), paces, restarts, (lines, pace, again) => {
          check('journal', journalOf(lines), reading, pace, again);
        }),
        runs(30),
      );
    });
  }
});
