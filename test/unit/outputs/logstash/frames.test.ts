import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { AckReader, windowBytes, writeWindow } from '../../../../src/outputs/logstash/lumberjack/frames.ts';
import { Acknowledged, Shipment } from '../../../../src/outputs/logstash/shipment.ts';
import { batchOf, batchOfLines, eventLine, idOf } from '../../../support/batch.ts';

const ackFrame = (sequence: number): Buffer => {
  const frame = Buffer.from('2A\0\0\0\0', 'latin1');
  frame.writeUInt32BE(sequence, 2);
  return frame;
};

const u32 = (value: number): string => value.toString(16).padStart(8, '0');

describe('lumberjack frames', () => {
  it('a window, byte for byte', () => {
    const lines = [eventLine(1), eventLine(2, ',"text":"ü"')];
    const batch = batchOfLines(lines);
    const part = new Shipment(batch, new Acknowledged()).part(batch, 0, 10, 1000);
    const frames = Buffer.alloc(windowBytes(part));
    writeWindow(batch, part, frames);
    const json = lines.map((line) => Buffer.from(line.trimEnd()));
    const header = (number: number, length: number): string => `324a${u32(number)}${u32(length)}`;
    const expected = json.map((bytes, i) => header(i + 1, bytes.length) + bytes.toString('hex'));
    assert.equal(frames.toString('hex'), `325700000002${expected.join('')}`);
  });

  it('acks are read however their bytes are cut', () => {
    const sequence = fc.integer({ min: 0, max: 2 ** 32 - 1 });
    fc.assert(
      fc.property(fc.array(sequence), fc.array(fc.integer({ min: 1, max: 13 })), (sequences, cuts) => {
        const bytes = Buffer.concat(sequences.map(ackFrame));
        const reader = new AckReader();
        const got: number[] = [];
        let at = 0;
        for (const cut of [...cuts, bytes.length]) {
          assert.ok(reader.push(bytes.subarray(at, at + cut), (ack) => got.push(ack)));
          at += cut;
        }
        assert.deepEqual(got, sequences);
      }),
    );
  });

  it('bytes of another protocol are recognised at the first', () => {
    const never = (): void => assert.fail('no ack');
    assert.equal(new AckReader().push(Buffer.from('HTTP/1.1 400'), never), false);
    assert.equal(new AckReader().push(Buffer.from('2W\0\0\0\x01', 'latin1'), never), false);
  });
});

describe('a batch in parts', () => {
  it('knows what was acknowledged, whatever was lost in between and however the batch is cut again', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 })), {
          maxLength: 5,
        }),
        (events, losses) => {
          const known = new Acknowledged();
          const acknowledged: number[] = [];
          for (const [acks, cut] of losses) {
            const border = Math.min(cut, events);
            const batches = [batchOf(0, border), batchOf(border, events)];
            const shipments = batches.map((batch) => new Shipment(batch, known));
            let left = acks;
            for (const [i, shipment] of shipments.entries()) {
              shipment.receipt.catch(() => {});
              // The whole of both batches would settle them: then nothing is read again.
              const taken = Math.min(left, Math.max(0, shipment.count - 1));
              for (let number = 0; number < taken; number++)
                acknowledged.push((i === 0 ? 0 : border) + shipment.index(number));
              if (taken > 0) shipment.acknowledge(0, taken);
              left -= taken;
            }
            for (const shipment of shipments) shipment.lose(new Error('lost'));
            // An empty or wholly known batch has settled: the ledger behind it is not, so that it comes again.
            if (shipments.some(({ count }) => count === 0)) return;
          }
          const last = new Shipment(batchOf(0, events), known);
          const sent = Array.from({ length: last.count }, (_, number) => last.id(number));
          const expected = Array.from({ length: events }, (_, i) => i).filter(
            (i) => !acknowledged.includes(i),
          );
          assert.deepEqual(sent, expected.map(idOf));
        },
      ),
    );
  });
});
