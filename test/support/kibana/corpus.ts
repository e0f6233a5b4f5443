import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { cli } from '../cli.ts';
import type { Event } from './matches.ts';
import { plantedLog, plantedProbeEvents } from './planted.ts';

const GOLDEN = fileURLToPath(new URL('../../golden', import.meta.url));

/** What the program makes of every golden log, of the planted one, of the captured `$SYS` topics, and what probes say of themselves. */
export async function corpus(): Promise<Event[]> {
  const files = (broker: string, wanted: RegExp): string[] =>
    readdirSync(path.join(GOLDEN, broker))
      .filter((file) => wanted.test(file) && file !== 'index.jsonl')
      .map((file) => path.join(GOLDEN, broker, file));
  const emqx = files('emqx', /\.(?:log|jsonl)$/);
  const isSys = (file: string): boolean => path.basename(file).includes('sys');
  const parts = await Promise.all([
    parse(['--broker', 'mosquitto', ...files('mosquitto', /\.log$/)]),
    parse(['--broker', 'emqx', ...emqx.filter((file) => !isSys(file))]),
    parse(['--broker', 'emqx', '--messages', ...emqx.filter(isSys)]),
    parse(['--broker', 'mosquitto'], plantedLog()),
    parse(['--broker', 'mosquitto', '--messages', ...files('sys', /^mosquitto.*\.jsonl$/)]),
    parse(['--broker', 'emqx', '--messages', ...files('sys', /^emq.*\.jsonl$/)]),
  ]);
  return [...parts.flat(), ...plantedProbeEvents()];
}

async function parse(args: readonly string[], input = ''): Promise<Event[]> {
  const { code, stdout, stderr } = await cli(['parse', ...args], { input });
  assert.equal(code, 0, stderr);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
