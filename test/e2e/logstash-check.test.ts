import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { cli } from '../support/cli.ts';
import { HttpReceiver } from '../support/http-receiver.ts';
import { LumberjackServer } from '../support/lumberjack-server.ts';
import { Receiver } from '../support/receiver.ts';
import { tempDir } from '../support/temp.ts';

describe('check --connect of logstash outputs', () => {
  it('tries each protocol, sends no event, and tells what does not fit', async (t) => {
    const directory = tempDir(t);
    const sinks = {
      tcp: await Receiver.start(),
      lumberjack: await LumberjackServer.start(),
      http: await HttpReceiver.start(),
    };
    for (const sink of Object.values(sinks)) t.after(() => sink.stop());
    const log = path.join(directory, 'a.log');
    writeFileSync(log, '1700000000: mosquitto version 2.0.18 starting\n');
    const check = async (ports: Readonly<Record<string, number>>): Promise<[number | null, string]> => {
      const file = path.join(directory, 'brokertap.yaml');
      const outputs = Object.entries(ports).map(
        ([protocol, port]) =>
          `  to-${protocol}: {type: logstash, protocol: ${protocol}, hosts: "127.0.0.1:${port}"}\n`,
      );
      writeFileSync(
        file,
        `state: ${directory}/state\ntelemetry: {listen: "off"}\ninputs: {log: {type: file, broker: mosquitto, paths: ${log}}}\noutputs:\n${outputs.join('')}`,
      );
      const { code, stdout } = await cli(['check', '-c', file, '--connect']);
      return [code, stdout];
    };
    const [good, said] = await check({
      tcp: sinks.tcp.port,
      lumberjack: sinks.lumberjack.port,
      http: sinks.http.port,
    });
    assert.equal(good, 0, said);
    for (const protocol of ['tcp', 'lumberjack', 'http'])
      assert.match(said, new RegExp(`output to-${protocol}: works`));
    assert.deepEqual([sinks.tcp.lines, sinks.lumberjack.taken, sinks.http.taken], [[], [], []]);
    const [wrong, why] = await check({ lumberjack: sinks.http.port, http: sinks.lumberjack.port });
    assert.equal(wrong, 1, why);
    assert.match(why, /to-lumberjack: .*does not speak lumberjack version 2/);
    assert.match(why, /to-http: 127\.0\.0\.1:\d+: /);
  });
});
