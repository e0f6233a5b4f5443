import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Field } from '../../src/ecs/fields/field.ts';
import { fieldsOf } from '../../src/setup/search/mapping.ts';
import { cli } from './cli.ts';

const GOLDEN = fileURLToPath(new URL('../golden/', import.meta.url));

/** One event of the corpus as the probe ships it. */
export interface CorpusEvent {
  readonly stream: { readonly type: string; readonly dataset: string; namespace: string };
  readonly id: string;
  readonly source: Record<string, unknown>;
}

/** Log files of the corpus, captured messages apart; of files with the same bytes, which the file input takes for copies, one. */
export function logFiles(broker: 'mosquitto' | 'emqx'): string[] {
  const names = readdirSync(path.join(GOLDEN, broker));
  const wanted = broker === 'mosquitto' ? /\.log$/ : /\.(?:log|jsonl)$/;
  const files = names
    .filter((name) => wanted.test(name) && name !== 'index.jsonl' && !/[.-]sys\b|sys\.real/.test(name))
    .map((name) => path.join(GOLDEN, broker, name));
  return [...new Map(files.map((file) => [readFileSync(file, 'latin1'), file])).values()];
}

function messageFiles(): string[] {
  return readdirSync(path.join(GOLDEN, 'emqx'))
    .filter((name) => /sys\S*\.jsonl$/.test(name))
    .map((name) => path.join(GOLDEN, 'emqx', name));
}

/** Events of `brokertap parse`. */
export async function parsed(args: readonly string[]): Promise<CorpusEvent[]> {
  const { code, stdout, stderr } = await cli(['parse', ...args]);
  if (code !== 0) throw new Error(stderr);
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const source = JSON.parse(line);
      return { stream: source.data_stream, id: source.event.id, source };
    });
}

/** Every event of the whole corpus. */
export async function corpus(namespace: string): Promise<CorpusEvent[]> {
  const all = [
    await parsed(['--broker', 'mosquitto', ...logFiles('mosquitto')]),
    await parsed(['--broker', 'emqx', ...logFiles('emqx')]),
  ];
  for (const file of messageFiles()) {
    const events = await parsed(['--broker', 'emqx', '--messages', file]);
    // A broker of its own: samples of one at the same time would be one.
    for (const { source } of events) Object.assign(source.service as object, { name: path.basename(file) });
    all.push(events);
  }
  for (const { stream } of all.flat()) stream.namespace = namespace;
  return all.flat();
}

const SAMPLES: Readonly<Record<Field['type'], unknown>> = {
  keyword: 'word',
  match_only_text: 'a few words',
  constant_keyword: '',
  long: 5_000_000_000,
  short: 300,
  byte: 2,
  float: 0.5,
  boolean: true,
  date: '2026-11-21T19:25:28.547Z',
  ip: '2001:db8::7',
  geo_point: { lat: 52.5, lon: 13.4 },
  flattened: { fw: ['1.4.2', 'dup'], deep: { a: 1 } },
  labels: { site: 'berlin', unit: '7' },
};

/** An event with every field that the catalogue has for a dataset. */
export function fullEvent(type: string, dataset: string, namespace: string): CorpusEvent {
  const id = createHash('sha1').update(dataset).digest('hex');
  const stream = { type, dataset, namespace };
  const own: Readonly<Record<string, unknown>> = {
    'event.id': id,
    'data_stream.type': type,
    'data_stream.dataset': dataset,
    'data_stream.namespace': namespace,
  };
  const source: Record<string, unknown> = {};
  for (const [name, field] of Object.entries(fieldsOf(dataset))) {
    const value = own[name] ?? SAMPLES[field.type];
    put(source, name.split('.'), field.array === true ? [value, value] : value);
  }
  return { stream, id, source };
}

function put(object: Record<string, unknown>, [key = '', ...rest]: readonly string[], value: unknown): void {
  if (rest.length === 0) {
    object[key] = value;
    return;
  }
  object[key] ??= {};
  put(object[key] as Record<string, unknown>, rest, value);
}
