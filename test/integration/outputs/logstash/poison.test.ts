import assert from 'node:assert/strict';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { Probe } from '../../../../src/app/probe.ts';
import { deadLetterFile, eventOf } from '../../../../src/state/letters.ts';
import type { OutputStatus } from '../../../../src/telemetry/status.ts';
import { fileInput, startProbeWith } from '../../../support/in-process.ts';
import { logstashOutput } from '../../../support/logstash-output.ts';
import { LumberjackServer, type ReceivedWindow } from '../../../support/lumberjack-server.ts';
import { tempDir } from '../../../support/temp.ts';
import { until } from '../../../support/wait.ts';

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `1700000000: line ${from + i}\n`).join('');
const texts = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `line ${from + i}`);
const isLine = (message: string): boolean => message.startsWith('line ');

class Scene {
  readonly file: string;
  readonly server: LumberjackServer;
  private readonly probe: Probe;
  private readonly state: string;

  private constructor(file: string, state: string, server: LumberjackServer, probe: Probe) {
    this.file = file;
    this.state = state;
    this.server = server;
    this.probe = probe;
  }

  /** A probe that reads a log to a server which answers windows as it is told. */
  static async start(
    t: TestContext,
    log: string,
    answer: (window: ReceivedWindow, server: LumberjackServer) => void,
  ): Promise<Scene> {
    const directory = tempDir(t);
    const file = path.join(directory, 'a.log');
    const state = path.join(directory, 'state');
    writeFileSync(file, log);
    const server = await LumberjackServer.start();
    t.after(() => server.stop());
    server.onWindow = (window) => answer(window, server);
    const settings = { protocol: 'lumberjack', hosts: `127.0.0.1:${server.port}` };
    const elk = logstashOutput(t, settings, { quietMs: 1000 });
    const { probe } = await startProbeWith(t, directory, fileInput(file), { elk });
    return new Scene(file, state, server, probe);
  }

  get status(): OutputStatus {
    return this.probe.status().outputs[0] ?? assert.fail('no output');
  }

  /** Different lines that were acknowledged. */
  get arrived(): string[] {
    return [...new Set(this.server.taken.map(({ message }) => String(message)))].filter(isLine);
  }

  get letters(): { message: string; type: string; reason: string }[] {
    const file = deadLetterFile(this.state, 'elk');
    if (!existsSync(file)) return [];
    const all = readFileSync(file, 'utf8').split('\n').slice(0, -1);
    return all.map((line) => ({ ...JSON.parse(line), message: JSON.parse(eventOf(line)).message }));
  }

  /** Waits until so many lines have come, and so many are dead, and everything is settled. */
  async settled(count: number, letters = 0): Promise<void> {
    const isSettled = (): boolean => {
      const { delivered, dead, pending } = this.status;
      return pending === 0 && dead >= letters && delivered >= count;
    };
    await until(
      () => this.arrived.length >= count && isSettled(),
      () =>
        `${this.arrived.length} of ${count}, ${this.letters.length} letters, ${JSON.stringify(this.status)}`,
      60_000,
    );
    const { read, delivered, duplicates, filtered, dead, dropped, pending } = this.status;
    assert.equal(read, delivered + duplicates + filtered + dead + dropped + pending);
  }
}

describe('logstash output, protocol lumberjack: an event that the server does not survive', () => {
  it('becomes a dead letter, and the others arrive', async (t) => {
    const poison = new Set(['line 50', 'line 1500']);
    const scene = await Scene.start(t, lines(0, 2000), (window) => {
      if (window.events.some(({ message }) => poison.has(String(message)))) window.socket.resetAndDestroy();
      else window.ack();
    });
    // As logs do, it goes on: others have to show that the server is well.
    let to = 2000;
    await until(
      () => {
        appendFileSync(scene.file, lines(to, to + 10));
        to += 10;
        return scene.letters.length === poison.size;
      },
      () => JSON.stringify(scene.status),
      60_000,
    );
    await scene.settled(to - poison.size, poison.size);
    assert.deepEqual(scene.letters.map(({ message }) => message).sort(), [...poison].sort());
    assert.match(scene.letters[0]?.reason ?? '', /ends the connection whenever it gets this event/);
    assert.equal(scene.letters[0]?.type, 'connection_reset');
    assert.equal(scene.status.dead, poison.size);
    const want = texts(0, to).filter((text) => !poison.has(text));
    assert.deepEqual(scene.arrived.sort(), want.sort());
  });

  it('waits where nothing else comes that could prove it', async (t) => {
    const scene = await Scene.start(t, lines(0, 1), (window) => {
      if (window.events.some(({ message }) => message === 'line 0')) window.socket.resetAndDestroy();
      else window.ack();
    });
    await until(
      () => scene.server.windows.length > 8,
      () => `${scene.server.windows.length} windows`,
      60_000,
    );
    assert.deepEqual(scene.letters, []);
    assert.equal(scene.status.dead, 0);
    let from = 1;
    await until(
      () => {
        appendFileSync(scene.file, lines(from, from + 100));
        from += 100;
        return scene.letters.length > 0;
      },
      () => JSON.stringify(scene.status),
      60_000,
    );
    await scene.settled(from - 1, 1);
    assert.deepEqual(
      scene.letters.map(({ message }) => message),
      ['line 0'],
    );
  });
});

describe('logstash output, protocol lumberjack: a server that is to blame itself makes no dead letter', () => {
  type Fails = (nth: number, onConnection: number) => boolean;
  // After connections that were of no use the pause before the next grows.
  const cases: readonly [what: string, losses: number, fails: Fails][] = [
    ['resets everything', 8, () => true],
    ['takes one window of each connection', 100, (_, onConnection) => onConnection > 1],
    ['takes four windows of each connection', 30, (_, onConnection) => onConnection > 4],
    ['resets every third window', 60, (nth) => nth % 3 === 0],
    ['resets half of the windows', 60, () => Math.random() < 0.5],
  ];
  for (const [what, most, fails] of cases) {
    it(what, async (t) => {
      const seen = new WeakMap<object, number>();
      let losses = 0;
      let windows = 0;
      const scene = await Scene.start(t, lines(0, 500), (window) => {
        const onConnection = (seen.get(window.socket) ?? 0) + 1;
        seen.set(window.socket, onConnection);
        if (window.socket.destroyed) return;
        if (losses >= most || !fails(++windows, onConnection)) return window.ack();
        losses++;
        window.socket.resetAndDestroy();
      });
      let from = 500;
      await until(
        () => {
          if (from < 5000) appendFileSync(scene.file, lines(from, from + 10));
          if (from < 5000) from += 10;
          return losses >= most;
        },
        () => `${losses} losses, ${JSON.stringify(scene.status)}`,
        60_000,
      );
      await scene.settled(from);
      assert.deepEqual(scene.letters, []);
      assert.equal(scene.status.dead, 0);
      assert.equal(scene.arrived.length, from);
    });
  }
});
