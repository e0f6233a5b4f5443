import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileInput, startProbe } from '../support/in-process.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';

const LINES = [
  'mosquitto version 2.0.18 starting',
  'New connection from 203.0.113.77:4000 on port 1883.',
  "New client connected from 203.0.113.77:4000 as pump-ann (p2, c1, k60, u'ann').",
  "Received PUBLISH from pump-ann (d0, q1, r0, m1, 'home/ann/door', ... (5 bytes))",
  'Some new words of pump-ann that no rule knows',
  'Bad socket read/write on client pump-ann: words about ann',
  'Client pump-ann disconnected.',
];

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
