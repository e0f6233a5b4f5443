import assert from 'node:assert/strict';
import { once } from 'node:events';
import { appendFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { describe, it } from 'node:test';
import { RetryableError } from '../../../../src/core/errors.ts';
import { TcpConnection } from '../../../../src/outputs/logstash/tcp/connection.ts';
import { batchOfLines } from '../../../support/batch.ts';
import { ProbeProcess } from '../../../support/cli.ts';
import { logstashOutput, ready } from '../../../support/logstash-output.ts';
import { Receiver } from '../../../support/receiver.ts';
import { tempDir } from '../../../support/temp.ts';
import { until } from '../../../support/wait.ts';

const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `1700000000: line ${from + i}\n`).join('');

describe('logstash output, protocol tcp', () => {
  it('settles after the connection has stayed up, and not before', async (t) => {
    const receiver = await Receiver.start();
    t.after(() => receiver.stop());
    const output = logstashOutput(t, { hosts: `127.0.0.1:${receiver.port}`, confirm_after: '200ms' });
    await ready(output);
    let settled = false;
    const batch = batchOfLines(['{"a":1}\n']);
    const receipt = output.write(batch).then((r) => {
      settled = true;
      return r;
    });
    await until(
      () => batch.released,
      () => 'released',
    );
    assert.equal(settled, false);
    assert.deepEqual(await receipt, { delivered: 1, duplicates: 0 });
  });

  it('a reset before the confirmation rejects; closing is confirmed by the end that answers it', async (t) => {
    const receiver = await Receiver.start();
    t.after(() => receiver.stop());
    const output = logstashOutput(t, { hosts: `127.0.0.1:${receiver.port}`, confirm_after: '60s' });
    await ready(output);
    const lost = output.write(batchOfLines(['{"a":1}\n']));
    const rejected = assert.rejects(lost, RetryableError);
    await until(
      () => receiver.lines.length === 1,
      () => 'one line',
    );
    receiver.reset();
    await rejected;
    await ready(output);
    const kept = output.write(batchOfLines(['{"a":2}\n']));
    await until(
      () => receiver.lines.length === 2,
      () => 'two lines',
    );
    await output.close(5000);
    assert.deepEqual(await kept, { delivered: 1, duplicates: 0 });
  });

  it('a receiver that has read nothing for a while is told of', async (t) => {
    const receiver = await Receiver.start();
    t.after(() => receiver.stop());
    receiver.pause(true);
    const socket = connect(receiver.port, '127.0.0.1');
    await once(socket, 'connect');
    const connection = new TcpConnection(socket, 'there', 100, 100);
    const reasons: string[] = [];
    const line = `${JSON.stringify({ a: 'x'.repeat(1_000_000) })}\n`;
    const written = Array.from({ length: 20 }, () =>
      connection.write({
        ...batchOfLines([line]),
        waiting: ({ message }: RetryableError) => void reasons.push(message),
      }),
    );
    await until(
      () => reasons.length > 1,
      () => 'nothing was told',
    );
    assert.match(reasons[0] ?? '', /^there has read nothing for \d+ s$/);
    receiver.pause(false);
    assert.equal((await Promise.all(written)).length, 20);
    const told = reasons.length;
    await connection.end(1000);
    assert.equal(reasons.length, told);
  });

  it('a receiver that does not read: positions stand still, memory is bounded, everything arrives later', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'a.log');
    writeFileSync(file, lines(0, 100_000));
    const receiver = await Receiver.start();
    t.after(() => receiver.stop());
    receiver.pause(true);
    const probe = new ProbeProcess(
      t,
      directory,
      `inputs: {log: {type: file, broker: mosquitto, paths: ${file}}}\noutputs: {elk: {type: logstash, hosts: "127.0.0.1:${receiver.port}", confirm_after: 200ms}}\n`,
    );
    probe.start();
    await until(
      () => receiver.sockets.size === 1,
      () => probe.stderr,
    );
    appendFileSync(file, lines(100_000, 100_010));
    receiver.pause(false);
    const seen = (): Set<string> =>
      new Set(receiver.lines.map((line) => /"message":"(line \d+)"/.exec(line)?.[1] ?? ''));
    await until(
      () => receiver.lines.length > 100_010 && seen().size > 100_010,
      () => `${receiver.lines.length} lines; ${probe.stderr}`,
      60_000,
    );
    assert.equal(await probe.stop(), 0);
  });
});
