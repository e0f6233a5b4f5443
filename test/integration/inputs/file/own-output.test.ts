import assert from 'node:assert/strict';
import { linkSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { FileOutput } from '../../../../src/outputs/file/index.ts';
import { Capture, fileInput, startProbeWith } from '../../../support/in-process.ts';
import { arrives, exactly, lines, numbers, scene } from '../../../support/tailing.ts';
import { until } from '../../../support/wait.ts';

it('file input: what an output of this probe writes is not read, by whatever name it is found', async (t) => {
  const { directory, file } = scene(t);
  const log = path.dirname(file);
  const alias = path.join(directory, 'alias');
  symlinkSync(log, alias);
  const archive = path.join(directory, 'archive');
  // Its place beside the log is that of an older one.
  const beside = path.join(log, 'mosquitto.log.ndjson');
  symlinkSync(archive, path.join(log, 'archive.log'));
  writeFileSync(archive, '');
  linkSync(archive, path.join(log, 'linked.log'));
  const capture = new Capture();
  const { probe } = await startProbeWith(t, directory, fileInput(`${alias}/*.log`), {
    capture,
    archive: new FileOutput({ path: archive, rotate: { sizeBytes: 16_384, keep: 2 } }),
    beside: new FileOutput({ path: beside, rotate: undefined }),
  });
  writeFileSync(file, lines(0, 100));
  await arrives(capture, numbers(0, 100));
  const problems = (): string => probe.status().problems.join('\n');
  for (const [name, output] of [
    ['archive.log', 'archive'],
    ['mosquitto.log.ndjson', 'beside'],
  ] as const)
    await until(
      () => problems().includes(`${alias}/${name} is not read: output ${output} writes it`),
      problems,
    );
  writeFileSync(file, lines(100, 200), { flag: 'a' });
  await arrives(capture, numbers(0, 200));
  await delay(2500);
  exactly(capture, numbers(0, 200));
  assert.equal(capture.actions('line-unparsed').length, 0);
  assert.ok(readFileSync(`${archive}.1`).length > 0);
});
