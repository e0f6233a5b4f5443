import { hash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { hostname } from 'node:os';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { envelope } from '../app/envelope.ts';
import { brokers } from '../brokers/index.ts';
import { suggest } from '../config/suggest.ts';
import type { MqttMessage } from '../core/dialect.ts';
import { reasonOf, StateError, UsageError } from '../core/errors.ts';
import { EventBuffer } from '../ecs/event-buffer.ts';
import { detectFraming } from '../framing/detect.ts';
import { Filter } from '../pipeline/filter.ts';
import { MirrorReader } from '../pipeline/mirror.ts';
import { Normalizer, type Reading } from '../pipeline/normalizer.ts';
import { formatEvent, useColour } from './pretty.ts';
import { Summary } from './summary.ts';

const BATCH_BYTES = 256 * 1024;
const LIMIT_BYTES = 1024 * 1024;
const NOWHERE = { offset: 0, checkpoint: { offset: 0, sequence: 0 } };

interface ParseOptions {
  readonly broker: string;
  readonly messages?: boolean;
  readonly summary?: boolean;
  readonly pretty?: boolean;
}

/** `parse`: records of log files to events on standard output, in order, and nothing else there. */
export async function parse(files: readonly string[], options: ParseOptions): Promise<void> {
  const names = Object.keys(brokers);
  if (!Object.hasOwn(brokers, options.broker)) {
    const near = suggest(options.broker, names);
    throw new UsageError(
      `unknown broker "${options.broker}"; ${near ? `did you mean "${near}"?` : `there are ${names.join(', ')}`}`,
    );
  }
  const reading = await readingFor(options);
  const summary = options.summary === true ? new Summary() : undefined;
  const colour = useColour(process.stdout);
  for (const file of files.length === 0 ? ['-'] : files) {
    for await (const batch of events(file, reading)) {
      if (summary !== undefined) summary.add(batch);
      else await print(options.pretty === true ? pretty(batch, colour) : batch);
    }
  }
  if (summary !== undefined) await print(summary.text());
}

async function readingFor(options: ParseOptions): Promise<Reading> {
  const { dialect } = await brokers[options.broker as keyof typeof brokers].load();
  const zeros = '00000000-0000-0000-0000-000000000000';
  const about = { host: hostname(), serviceType: dialect.name, serviceName: dialect.name, labels: {} };
  const payload = { capture: 'none' as const, limit: 0, redact: [] };
  return {
    dialect,
    stream: { ownClients: new Set(), topicRoot: 2 },
    leftOut: new Set(),
    original: false,
    envelope: envelope({ id: zeros, ephemeralId: zeros }, about),
    namespace: 'default',
    limit: LIMIT_BYTES,
    ignoreLogTopics: false,
    mirror: (emit) => new MirrorReader({ payload, topicRoot: 2, levels: [], labels: {} }, emit),
    ...(options.messages === true && { asMessage }),
  };
}

/** Events of one file, a batch at a time; the generation in their ids is a digest of the file's name. */
async function* events(file: string, reading: Reading): AsyncGenerator<Buffer> {
  const id = hash('sha1', file, 'hex').slice(0, 24);
  const source = file === '-' ? { id } : { id, path: file };
  const normalizer = new Normalizer(source, reading, new Filter([], new Set()), NOWHERE);
  const out = new EventBuffer(BATCH_BYTES * 2);
  let carry: Buffer = Buffer.alloc(0);
  let offset = 0;
  let framing: ReturnType<typeof detectFraming> | undefined;
  const push = function* (bytes: Buffer, final: boolean): Generator<Buffer> {
    framing ??= reading.asMessage === undefined ? detectFraming(bytes) : 'lines';
    let at = 0;
    for (let before = -1; at > before && at < bytes.length; ) {
      before = at;
      at = normalizer.push(framing, bytes, at, bytes.length, offset, { final, beyond: 0 }, out, BATCH_BYTES);
      if (out.count > 0) yield out.contents().bytes;
      out.clear();
    }
    carry = Buffer.from(bytes.subarray(at));
    offset += at;
  };
  try {
    for await (const chunk of open(file))
      yield* push(Buffer.concat([carry, chunk]), carry.length > LIMIT_BYTES);
  } catch (error) {
    throw new StateError(`${file} cannot be read: ${reasonOf(error)}`, { cause: error });
  }
  yield* push(carry, true);
}

function open(file: string): Readable {
  if (file === '-') return process.stdin;
  const bytes = createReadStream(file);
  return file.endsWith('.gz') ? bytes.pipe(createGunzip()) : bytes;
}

/** A line of `mosquitto_sub -F %j`: `{"tst":…,"topic":…,"qos":…,"retain":…,"payload":…}`; without time it was seen now. */
function asMessage(line: string, seen: number): MqttMessage | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null || !('topic' in value) || typeof value.topic !== 'string')
    return undefined;
  const given = 'payload' in value ? value.payload : '';
  const payload = Buffer.from(typeof given === 'string' ? given : JSON.stringify(given ?? ''));
  const time = 'tst' in value ? Date.parse(String(value.tst)) : Number.NaN;
  return {
    topic: value.topic,
    payload,
    qos: 'qos' in value ? Number(value.qos) : 0,
    retain: 'retain' in value && Number(value.retain) === 1,
    dup: false,
    seen: Number.isNaN(time) ? seen : time,
  };
}

function pretty(batch: Buffer, colour: boolean): string {
  const lines = batch.toString().split('\n').slice(0, -1);
  return lines.map((line) => `${formatEvent(JSON.parse(line), colour)}\n`).join('');
}

async function print(text: Buffer | string): Promise<void> {
  // A copy: the buffer is used again while the pipe still drains.
  if (!process.stdout.write(typeof text === 'string' ? text : Buffer.from(text)))
    await once(process.stdout, 'drain');
}
