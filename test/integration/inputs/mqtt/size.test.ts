import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { startProbe } from '../../../support/in-process.ts';
import { client, MOSQUITTO, Mosquitto } from '../../../support/mosquitto.ts';
import { needs } from '../../../support/programs.ts';
import type { ReceivedEvent } from '../../../support/receiver.ts';
import { tempDir } from '../../../support/temp.ts';
import { until } from '../../../support/wait.ts';

const MIB = 1024 * 1024;

describe('mqtt input: large messages from a real Mosquitto', needs(...MOSQUITTO), () => {
  for (const protocol of ['5', '3.1.1']) {
    it(`far larger than one read of the journal, each is one whole event (protocol ${protocol})`, async (t) => {
      const directory = tempDir(t);
      const broker = await Mosquitto.start(t, directory);
      const { capture, probe } = await startProbe(
        t,
        directory,
        `inputs: {mirror: {type: mqtt, url: "mqtt://127.0.0.1:${broker.port}", client_id: probe, topics: 'plant/#', protocol: "${protocol}", payload: {capture: text, limit: 10MiB}}}`,
      );
      await until(
        () => probe.status().ready,
        () => JSON.stringify(probe.status().problems),
      );
      const sizes = [10, 65_500, 65_536, 70_000, MIB, 7 * MIB, 12];
      for (const [i, size] of sizes.entries()) {
        const file = path.join(directory, `payload-${i}`);
        writeFileSync(file, payload(i, size));
        await client('mosquitto_pub', ['-p', String(broker.port), '-q', '1', '-t', `plant/${i}`, '-f', file]);
      }
      await until(
        () => capture.actions('message-mirrored').length >= sizes.length,
        () => `${capture.actions('message-mirrored').length} of ${sizes.length}`,
      );
      const got = capture.actions('message-mirrored').map((e) => {
        const { size, text } = payloadOf(e);
        return { topic: e.mqtt?.topic, size, digest: digest(text ?? '') };
      });
      assert.deepEqual(
        got,
        sizes.map((size, i) => ({ topic: `plant/${i}`, size, digest: digest(payload(i, size)) })),
      );
    });
  }

  it('larger than max_packet over 3.1.1: the head is kept, the true size told, and what follows is whole', async (t) => {
    const directory = tempDir(t);
    const broker = await Mosquitto.start(t, directory);
    const { capture, probe } = await startProbe(
      t,
      directory,
      `inputs: {mirror: {type: mqtt, url: "mqtt://127.0.0.1:${broker.port}", client_id: probe, topics: 'plant/#', protocol: 3.1.1, max_packet: 128KiB, payload: {capture: text, limit: 10}}}`,
    );
    await until(
      () => probe.status().ready,
      () => JSON.stringify(probe.status().problems),
    );
    const sizes = [128 * 1024 - 'plant/0'.length - 4, 128 * 1024, 40 * MIB, 12];
    for (const [i, size] of sizes.entries()) {
      const file = path.join(directory, 'payload');
      writeFileSync(file, payload(i, size));
      for (const qos of ['0', '1'])
        await client('mosquitto_pub', ['-p', `${broker.port}`, '-q', qos, '-t', `plant/${i}`, '-f', file]);
    }
    const mirrored = (): ReceivedEvent[] => capture.actions('message-mirrored');
    await until(
      () => mirrored().length >= sizes.length * 2,
      () => `${mirrored().length} of ${sizes.length * 2}`,
    );
    assert.deepEqual(
      mirrored().map((e) => payloadOf(e)),
      sizes.flatMap((size, i) => {
        const event = { size, encoding: 'utf8', text: payload(i, size).slice(0, 10), truncated: true };
        return [event, event];
      }),
    );
    assert.equal(broker.log().includes('Client probe disconnected'), false);
    assert.equal(broker.log().match(/Received PUBACK from probe/g)?.length, sizes.length);
  });
});

function payloadOf(event: ReceivedEvent): { size: number; text?: string } {
  assert.ok(event.mqtt);
  return event.mqtt.payload as { size: number; text?: string };
}

/** Text with many line ends, so that a reader of lines would find some. */
function payload(seed: number, size: number): string {
  return `${seed} bottles\n`.repeat(Math.ceil(size / 10)).slice(0, size);
}

function digest(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
