import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { JournalRecord } from '../../../../src/core/source.ts';
import { decodeRecords } from '../../../../src/framing/journal-record/decode.ts';
import { encodeRecord } from '../../../../src/framing/journal-record/encode.ts';
import { IdReader, RecordIds } from '../../../../src/framing/journal-record/ids.ts';
import { viewOf } from '../../../../src/framing/journal-record/layout.ts';
import type { RecordRun } from '../../../../src/framing/journal-record/run.ts';

/** A run that gives no byte more room than it was asked for. */
function tightRun(): RecordRun {
  return {
    bytes: Buffer.alloc(0),
    view: viewOf(Buffer.alloc(0)),
    length: 0,
    reserve(sizeBytes) {
      const larger = Buffer.alloc(this.length + sizeBytes);
      this.bytes.copy(larger);
      Object.assign(this, { bytes: larger, view: viewOf(larger) });
    },
  };
}

describe('records of a journal', () => {
  it('ids of a run share 24 digits, and none comes twice', () => {
    const bytes = Buffer.alloc(18);
    const reader = new IdReader();
    const idsOf = (run: RecordIds): string[] =>
      Array.from({ length: 5000 }, () => {
        run.write(viewOf(bytes), 0);
        assert.equal(reader.at(viewOf(bytes), 0), bytes.toString('hex'));
        return reader.at(viewOf(bytes), 0);
      });
    const [first, second] = [idsOf(new RecordIds()), idsOf(new RecordIds())];
    assert.equal(new Set([...first, ...second]).size, 10_000);
    for (const ids of [first, second]) assert.equal(new Set(ids.map((id) => id.slice(0, 24))).size, 1);
  });

  it('messages come back as they were, whatever their topic and payload, in the room that was asked for', () => {
    const topic = fc.oneof(
      fc.string({ maxLength: 80 }),
      fc.string({ unit: fc.constantFrom('/', 'é', '😀', '中'), maxLength: 80 }),
    );
    const message = fc.record({
      topic,
      payload: fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      qos: fc.constantFrom(0, 1, 2),
      retain: fc.boolean(),
      dup: fc.boolean(),
      seen: fc.nat(),
    });
    const facts = fc.constantFrom(
      {},
      { packetId: 65_535 },
      { cutBytes: 7 },
      { properties: { contentType: 'é'.repeat(70), subscriptionIdentifiers: [1] } },
    );
    const kept = fc.constantFrom(
      {},
      { captured: {}, size: 9, checksum: 1, payload: Buffer.alloc(0) },
      { captured: { text: '中'.repeat(30) }, size: 9, checksum: 1, payload: Buffer.alloc(0) },
    );
    const record = fc
      .tuple(message, facts, kept)
      .map((parts): JournalRecord => ({ type: 'message', message: Object.assign({}, ...parts) }));
    fc.assert(
      fc.property(fc.array(record, { maxLength: 5 }), (records) => {
        const run = tightRun();
        const ids = new RecordIds();
        for (const [i, one] of records.entries()) encodeRecord(one, i, ids, run);
        const back: JournalRecord[] = [];
        const used = decodeRecords(run.bytes, run.length, 0, (one) => {
          back.push(one);
          return 'more';
        });
        assert.equal(used, run.length);
        assert.deepEqual(back, records);
      }),
    );
  });

  it('a line that comes as text comes back as its bytes, in the room that was asked for', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 80 }),
      fc.string({ unit: fc.constantFrom('x', 'é', '中', '😀', '\ud800'), maxLength: 80 }),
    );
    fc.assert(
      fc.property(fc.array(text, { maxLength: 5 }), (texts) => {
        const run = tightRun();
        const ids = new RecordIds();
        for (const [i, one] of texts.entries())
          encodeRecord({ type: 'text', seen: i, text: one }, i, ids, run);
        const back: JournalRecord[] = [];
        const used = decodeRecords(run.bytes, run.length, 0, (one) => {
          back.push(one);
          return 'more';
        });
        assert.equal(used, run.length);
        assert.deepEqual(
          back,
          texts.map((one, seen) => ({ type: 'line', seen, text: Buffer.from(one) })),
        );
      }),
    );
  });

  it('a topic that is not UTF-8 and a header of a hostile log are longer than 65,535 bytes, and come back', () => {
    const records: JournalRecord[] = [
      {
        type: 'message',
        message: {
          topic: Buffer.alloc(30_000, 0xff).toString(),
          payload: Buffer.from('x'),
          qos: 1,
          retain: false,
          dup: false,
          seen: 1,
        },
      },
      {
        type: 'line',
        seen: 2,
        text: Buffer.from('text'),
        marks: 0,
        header: { origin: 'broker', fields: { 'host.name': 'é'.repeat(70_000) } },
      },
      { type: 'line', seen: 3, text: Buffer.from('behind') },
    ];
    const run = tightRun();
    for (const [i, one] of records.entries()) encodeRecord(one, i, new RecordIds(), run);
    const back: JournalRecord[] = [];
    const keep = (one: JournalRecord): 'more' => {
      back.push(one);
      return 'more';
    };
    assert.equal(decodeRecords(run.bytes, run.length, 0, keep), run.length);
    assert.deepEqual(back, records);
  });
});
