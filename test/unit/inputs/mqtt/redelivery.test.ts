import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { crc32 } from 'node:zlib';
import { Redelivery } from '../../../../src/inputs/mqtt/messages/redelivery.ts';

const kept = Promise.resolve();
const small = Buffer.from('{"value": 21.5}');
const large = Buffer.alloc(100_000, 'x');

function admit(redelivery: Redelivery, packetId: number, topic: string, payload: Buffer): void {
  redelivery.admitted(packetId, topic, payload.length, crc32(payload), kept);
}

function known(redelivery: Redelivery, packetId: number, topic: string, payload: Buffer): unknown {
  return redelivery.known(packetId, topic, payload.length, crc32(payload));
}

describe('messages that come again', () => {
  for (const [what, topic] of [
    ['the topic in memory', 'plant/ä'],
    ['the topic by its digest', `plant/${'ä'.repeat(5000)}`],
  ] as const) {
    for (const payload of [small, large, Buffer.alloc(0)]) {
      it(`${what}, ${payload.length} bytes: known with the same identifier, topic and payload only`, () => {
        const redelivery = new Redelivery();
        admit(redelivery, 17, topic, payload);
        assert.equal(known(redelivery, 17, topic, payload), kept);
        assert.equal(known(redelivery, 18, topic, payload), undefined);
        assert.equal(known(redelivery, 17, `${topic}b`, payload), undefined);
        assert.equal(known(redelivery, 17, topic.slice(0, -1), payload), undefined);
        const other = Buffer.concat([payload, Buffer.from('.')]);
        assert.equal(known(redelivery, 17, topic, other), undefined);
        const changed = Buffer.from(payload);
        if (changed.length > 0) {
          changed[changed.length - 1] = 0x79;
          assert.equal(known(redelivery, 17, topic, changed), undefined);
        }
        assert.equal(known(redelivery, 17, topic, payload), kept, 'looking changes nothing');
      });
    }
  }

  it('an identifier that was used again means the later message', () => {
    const redelivery = new Redelivery();
    admit(redelivery, 1, 'a', small);
    admit(redelivery, 1, 'b', small);
    assert.equal(known(redelivery, 1, 'a', small), undefined);
    assert.equal(known(redelivery, 1, 'b', small), kept);
  });

  it('as many as a broker can have in flight', () => {
    const redelivery = new Redelivery();
    const ids = Array.from({ length: 65_535 }, (_, i) => i + 1);
    for (const id of ids) admit(redelivery, id, `plant/${id}`, small);
    assert.deepEqual(
      ids.filter((id) => known(redelivery, id, `plant/${id}`, small) !== kept),
      [],
    );
  });

  it('a message whose PUBACK the broker has read does not come again', () => {
    const redelivery = new Redelivery();
    for (const id of [1, 2, 3]) admit(redelivery, id, 'a', small);
    const knows = (): boolean[] => [1, 2, 3].map((id) => known(redelivery, id, 'a', small) !== undefined);
    redelivery.acknowledged(1);
    redelivery.pinged();
    redelivery.acknowledged(2);
    assert.deepEqual(knows(), [true, true, true]);
    redelivery.ponged();
    assert.deepEqual(knows(), [false, true, true]);
    admit(redelivery, 1, 'a', small);
    redelivery.pinged();
    redelivery.ponged();
    assert.deepEqual(knows(), [true, false, true]);
  });

  it('nothing is known of a session that is gone', () => {
    const redelivery = new Redelivery();
    admit(redelivery, 1, 'a', small);
    redelivery.forget();
    assert.equal(known(redelivery, 1, 'a', small), undefined);
  });

  it('leave nothing in the heap once they are acknowledged, and are known still', async () => {
    setFlagsFromString('--expose-gc');
    const collect: () => void = runInNewContext('gc');
    const redelivery = new Redelivery();
    const promises = Array.from({ length: 100 }, (_, packetId) => {
      const promise = Promise.resolve();
      redelivery.admitted(packetId, 'plant', 0, 0, promise);
      redelivery.acknowledged(packetId);
      return new WeakRef(promise);
    });
    await new Promise(setImmediate);
    collect();
    assert.equal(promises.filter((promise) => promise.deref() !== undefined).length, 0);
    assert.ok(redelivery.known(7, 'plant', 0, 0));
  });
});
