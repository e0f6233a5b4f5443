import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { Authority } from '../../../support/certificates.ts';
import { ProbeProcess } from '../../../support/cli.ts';
import { buildGoLumber, GoLumber, NEEDS_GO } from '../../../support/go-lumber.ts';
import { tempDir } from '../../../support/temp.ts';
import { until } from '../../../support/wait.ts';

const LINES = 5000;

describe("lumberjack, checked with Elastic's own server in Go", NEEDS_GO, () => {
  it('plain, compressed and with TLS: every line arrives whole, once, in order', async (t) => {
    const directory = tempDir(t);
    const program = buildGoLumber(directory, (reason) => t.skip(reason));
    if (program === undefined) return;
    const log = path.join(directory, 'a.log');
    const text = (i: number): string => `line ${i} "quoted" \\ gerät 传感器`;
    writeFileSync(log, Array.from({ length: LINES }, (_, i) => `1700000000: ${text(i)}\n`).join(''));
    const authority = new Authority(directory, 'authority');
    const server = authority.issue('server', 'IP:127.0.0.1');
    const ways: readonly (readonly [string, string, boolean])[] = [
      ['plain', '', false],
      ['compressed', 'compression: 3', false],
      ['tls', `tls: {ca: ${authority.cert}}, compression: 1`, true],
    ];
    for (const [name, settings, tls] of ways) {
      const receiver = await GoLumber.start(program, tls ? server : undefined);
      t.after(() => receiver.stop());
      const own = path.join(directory, name);
      mkdirSync(own);
      const probe = new ProbeProcess(
        t,
        own,
        `inputs: {log: {type: file, broker: mosquitto, paths: ${log}}}\noutputs: {elk: {type: logstash, protocol: lumberjack, hosts: "127.0.0.1:${receiver.port}"${settings === '' ? '' : `, ${settings}`}}}\n`,
      );
      probe.start();
      const ofLog = (): string[] =>
        receiver.events
          .filter(({ log }) => log !== undefined && (log as { offset?: number }).offset !== undefined)
          .map(({ message }) => String(message));
      await until(
        () => ofLog().length >= LINES,
        () => `${name}: ${ofLog().length} lines; ${probe.stderr}`,
        60_000,
      );
      assert.equal(await probe.stop(), 0);
      assert.deepEqual(
        ofLog(),
        Array.from({ length: LINES }, (_, i) => text(i)),
        name,
      );
    }
  });
});
