import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { FINGERPRINT_BYTES, fingerprint } from '../../../src/core/checksums/fingerprint.ts';
import type { Framing } from '../../../src/core/source.ts';
import type { Reading } from '../../../src/pipeline/normalizer/reading.ts';
import { type Carried, carry, type Script } from '../../support/fuzz/carried.ts';
import { offsetOf, readingOf, sequenceOf } from '../../support/fuzz/events.ts';
import { FRAMINGS, fileOf, layouts, linesBy, WRITERS, type Writer } from '../../support/fuzz/logs.ts';
import { runs } from '../../support/fuzz/runs.ts';

const NOW = 1_780_000_000_000;
const AT_ONCE: Script = { steps: [], fates: [], checkpoints: [true] };

const grow = fc
  .oneof(fc.integer({ min: 1, max: 200 }), fc.integer({ min: 1, max: 100_000 }))
  .map((bytes) => ({ grow: bytes }));
const scripts = (steps: fc.Arbitrary<Script['steps'][number]>): fc.Arbitrary<Script> =>
  fc.record({
    steps: fc.array(steps, { maxLength: 12 }),
    fates: fc.array(fc.constantFrom('taken', 'late', 'lost', 'fails'), { maxLength: 6 }),
    checkpoints: fc.array(fc.boolean(), { minLength: 1, maxLength: 4 }),
    unreadable: fc.array(fc.nat(30), { maxLength: 4 }),
    buffers: fc.integer({ min: 1, max: 3 }),
  });
const picks = fc.array(fc.nat(1000), { maxLength: 2 });
const limits = fc.constantFrom(1, 10, 300, 5000, 70_000, 200_000, 1e6);

/** What was told is numbered without gaps, and from every cursor that was saved the rest is told again. */
async function check(
  t: TestContext,
  bytes: Buffer,
  framing: Framing | undefined,
  reading: Reading,
  script: Script,
  restarts: readonly number[],
): Promise<Carried> {
  const told = await carry(t, bytes, framing, reading, script);
  assert.deepEqual(told.events.map(sequenceOf), [...told.events.keys()], 'numbers without gaps');
  for (const { offset, before } of told.cursors) {
    const front = bytes.subarray(Math.max(0, offset - FINGERPRINT_BYTES), offset);
    assert.equal(before, fingerprint(front), `what stands before ${offset}`);
  }
  const cursors = told.cursors.filter(({ offset }) => offset >= told.lastCut);
  for (const pick of cursors.length === 0 ? [] : restarts) {
    const cursor = cursors[pick % cursors.length];
    if (cursor === undefined) continue;
    const again = await carry(t, bytes, framing, reading, AT_ONCE, cursor);
    const rest = told.events.filter((event) => offsetOf(event) >= cursor.offset);
    assert.deepEqual(again.events, rest, `from ${cursor.offset}, checkpoint at ${cursor.checkpoint.offset}`);
  }
  return told;
}

describe('a file is told whole and once, however it grows and whatever becomes of its batches', () => {
  for (const writer of Object.keys(WRITERS) as Writer[]) {
    it(`${writer}, in every framing`, async (t) => {
      t.mock.timers.enable({ apis: ['setTimeout'] });
      t.mock.method(Date, 'now', () => NOW);
      const reading = await readingOf(writer, 0);
      await fc.assert(
        fc.asyncProperty(
          linesBy(writer, 200_000, 12),
          layouts(FRAMINGS),
          limits,
          fc.boolean(),
          scripts(grow),
          picks,
          async (lines, layout, limit, detects, script, again) => {
            const bytes = fileOf(lines, layout);
            const framing = detects ? undefined : layout.framing;
            const whole = await carry(t, bytes, framing, { ...reading, limit }, AT_ONCE);
            const told = await check(t, bytes, framing, { ...reading, limit }, script, again);
            assert.deepEqual(told.events, whole.events, 'however it grows');
          },
        ),
        runs(25),
      );
    });
  }

  for (const writer of ['emqttd', 'emqxText', 'emqxLines'] as const) {
    it(`${writer}, with pauses in its entries`, async (t) => {
      t.mock.timers.enable({ apis: ['setTimeout'] });
      t.mock.method(Date, 'now', () => NOW);
      const reading = await readingOf(writer, 0);
      const steps = fc.oneof(grow, fc.constant('quiet' as const));
      await fc.assert(
        fc.asyncProperty(
          linesBy(writer, 100_000, 12),
          layouts(['lines', 'docker']),
          limits,
          scripts(steps),
          picks,
          async (lines, layout, limit, script, again) => {
            await check(t, fileOf(lines, layout), layout.framing, { ...reading, limit }, script, again);
          },
        ),
        runs(25),
      );
    });
  }
});
