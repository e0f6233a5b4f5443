import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ProbeProcess } from '../support/cli.ts';
import { freePort } from '../support/mosquitto.ts';
import { Receiver } from '../support/receiver.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';

const ROUNDS = 8;
/** Lines of a generation; as many small writes. */
const LINES = 300;
const CONNECTED = "1700000000: New client connected from 203.0.113.7:4000 as ann (p2, c1, k60, u'u').\n";
const GONE = '1700000060: Client ann disconnected.\n';

interface Saved {
  readonly sources: Record<string, { head: string; cursors: Record<string, { offset: number }> }>;
}

const firstLineOf = (bytes: Buffer): Buffer => bytes.subarray(0, bytes.indexOf('\n'));

describe('a file input that goes through the spool', () => {
  it('killed while its files are rotated and deleted and the sink is down: exactly the set', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'm.log');
    const port = await freePort();
    const probe = new ProbeProcess(
      t,
      directory,
      `inputs: {log: {type: file, broker: mosquitto, paths: "${file}", spool: true}}
outputs: {elk: {type: logstash, hosts: "127.0.0.1:${port}", confirm_after: 200ms}}
`,
    );
    const positions = path.join(directory, 'state', 'positions.json');
    // By its first line: a new file may have got the inode, and with it the size, of one that was deleted.
    const takenOf = (name: string): number => {
      if (!existsSync(positions)) return 0;
      const saved: Saved = JSON.parse(readFileSync(positions, 'utf8'));
      const firstLine = firstLineOf(readFileSync(name));
      const found = Object.values(saved.sources).filter((source) =>
        firstLineOf(Buffer.from(source.head, 'base64')).equals(firstLine),
      );
      return Math.max(0, ...found.map((source) => source.cursors.elk?.offset ?? 0));
    };
    probe.start();
    appendFileSync(file, CONNECTED);
    await until(
      () => takenOf(file) === CONNECTED.length,
      () => probe.stderr,
    );
    let running = true;
    const deleted: string[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      const killAt = Math.floor(Math.random() * LINES);
      for (let n = 0; n < LINES; n++) {
        appendFileSync(file, `1700000000: line ${round * LINES + n}\n`);
        if (n % 10 === 0) await delay(2);
        if (n === killAt && running) {
          await probe.kill();
          running = false;
        }
      }
      if (round % 3 !== 2) {
        probe.start();
        running = true;
      }
      const away = `${file}.${round}`;
      renameSync(file, away);
      deleted.push(away);
      if (!running) continue;
      for (const one of deleted.splice(0)) {
        const { size } = statSync(one);
        await until(
          () => takenOf(one) === size,
          () => `${takenOf(one)} of ${size} of ${one}; ${probe.stderr}`,
        );
        rmSync(one);
      }
    }
    appendFileSync(file, GONE);
    assert.deepEqual(readdirSync(directory).filter((name) => name.startsWith('m.log.')).length, 0);
    const receiver = await Receiver.start(port);
    t.after(() => receiver.stop());
    const texts = (): string[] => receiver.events.map((e) => e.message);
    const wanted = Array.from({ length: ROUNDS * LINES }, (_, n) => `line ${n}`);
    await until(
      () => texts().includes('Client ann disconnected.') && new Set(texts()).size >= wanted.length + 2,
      () => `${new Set(texts()).size}; ${probe.stderr}`,
      60_000,
    );
    assert.equal(await probe.stop(), 0);
    const events = receiver.events.filter((e) => e.message.startsWith('line '));
    const byId = new Map(events.map((e) => [e.event.id, e.message]));
    assert.deepEqual([...byId.values()], wanted, 'each line is one event, in order');
    const gone = receiver.events.find((e) => e.message === 'Client ann disconnected.');
    assert.deepEqual(gone?.user, { name: 'u' });
    t.diagnostic(`${events.length - byId.size} came again`);
  });
});
