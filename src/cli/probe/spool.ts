import { rm } from 'node:fs/promises';
import path from 'node:path';
import { isStreamRead } from '../../app/probe-parts.ts';
import { BlockedError, hasCode, UsageError } from '../../core/errors.ts';
import { amount } from '../../core/text/amount.ts';
import { savedStreams } from '../../state/positions-file.ts';
import { listStreams, type Survey, survey, verify } from '../../state/spool/recovery/survey.ts';
import { disk } from '../../state/spool/segments/disk.ts';
import { inputOfStream, spoolDirectory } from '../../state/spool/spool.ts';
import { unusable } from '../../state/spool/unusable.ts';
import { probeConfig } from '../config.ts';

/** The running probe may remove a segment while we look. */
const ATTEMPTS = 5;

/** `spool inspect`: what is stored for each input, and how far each output is. */
export async function inspectSpool(options: { config?: string; json?: boolean }): Promise<void> {
  const config = probeConfig(options.config);
  const directory = spoolDirectory(config.state);
  const saved = await savedStreams(config.state);
  const streams = [];
  for (const input of await steady(directory, () => listStreams(disk, directory))) {
    const found = await steady(directory, () => survey(disk, directory, input));
    if (found === undefined) continue;
    const outputs = Object.entries(saved[found.id]?.cursors ?? {}).map(([output, { offset, before }]) => ({
      output,
      bytesBehind: found.end.offset - offset,
      recordsBehind: Number(found.end.before) - Number(before),
    }));
    streams.push({ ...found, configured: Object.hasOwn(config.inputs, inputOfStream(input)), outputs });
  }
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify({ directory, sizeBytes: config.spool.size, streams })}\n`);
    return;
  }
  const lines = [`spool ${directory}: ${amount(streams.length, 'stream')}, limit ${config.spool.size} bytes`];
  for (const { configured, outputs, ...stream } of streams) {
    lines.push(describe(stream) + (configured ? '' : '  (this input is no longer configured)'));
    for (const { output, recordsBehind, bytesBehind } of outputs) {
      lines.push(
        `  output ${output}: ${amount(recordsBehind, 'record')}, ${amount(bytesBehind, 'byte')} to go`,
      );
    }
  }
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** `spool verify`: reads every record. @throws BlockedError when something cannot be read */
export async function verifySpool(options: { config?: string }): Promise<void> {
  const directory = spoolDirectory(probeConfig(options.config).state);
  let defects = 0;
  for (const input of await steady(directory, () => listStreams(disk, directory))) {
    const found = await steady(directory, () => verify(disk, directory, input));
    defects += found.length;
    for (const { file, problem, records } of found) {
      const lost = records === undefined ? '' : `; lost: ${amount(records, 'record')}`;
      process.stdout.write(`${input}: ${file}: ${problem}${lost}\n`);
    }
    if (found.length === 0) process.stdout.write(`${input}: whole\n`);
  }
  if (defects > 0) {
    throw new BlockedError(
      'the probe passes over what is damaged, and tells of it by input-gap events: nothing has to be repaired',
    );
  }
}

/** `spool purge`: removes the records of an input that is no longer configured. */
export async function purgeSpool(input: string, options: { config?: string }): Promise<void> {
  const config = probeConfig(options.config);
  const directory = spoolDirectory(config.state);
  if (isStreamRead(input, config)) {
    throw new UsageError(
      `input ${inputOfStream(input)} is configured: only what an earlier input has left can be purged`,
    );
  }
  const streams = await steady(directory, () => listStreams(disk, directory));
  const found = streams.includes(input)
    ? await steady(directory, () => survey(disk, directory, input))
    : undefined;
  if (found === undefined) throw new UsageError(`there is nothing of an input ${input} in ${directory}`);
  await rm(path.join(directory, input), { recursive: true });
  process.stdout.write(`removed ${describe(found)}\n`);
}

function describe({ input, segments, bytes, records, oldestMs, newestMs }: Survey): string {
  const time = (ms: number | undefined): string => (ms === undefined ? '-' : new Date(ms).toISOString());
  return `${input}: ${amount(records, 'record')} in ${amount(segments, 'segment')}, ${amount(bytes, 'byte')}, seen ${time(oldestMs)} to ${time(newestMs)}`;
}

/** @throws StateError when the file system does not give it */
async function steady<T>(directory: string, look: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await look();
    } catch (error) {
      if (attempt < ATTEMPTS && hasCode(error, 'ENOENT')) continue;
      throw error instanceof Error && 'syscall' in error ? unusable(directory, error) : error;
    }
  }
}
