import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RejectionReports, withoutValues } from '../../../src/app/rejection-reports.ts';
import type { Rejected } from '../../../src/core/output.ts';
import type { Note } from '../../../src/core/source.ts';
import { silentLog } from '../../support/in-process.ts';

const rejected = (type: string, stream = 'logs-mqtt.message-x'): Rejected => ({
  event: Buffer.from('{}'),
  stream,
  status: 400,
  type,
  reason: 'for a reason',
});

describe('reports of rejected events', () => {
  it('come at once, then once a minute for each output and type, with a count', () => {
    const notes: Note[] = [];
    const reports = new RejectionReports(silentLog, (note) => notes.push(note));
    reports.add('a', [rejected('x'), rejected('x'), rejected('y')]);
    reports.add('a', [rejected('x')]);
    reports.add('b', [rejected('x')]);
    reports.add('a', [rejected('x'), rejected('x')]);
    const counts = (): unknown[] => notes.map(({ reason, fields }) => [reason, fields?.['mqtt.drop.count']]);
    assert.deepEqual(counts(), [
      ['x', 2],
      ['y', 1],
      ['x', 1],
    ]);
    const now = Date.now();
    reports.tell(now + 50_000);
    assert.equal(notes.length, 3);
    reports.tell(now + 61_000);
    reports.tell(now + 200_000);
    assert.deepEqual(counts().slice(3), [['x', 3]]);
    reports.add('a', [rejected('y')]);
    assert.equal(notes.length, 4);
    // The clock was set back.
    reports.tell(now - 3_600_000);
    assert.deepEqual(counts().slice(4), [['y', 1]]);
  });

  it('are not made of the probe’s own events, nor without bound', () => {
    const notes: Note[] = [];
    const reports = new RejectionReports(silentLog, (note) => notes.push(note));
    reports.add('a', [rejected('x', 'logs-mqtt.probe-default')]);
    assert.equal(notes.length, 0);
    reports.add(
      'a',
      Array.from({ length: 1000 }, (_, i) => rejected(`type${i}`)),
    );
    assert.equal(notes.length, 51);
    assert.equal(notes.at(-1)?.reason, 'other');
  });

  it('hold no value of the event', () => {
    const words = [
      "[1:117] failed to parse field [source.ip] of type [ip] in document with id 'c1'. Preview of field's value: 'secret'",
      "failed to parse field [a] of type [long] in document with id 'x'. Preview of field's value: 'secret\nsecret'",
      'Document contains at least one immense term in field="event.id" (whose UTF8 encoding is longer than the max length 32766), prefix of the first immense term is: [115, 101]',
    ].map(withoutValues);
    assert.equal(words[0], 'failed to parse field [source.ip] of type [ip].');
    assert.doesNotMatch(words.join(), /secret|115/);
  });
});
