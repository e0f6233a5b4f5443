import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { HttpReceiver } from '../../../support/http-receiver.ts';
import { fileInput, startProbeWith } from '../../../support/in-process.ts';
import { logstashOutput } from '../../../support/logstash-output.ts';
import { tempDir } from '../../../support/temp.ts';
import { until } from '../../../support/wait.ts';

for (const [status, words] of [
  [429, /^output elk: 127\.0\.0\.1:\d+ answers 429: its queue is full/],
  [503, /^output elk: 127\.0\.0\.1:\d+ answers 503: it takes nothing now/],
] as const) {
  it(`logstash output, protocol http: ${status} is a reason not to be ready, until it is over`, async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'a.log');
    writeFileSync(file, '1700000000: line 0\n');
    const receiver = await HttpReceiver.start();
    t.after(() => receiver.stop());
    receiver.onRequest = (request) => request.answer(request.events.length === 0 ? 200 : status);
    const elk = logstashOutput(t, { protocol: 'http', hosts: `127.0.0.1:${receiver.port}` });
    const { probe } = await startProbeWith(t, directory, fileInput(file), { elk });
    await until(
      () => probe.status().problems.some((problem) => words.test(problem)),
      () => probe.status().problems.join(),
    );
    assert.equal(probe.status().ready, false);
    receiver.onRequest = (request) => request.answer();
    await until(
      () => probe.status().ready && receiver.taken.some(({ message }) => message === 'line 0'),
      () => probe.status().problems.join(),
    );
    assert.ok((probe.status().outputs[0]?.retries ?? 0) + (probe.status().outputs[0]?.reconnects ?? 0) > 0);
  });
}
