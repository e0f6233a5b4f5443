import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Redelivery } from '../../../src/inputs/mqtt/redelivery.ts';

const kept = Promise.resolve();
const small = Buffer.from('{"value": 21.5}');
const large = Buffer.alloc(100_000, 'x');

describe('messages that come again', () => {
  for (const [what, payload] of [
    ['small', small],
    ['large', large],
    ['empty', Buffer.alloc(0)],
  ] as const) {
    it(`${what}: known with the same identifier, topic and payload only`, () => {
      const redelivery = new Redelivery();
      redelivery.admitted(17, 'plant/ä', payload, kept);
      assert.equal(redelivery.known(17, 'plant/ä', payload), kept);
      assert.equal(redelivery.known(18, 'plant/ä', payload), undefined);
      assert.equal(redelivery.known(17, 'plant/b', payload), undefined);
      const other = Buffer.concat([payload, Buffer.from('.')]);
      assert.equal(redelivery.known(17, 'plant/ä', other), undefined);
      const changed = Buffer.from(payload);
      if (changed.length > 0) {
        changed[changed.length - 1] = 0x79;
        assert.equal(redelivery.known(17, 'plant/ä', changed), undefined);
      }
      assert.equal(redelivery.known(17, 'plant/ä', payload), kept, 'looking changes nothing');
    });
  }

  it('where the topic ends matters', () => {
    const redelivery = new Redelivery();
    redelivery.admitted(1, 'a/b', Buffer.from('c'), kept);
    assert.equal(redelivery.known(1, 'a/', Buffer.from('bc')), undefined);
  });

  it('an identifier that was used again means the later message', () => {
    const redelivery = new Redelivery();
    redelivery.admitted(1, 'a', small, kept);
    redelivery.admitted(1, 'b', small, kept);
    assert.equal(redelivery.known(1, 'a', small), undefined);
    assert.equal(redelivery.known(1, 'b', small), kept);
  });

  it('as many as a broker can have in flight', () => {
    const redelivery = new Redelivery();
    const ids = Array.from({ length: 65_535 }, (_, i) => i + 1);
    for (const id of ids) redelivery.admitted(id, `plant/${id}`, small, kept);
    assert.deepEqual(
      ids.filter((id) => redelivery.known(id, `plant/${id}`, small) !== kept),
      [],
    );
  });

  it('nothing is known of a session that is gone', () => {
    const redelivery = new Redelivery();
    redelivery.admitted(1, 'a', small, kept);
    redelivery.forget();
    assert.equal(redelivery.known(1, 'a', small), undefined);
  });
});
