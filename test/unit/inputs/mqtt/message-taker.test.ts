import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { IPublishPacket } from 'mqtt';
import { MessageTaker } from '../../../../src/inputs/mqtt/messages/message-taker.ts';
import { Redelivery } from '../../../../src/inputs/mqtt/messages/redelivery.ts';

const publish = (dup: boolean): IPublishPacket => ({
  cmd: 'publish',
  topic: 'plant/1',
  payload: Buffer.from('on'),
  qos: 1,
  messageId: 7,
  retain: false,
  dup,
});

it('a message that found no room is stored when it comes again, though one like it had its identifier before', () => {
  let hasRoom = true;
  let stored = 0;
  const room = { isStarved: false, full: () => {} };
  const journal = {
    append(): Promise<void> | undefined {
      if (!hasRoom) return undefined;
      stored++;
      return Promise.resolve();
    },
  };
  const acknowledged: number[] = [];
  const acknowledger = { acknowledge: (packetId: number) => acknowledged.push(packetId) };
  const taker = new MessageTaker({
    policy: { capture: 'none', limit: 0, redact: [] },
    host: { owns: () => false } as never,
    journal: journal as never,
    redelivery: new Redelivery(),
    pulse: undefined,
    room: room as never,
  });
  const take = (dup: boolean): unknown => taker.take(publish(dup), 0, acknowledger as never);
  take(false);
  for (const starved of [false, true]) {
    hasRoom = false;
    room.isStarved = starved;
    take(false);
    hasRoom = true;
    room.isStarved = false;
    const before = stored;
    take(true);
    assert.equal(stored, before + 1, `starved before: ${starved}`);
    take(true);
    assert.equal(stored, before + 1, 'and once only');
  }
  assert.deepEqual(acknowledged, [7, 7, 7, 7, 7]);
});
