import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { BlockedError, RetryableError } from '../../../../src/core/errors.ts';
import { EMPTY_WINDOW } from '../../../../src/outputs/logstash/lumberjack/frames.ts';
import { batchOf, batchOfLines, eventLine, numberOf } from '../../../support/batch.ts';
import { ProbeProcess } from '../../../support/cli.ts';
import { fileInput, startProbeWith } from '../../../support/in-process.ts';
import { logstashOutput, ready } from '../../../support/logstash-output.ts';
import { LumberjackServer } from '../../../support/lumberjack-server.ts';
import { tempDir } from '../../../support/temp.ts';
import { until } from '../../../support/wait.ts';

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, i) => from + i);

function ack(sequence: number): Buffer {
  return Buffer.concat([Buffer.from('2A'), Buffer.of(0, 0, 0, sequence)]);
}

async function serverFor(t: { after: (end: () => Promise<void>) => void }): Promise<LumberjackServer> {
  const server = await LumberjackServer.start();
  t.after(() => server.stop());
  return server;
}

describe('logstash output, protocol lumberjack', () => {
  for (const compression of [0, 1]) {
    it(`sends a batch as one window, whole and in order; compression ${compression}`, async (t) => {
      const server = await serverFor(t);
      const output = logstashOutput(t, {
        protocol: 'lumberjack',
        hosts: `127.0.0.1:${server.port}`,
        compression,
      });
      await ready(output);
      const batch = batchOfLines([eventLine(0), eventLine(1, ',"text":"gerät 传感器"'), eventLine(2)]);
      assert.deepEqual(await output.write(batch), { delivered: 3, duplicates: 0 });
      const [window] = server.windows;
      assert.deepEqual([window?.sequences, window?.compressed], [[1, 2, 3], compression > 0]);
      assert.deepEqual(window?.events[1], {
        event: { id: '1'.padStart(40, '0') },
        message: 'event 1',
        text: 'gerät 传感器',
      });
      assert.equal(batch.released, true);
    });
  }

  it('settles at the ack, not before; the bytes are free as soon as they are sent', async (t) => {
    const server = await serverFor(t);
    server.onWindow = () => {};
    const output = logstashOutput(t, { protocol: 'lumberjack', hosts: `127.0.0.1:${server.port}` });
    await ready(output);
    let settled = false;
    const batch = batchOf(0, 10);
    const receipt = output.write(batch).finally(() => {
      settled = true;
    });
    await until(
      () => server.windows.length === 1 && batch.released,
      () => 'a window',
    );
    assert.equal(settled, false);
    server.windows[0]?.ack();
    assert.deepEqual(await receipt, { delivered: 10, duplicates: 0 });
  });

  it('has several windows under way, and no more than the window allows', async (t) => {
    const server = await serverFor(t);
    server.onWindow = () => {};
    const output = logstashOutput(t, {
      protocol: 'lumberjack',
      hosts: `127.0.0.1:${server.port}`,
      window: { events: 250 },
    });
    await ready(output);
    const receipts = [0, 1, 2, 3].map((i) => output.write(batchOf(i * 100, i * 100 + 100)));
    await until(
      () => server.windows.length === 2,
      () => `${server.windows.length} windows`,
    );
    assert.match(output.describe(), /200 events not acknowledged/);
    server.onWindow = (window) => window.ack();
    server.windows[0]?.ack();
    server.windows[1]?.ack();
    assert.deepEqual(
      (await Promise.all(receipts)).map(({ delivered }) => delivered),
      [100, 100, 100, 100],
    );
    assert.deepEqual(server.numbers, range(0, 400));
  });

  it('cuts a batch that is larger than a window allows', async (t) => {
    const server = await serverFor(t);
    const output = logstashOutput(t, { protocol: 'lumberjack', hosts: `127.0.0.1:${server.port}` });
    await ready(output);
    assert.deepEqual(await output.write(batchOf(0, 5000)), { delivered: 5000, duplicates: 0 });
    assert.deepEqual(
      server.windows.map(({ events }) => events.length),
      [2048, 2048, 904],
    );
    assert.deepEqual(server.windows[1]?.sequences.slice(0, 2), [1, 2]);
    assert.deepEqual(server.numbers, range(0, 5000));
  });

  it('an event larger than the window travels alone', async (t) => {
    const server = await serverFor(t);
    const output = logstashOutput(t, {
      protocol: 'lumberjack',
      hosts: `127.0.0.1:${server.port}`,
      window: { bytes: '64KiB' },
    });
    await ready(output);
    const huge = eventLine(1, `,"text":"${'x'.repeat(5_000_000)}"`);
    await output.write(batchOfLines([eventLine(0), huge, eventLine(2)]));
    assert.deepEqual(
      server.windows.map(({ events }) => events.length),
      [1, 1, 1],
    );
  });

  it('ack 40 of 100, then a reset: 60 are sent again, 100 are delivered', async (t) => {
    const server = await serverFor(t);
    server.onWindow = (window) => {
      window.ack(40);
      window.socket.end();
    };
    const output = logstashOutput(t, { protocol: 'lumberjack', hosts: `127.0.0.1:${server.port}` });
    await ready(output);
    await assert.rejects(output.write(batchOf(0, 100)), RetryableError);
    server.onWindow = (window) => window.ack();
    await ready(output);
    // The source is read again from the cursor, and its batches may be cut differently.
    const again = [output.write(batchOf(0, 30)), output.write(batchOf(30, 110))];
    assert.deepEqual(await Promise.all(again), [
      { delivered: 30, duplicates: 0 },
      { delivered: 80, duplicates: 0 },
    ]);
    assert.deepEqual(server.numbers, range(0, 110));
    // What was remembered is forgotten once it was used: a later event of the same id is sent.
    await output.write(batchOf(0, 1));
    assert.deepEqual(server.numbers.at(-1), 0);
  });

  it('remembers what was acknowledged over more than one loss', async (t) => {
    const server = await serverFor(t);
    const cut = [40, 5];
    server.onWindow = (window) => {
      const ack = cut.shift();
      window.ack(ack);
      if (ack !== undefined) window.socket.end();
    };
    const output = logstashOutput(t, { protocol: 'lumberjack', hosts: `127.0.0.1:${server.port}` });
    for (let loss = 0; loss < 2; loss++) {
      await ready(output);
      await assert.rejects(output.write(batchOf(0, 100)), RetryableError);
    }
    await ready(output);
    assert.deepEqual(await output.write(batchOf(0, 100)), { delivered: 100, duplicates: 0 });
    assert.deepEqual(server.numbers, range(0, 100));
  });

  it('acks in part and ends at random, a probe with a real file: what was acknowledged is not sent again', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'a.log');
    const lines = 20_000;
    writeFileSync(file, Array.from({ length: lines }, (_, i) => `1700000000: line ${i}\n`).join(''));
    const server = await serverFor(t);
    let ends = 0;
    server.onWindow = (window) => {
      // What comes behind a window that ended the connection is not looked at.
      if (window.socket.destroyed || window.socket.writableEnded) return;
      const chance = ends < 15 ? Math.random() : 1;
      if (chance > 0.4) {
        window.ack();
        return;
      }
      ends++;
      window.ack(Math.floor(Math.random() * window.events.length));
      window.socket.end();
    };
    const probe = new ProbeProcess(
      t,
      directory,
      `inputs: {log: {type: file, broker: mosquitto, paths: ${file}}}\noutputs: {elk: {type: logstash, protocol: lumberjack, hosts: "127.0.0.1:${server.port}"}}\n`,
    );
    probe.start();
    const seen = (): string[] =>
      server.taken.map(({ message }) => String(message)).filter((message) => message.startsWith('line '));
    await until(
      () => new Set(seen()).size === lines,
      () => `${new Set(seen()).size} of ${lines} lines, ${ends} ends; ${probe.stderr}`,
      90_000,
    );
    assert.equal(await probe.stop(), 0);
    t.diagnostic(`${ends} ends`);
    assert.equal(seen().length, lines, 'an acknowledged event was sent again');
  });

  it('acks of 0 keep it alive: nothing is sent again while the pipeline stands still', async (t) => {
    const server = await serverFor(t);
    let zeros = 0;
    server.onWindow = (window) => {
      const beat = setInterval(() => {
        window.ack(0);
        if (++zeros < 20) return;
        clearInterval(beat);
        window.ack();
      }, 50);
    };
    const output = logstashOutput(
      t,
      { protocol: 'lumberjack', hosts: `127.0.0.1:${server.port}` },
      { ackTimeoutMs: 400 },
    );
    await ready(output);
    assert.deepEqual(await output.write(batchOf(0, 100)), { delivered: 100, duplicates: 0 });
    assert.deepEqual([zeros, server.windows.length, server.connections], [20, 1, 1]);
  });

  it('a pipeline that stands still is told of, until it goes on', async (t) => {
    const server = await serverFor(t);
    server.onWindow = () => {};
    const elk = logstashOutput(
      t,
      { protocol: 'lumberjack', hosts: `127.0.0.1:${server.port}` },
      { patienceMs: 200 },
    );
    const directory = tempDir(t);
    const log = path.join(directory, 'a.log');
    writeFileSync(log, '1700000000: line 0\n');
    const { probe } = await startProbeWith(t, directory, fileInput(log), { elk });
    await until(
      () => /elk: .* has acknowledged nothing for \d+ s: its pipeline/.test(probe.status().problems.join()),
      () => probe.status().problems.join(),
    );
    assert.equal(probe.status().ready, false);
    server.onWindow = (window) => window.ack();
    for (const window of server.windows) window.ack();
    await until(
      () => probe.status().ready && probe.status().outputs[0]?.pending === 0,
      () => probe.status().problems.join(),
    );
    assert.equal(server.connections, 1);
  });

  it('a window that takes long to be sent is no silence', async (t) => {
    const bytes = 64 * 2 ** 20;
    let received = 0;
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        received += chunk.length;
        if (received === EMPTY_WINDOW.length) socket.write(ack(0));
        if (received > bytes) socket.write(ack(1));
        // 8 MB a second, until what the kernels hold is not much less than what is left.
        if (received > 0.4 * bytes) return;
        socket.pause();
        setTimeout(() => socket.resume(), chunk.length / 8000);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const hosts = `127.0.0.1:${(server.address() as AddressInfo).port}`;
    const output = logstashOutput(t, { protocol: 'lumberjack', hosts }, { ackTimeoutMs: 2000 });
    await ready(output);
    const batch = batchOfLines([eventLine(0, `,"text":"${'x'.repeat(bytes)}"`)]);
    assert.deepEqual(await output.write(batch), { delivered: 1, duplicates: 0 });
  });

  it('no ack and no sign of life: the connection is given up', async (t) => {
    const server = await serverFor(t);
    server.onWindow = () => {};
    const output = logstashOutput(
      t,
      { protocol: 'lumberjack', hosts: `127.0.0.1:${server.port}` },
      { ackTimeoutMs: 200 },
    );
    await ready(output);
    await delay(300); // An idle connection is no silent one.
    await assert.rejects(output.write(batchOf(0, 10)), /no acknowledgement and no sign of life within 0.2 s/);
    assert.equal(server.windows.length, 1);
  });

  it('an ack beyond the window breaks the protocol', async (t) => {
    const server = await serverFor(t);
    server.onWindow = (window) => window.ack(11);
    const output = logstashOutput(t, { protocol: 'lumberjack', hosts: `127.0.0.1:${server.port}` });
    await ready(output);
    await assert.rejects(output.write(batchOf(0, 10)), /acknowledged event 11 of a window of 10/);
  });

  it('something else that listens there is told apart', async (t) => {
    const web = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    });
    await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
    t.after(() => web.close());
    const address = web.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const output = logstashOutput(t, { protocol: 'lumberjack', hosts: `127.0.0.1:${port}` });
    await assert.rejects(ready(output), (error: unknown) => {
      assert.ok(error instanceof BlockedError);
      assert.match(error.message, /does not speak lumberjack version 2; hosts has to name a beats input/);
      return true;
    });
  });

  it('a server that does not answer an empty window is used all the same', async (t) => {
    const server = await serverFor(t);
    server.answersPings = false;
    const output = logstashOutput(t, { protocol: 'lumberjack', hosts: `127.0.0.1:${server.port}` });
    await ready(output);
    assert.deepEqual(await output.write(batchOf(0, 3)), { delivered: 3, duplicates: 0 });
  });

  it('a host that takes connections and acknowledges nothing gives way to the next one', async (t) => {
    const first = await serverFor(t);
    const second = await serverFor(t);
    first.onWindow = () => {};
    const output = logstashOutput(
      t,
      { protocol: 'lumberjack', hosts: [`127.0.0.1:${first.port}`, `127.0.0.1:${second.port}`] },
      { ackTimeoutMs: 200 },
    );
    await ready(output);
    await assert.rejects(output.write(batchOf(0, 10)), /no acknowledgement/);
    await ready(output);
    assert.deepEqual(await output.write(batchOf(0, 10)), { delivered: 10, duplicates: 0 });
    assert.deepEqual([first.windows.length, second.numbers], [1, range(0, 10)]);
  });

  it('closing waits for the acks of what is under way', async (t) => {
    const server = await serverFor(t);
    server.onWindow = (window) => setTimeout(() => window.ack(), 100);
    const output = logstashOutput(t, { protocol: 'lumberjack', hosts: `127.0.0.1:${server.port}` });
    await ready(output);
    const receipts = [output.write(batchOf(0, 10)), output.write(batchOf(10, 20))];
    await until(
      () => server.windows.length === 2,
      () => 'two windows',
    );
    await output.close(5000);
    assert.deepEqual(
      (await Promise.all(receipts)).map(({ delivered }) => delivered),
      [10, 10],
    );
  });

  it('an event that makes the server reset is soon alone in its window; the others get through', async (t) => {
    const server = await serverFor(t);
    server.onWindow = (window) => {
      const bad = window.events.some((event) => numberOf(event as never) === 70);
      if (bad) window.socket.resetAndDestroy();
      else window.ack();
    };
    const output = logstashOutput(t, { protocol: 'lumberjack', hosts: `127.0.0.1:${server.port}` });
    for (let loss = 0; loss < 30; loss++) {
      await ready(output);
      await assert.rejects(output.write(batchOf(0, 100)), RetryableError);
      const last = server.windows.at(-1);
      if (server.numbers.length === 70 && last?.events.length === 1) return;
    }
    assert.fail(`${server.numbers.length} delivered, last window ${server.windows.at(-1)?.events.length}`);
  });
});
