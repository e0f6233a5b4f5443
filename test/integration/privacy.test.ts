import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import type { Cursor } from '../../src/core/cursor.ts';
import { Privacy } from '../../src/pipeline/normalizer/privacy.ts';
import { Capture, fileInput, startProbe } from '../support/in-process.ts';
import type { ReceivedEvent } from '../support/receiver.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';

const LINES = [
  'mosquitto version 2.0.18 starting',
  'New connection from 203.0.113.77:4000 on port 1883.',
  "New client connected from 203.0.113.77:4000 as pump-ann (p2, c1, k60, u'ann').",
  "Received PUBLISH from pump-ann (d0, q1, r0, m1, 'home/ann/door', ... (5 bytes))",
  'Some new words of pump-ann that no rule knows',
  'Bad socket read/write on client pump-ann: words about ann',
];

/** The saved cursors on the stream stand at its end, and so does the place where reading would begin. */
function isAllRead(directory: string): boolean {
  const { streams } = JSON.parse(readFileSync(path.join(directory, 'state', 'positions.json'), 'utf8'));
  const [stream] = Object.values<{ cursors: Record<string, Cursor> }>(streams);
  const cursors = Object.values(stream?.cursors ?? {});
  return cursors.every(
    ({ offset, before, checkpoint }) => before === `${LINES.length}` && checkpoint.offset === offset,
  );
}

describe('privacy and event.original', () => {
  it('nothing that leaves holds a name or an address, and names can still be joined', async (t) => {
    const directory = tempDir(t);
    const log = path.join(directory, 'm.log');
    const key = path.join(directory, 'key');
    writeFileSync(key, 'f'.repeat(64));
    writeFileSync(log, LINES.map((line) => `1700000000: ${line}\n`).join(''));
    const privacy = `privacy: {client_id: hash, user: hash, topic: hash, ip: truncate, key_file: "${key}"}\n`;
    const { capture } = await startProbe(t, directory, privacy + fileInput(log));
    const fromLog = () => capture.events.filter((e) => e.log?.offset !== undefined);
    await until(
      () => fromLog().length === LINES.length,
      () => `${fromLog().length}`,
    );
    const text = JSON.stringify(fromLog());
    for (const name of ['ann', 'pump', 'door', '203.0.113.77'])
      assert.equal(text.includes(name), false, name);
    const ids = fromLog().map((e) => (e.mqtt?.client as { id?: string } | undefined)?.id);
    assert.equal(new Set(ids.filter((id) => id !== undefined)).size, 1);
    assert.equal(text.includes('203.0.113.0'), true);
  });

  it('another secret: without the earlier one it does not start and says what to do, with it everything arrives', async (t) => {
    const directory = tempDir(t);
    const log = path.join(directory, 'm.log');
    const [old, key] = [path.join(directory, 'old'), path.join(directory, 'key')];
    writeFileSync(old, 'o'.repeat(64));
    writeFileSync(key, 'n'.repeat(64));
    writeFileSync(log, LINES.map((line) => `1700000000: ${line}\n`).join(''));
    const inputs = fileInput(log, ', spool: true');
    const stalled = new Capture();
    stalled.fail(true);
    const first = await startProbe(
      t,
      directory,
      `privacy: {client_id: hash, key_file: "${old}"}\n${inputs}`,
      stalled,
    );
    await until(
      () => first.probe.status().inputs[0]?.lagBytes !== 0 && first.probe.status().spool.bytes > 0,
      () => JSON.stringify(first.probe.status()),
    );
    await first.stop();
    const refused = startProbe(t, directory, `privacy: {client_id: hash, key_file: "${key}"}\n${inputs}`);
    await assert.rejects(
      refused,
      /positions\.json was encrypted with another secret.*privacy\.old_key_files/,
    );
    await assert.rejects(startProbe(t, directory, inputs), /encrypted with another secret/);
    const rotated = `privacy: {client_id: hash, key_file: "${key}", old_key_files: "${old}"}\n${inputs}`;
    const second = await startProbe(t, directory, rotated);
    await until(
      () => second.capture.actions('client-disconnected').length === 1,
      () => JSON.stringify(second.capture.events.map((e) => e.message)),
    );
    const ofClient = (event: ReceivedEvent | undefined): unknown =>
      (event?.mqtt?.client as { id?: string } | undefined)?.id;
    const policy = { clientId: true, user: false, topic: false, ip: false };
    assert.equal(
      ofClient(second.capture.actions('client-disconnected')[0]),
      new Privacy({ ...policy, key: Buffer.from('n'.repeat(64)) }).digest('pump-ann'),
    );
    assert.equal(second.capture.events.filter((e) => e.log?.offset !== undefined).length, LINES.length);
    await until(
      () => isAllRead(directory),
      () => 'a checkpoint at the end of the stream',
    );
    await second.stop();
    // Everything is delivered: the earlier secret is needed no more.
    await startProbe(t, directory, `privacy: {client_id: hash, key_file: "${key}"}\n${inputs}`);
  });

  it('the line is kept as it is when asked for', async (t) => {
    const directory = tempDir(t);
    const log = path.join(directory, 'm.log');
    writeFileSync(log, LINES.map((line) => `1700000000: ${line}\n`).join(''));
    const { capture } = await startProbe(t, directory, fileInput(log, ', original: true'));
    const originals = (): unknown[] =>
      capture.events
        .filter((e) => e.log?.offset !== undefined)
        .map((e) => (e.event as { original?: string }).original);
    await until(
      () => originals().length === LINES.length,
      () => `${originals().length}`,
    );
    assert.deepEqual(
      originals(),
      LINES.map((line) => `1700000000: ${line}`),
    );
  });
});
