import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { JournalRecord } from '../../../src/core/source.ts';
import { decodeCri, decodeDocker } from '../../../src/framing/container.ts';
import { detectFraming } from '../../../src/framing/detect.ts';
import { decodeRecords } from '../../../src/framing/journal-record/decode.ts';
import { encodeRecord } from '../../../src/framing/journal-record/encode.ts';
import { RecordBuffer } from '../../../src/framing/journal-record/run.ts';
import { decodeLines, type TextDecoder } from '../../../src/framing/lines.ts';

/** Decodes bytes that come in pieces, reading again from the first record that was not whole, as a reader does. */
function inPieces(decode: TextDecoder, bytes: Buffer, cuts: readonly number[]): string[] {
  const texts: string[] = [];
  let from = 0;
  for (const to of [...cuts, bytes.length]) {
    if (to < from) continue;
    from = decode(bytes, from, to, 1e6, to === bytes.length, (text) => {
      texts.push(text);
      return true;
    });
  }
  return texts;
}

describe('framing', () => {
  it('lines are the same wherever reads end', () => {
    const text = fc.array(fc.string({ unit: fc.constantFrom('a', 'é', '😀', '\u2028', '\r', '"') }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(text, fc.array(fc.nat(200)), (lines, cuts) => {
        const clean = lines.map((line) => line.replace(/\r+$/, ''));
        const bytes = Buffer.from(`${clean.join('\n')}\n`);
        const sorted = cuts.filter((c) => c < bytes.length).sort((a, b) => a - b);
        assert.deepEqual(inPieces(decodeLines, bytes, sorted), clean);
      }),
    );
  });

  it('lines longer than a block, and reads of many blocks', () => {
    const lines = Array.from({ length: 300 }, (_, i) => `${i} ${'x'.repeat((i * 997) % 30_000)}`);
    assert.deepEqual(
      inPieces(decodeLines, Buffer.from(`${lines.join('\n')}\n`), [100_000, 2_000_000]),
      lines,
    );
  });

  it('nothing is visited behind the line at which the visitor stops', () => {
    const bytes = Buffer.from('x\n'.repeat(20_000));
    for (let stop = 4094; stop < 4100; stop++) {
      let count = 0;
      const end = decodeLines(bytes, 0, bytes.length, 1e6, true, () => ++count < stop);
      assert.deepEqual([count, end], [stop, 2 * stop]);
    }
  });

  it('Docker and CRI parts are joined wherever reads end', () => {
    const docker = Buffer.from(
      ['a\n', 'b1 ', 'b2 ', 'b3\n', 'c\n']
        .map((log) => `${JSON.stringify({ log, stream: 'stdout', time: '2026-01-01T00:00:00Z' })}\n`)
        .join(''),
    );
    const cri = Buffer.from(
      ['F a', 'P b1 ', 'P b2 ', 'F b3', 'F c']
        .map((part) => `2026-01-01T00:00:00Z stdout ${part}\n`)
        .join(''),
    );
    for (const [decode, bytes] of [
      [decodeDocker, docker],
      [decodeCri, cri],
    ] as const) {
      for (let cut = 0; cut < bytes.length; cut++)
        assert.deepEqual(inPieces(decode, bytes, [cut]), ['a', 'b1 b2 b3', 'c'], String(cut));
    }
  });

  it('tells containers by the first bytes', () => {
    assert.equal(detectFraming(Buffer.from('{"log":"x\\n","stream":"stdout"}')), 'docker');
    assert.equal(detectFraming(Buffer.from('2016-10-06T00:17:09.669794202Z stdout F x')), 'cri');
    assert.equal(detectFraming(Buffer.from('2026-11-21T19:16:17: x')), 'lines');
  });

  it('journal records come back as they were, only whole ones', () => {
    const records: JournalRecord[] = [
      { type: 'line', seen: 1.5, text: Buffer.from('grün') },
      { type: 'line', seen: 1.5, text: Buffer.from('grün'), marks: 2, header: undefined },
      { type: 'line', seen: 1.5, text: Buffer.from('grün'), marks: 3, length: 70_000, header: undefined },
      {
        type: 'message',
        message: { topic: 'a/ü', payload: Buffer.from([0, 255]), qos: 1, retain: true, dup: true, seen: 2 },
      },
      {
        type: 'message',
        message: {
          topic: '',
          payload: Buffer.alloc(0),
          qos: 2,
          retain: false,
          dup: false,
          seen: 3,
          properties: { contentType: 'é', userProperties: { k: ['1', '2'] } },
        },
      },
      {
        type: 'message',
        message: {
          topic: 'large',
          payload: Buffer.from('head'),
          cutBytes: 1_000_000,
          qos: 1,
          retain: false,
          dup: false,
          seen: 3,
        },
      },
      { type: 'note', note: { action: 'input-gap', seen: 4, message: 'm', reason: 'r' } },
    ];
    const ids = {
      write: (view: DataView, at: number): void => {
        for (let i = 0; i < 18; i++) view.setUint8(at + i, 7);
      },
    };
    const run = new RecordBuffer(Buffer.alloc(0));
    for (const [i, record] of records.entries()) encodeRecord(record, i, ids, run);
    const bytes = run.bytes.subarray(0, run.length);
    for (let length = 0; length <= bytes.length; length++) {
      const read: JournalRecord[] = [];
      const consumed = decodeRecords(bytes, length, 100, (record, name) => {
        assert.equal(name, '07'.repeat(18));
        read.push(record);
        return 'more';
      });
      assert.ok(consumed <= length);
      assert.deepEqual(read, records.slice(0, read.length));
      if (length === bytes.length) assert.equal(read.length, records.length);
    }
  });
});
