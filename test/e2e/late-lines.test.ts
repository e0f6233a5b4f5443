import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { ProbeProcess } from '../support/cli.ts';
import { Receiver } from '../support/receiver.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';

const HEAD = '2026-11-21T19:17:42.123456+00:00 [error] crasher: initial call: x\n    one\n';
const LATE = '    two\n';
const NEXT = '2026-11-21T19:17:43.123456+00:00 [warning] msg: next, mfa: x:y/1\n';

describe('lines of an entry that come after a pause', () => {
  for (const spool of [false, true]) {
    it(`are events of their own also after kill -9 before the next save, spool: ${spool}`, async (t) => {
      const directory = tempDir(t);
      const file = path.join(directory, 'emqx.log');
      const receiver = await Receiver.start();
      t.after(() => receiver.stop());
      writeFileSync(file, HEAD);
      const probe = new ProbeProcess(
        t,
        directory,
        `save: 1h
inputs: {log: {type: file, broker: emqx, paths: "${file}", original: true, spool: ${spool}}}
outputs: {elk: {type: logstash, hosts: "127.0.0.1:${receiver.port}", confirm_after: 100ms}}
`,
      );
      const originals = (): Set<string> =>
        new Set(receiver.events.map(({ event }) => event.original).filter((text) => text !== undefined));
      const arrived = (text: string): Promise<void> =>
        until(
          () => originals().has(text),
          () => probe.stderr,
        );
      probe.start();
      await arrived(HEAD.trimEnd());
      await probe.kill();
      appendFileSync(file, LATE + NEXT);
      probe.start();
      await arrived(NEXT.trimEnd());
      assert.deepEqual(
        [...originals()],
        [HEAD, LATE, NEXT].map((text) => text.trimEnd()),
      );
    });
  }
});
