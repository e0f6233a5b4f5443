import assert from 'node:assert/strict';
import { once } from 'node:events';
import { describe, it } from 'node:test';
import { generate, type Packet, parser } from 'mqtt-packet';
import { PacketGuard } from '../../../../src/inputs/mqtt/connection/packet-guard.ts';

const LIMIT = 200;
const publish = (topic: string, bytes: number): Buffer =>
  generate({
    cmd: 'publish',
    topic,
    payload: Buffer.alloc(bytes, topic),
    qos: 1,
    messageId: 7,
    retain: true,
    dup: false,
  });

/** What the parser sees behind a guard that gets the bytes in pieces of some size. */
async function seen(
  bytes: Buffer,
  pieceBytes: number,
): Promise<{ topic: string; bytes: number; cut: number }[]> {
  const guard = new PacketGuard(LIMIT);
  const packets: { topic: string; bytes: number; cut: number }[] = [];
  const reader = parser({ protocolVersion: 4 });
  reader.on('packet', (packet: Packet) => {
    if (packet.cmd !== 'publish') return;
    assert.equal(packet.payload.toString().replaceAll(packet.topic, ''), '');
    packets.push({
      topic: packet.topic,
      bytes: packet.payload.length,
      cut: guard.cutBytes(packet.length ?? 0),
    });
  });
  guard.on('data', (part: Buffer) => reader.parse(part));
  for (let at = 0; at < bytes.length; at += pieceBytes) guard.write(bytes.subarray(at, at + pieceBytes));
  guard.end();
  await once(guard, 'end');
  return packets;
}

describe('packet guard', () => {
  it('keeps the head of what is too large and knows how much it left out, wherever reads end', async () => {
    const head = 'x'.length + 4;
    const sizes = [0, 10, LIMIT - head, LIMIT - head + 1, 20_000, 5, LIMIT - head, 3_000_000, 7];
    const pong = generate({ cmd: 'pingresp' });
    const bytes = Buffer.concat(sizes.flatMap((size) => [publish('x', size), pong]));
    const want = sizes.map((size) => {
      const kept = Math.min(size, LIMIT - head);
      return { topic: 'x', bytes: kept, cut: size - kept };
    });
    for (const pieceBytes of [1_000_003, 65_536, 1000, 7])
      assert.deepEqual(await seen(bytes, pieceBytes), want);
    const few = Buffer.concat([publish('x', 300), pong, publish('x', 3)]);
    assert.deepEqual(await seen(few, 1), [
      { topic: 'x', bytes: LIMIT - head, cut: 300 - LIMIT + head },
      { topic: 'x', bytes: 3, cut: 0 },
    ]);
  });

  it('leaves what is no MQTT to the parser', async () => {
    const guard = new PacketGuard(LIMIT);
    const bytes = Buffer.from([0x30, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3]);
    guard.end(bytes);
    assert.ok((await guard.toArray()).length > 0);
  });
});
