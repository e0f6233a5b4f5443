import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Outcome, run, SINKS, WAYS } from './scenario.ts';

/*
 * npm run chaos -- [--kills N] [--seed TEXT] [--input file|mqtt|http] [--sink tcp|lumberjack|bulk] [--real opensearch|elasticsearch]
 * Kills the probe N times in every scenario, whatever it is doing, while its input is rotated or restarted and its sink
 * stopped and cut. Ends with 1 when anything is missing, forged, there too often, or does not add up; then it says where
 * the evidence is. The same seed decides the same; what the machine makes of it differs.
 */
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const REAL = ['opensearch', 'elasticsearch'];
const print = (line: string): void => void process.stdout.write(`${line}\n`);

const { values } = parseArgs({
  options: {
    kills: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    input: { type: 'string', multiple: true },
    sink: { type: 'string', multiple: true },
    real: { type: 'string', multiple: true, default: [] },
    help: { type: 'boolean', default: false },
  },
});
const kills = Number(values.kills);
const ways = WAYS.filter((way) => values.input?.includes(way) ?? true);
const hostile = values.real.length > 0 ? [] : SINKS.filter((sink) => !REAL.includes(sink));
const wanted: readonly string[] = [...(values.sink ?? hostile), ...values.real];
const sinks = SINKS.filter((sink) => wanted.includes(sink));
const isWrong = !(kills > 0) || ways.length === 0 || sinks.length < wanted.length;
if (isWrong || values.help) {
  print(
    'write --kills 200, --seed 1, --input file, mqtt or http, --sink tcp, lumberjack or bulk, --real opensearch or elasticsearch',
  );
  process.exit(isWrong ? 2 : 0);
}

const count = (n: number): string => n.toLocaleString('en');
function line(name: string, o: Outcome, seconds: number): string {
  return (
    `${name.padEnd(22)} ${o.kills} kills, ${o.disturbances} disturbances, ${o.outages} outages: ` +
    `${count(o.written)} written, ${count(o.arrived)} arrived, ${count(o.duplicates)} duplicates, bound ${count(o.bound)}, ` +
    `${o.balances} balances, ${seconds.toFixed(0)} s${o.violations.length === 0 ? '' : '  FAILED'}`
  );
}

execFileSync('npm', ['run', '--silent', 'build'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
const total = {
  kills: 0,
  disturbances: 0,
  outages: 0,
  written: 0,
  arrived: 0,
  duplicates: 0,
  bound: 0,
  balances: 0,
};
const violations: string[] = [];
const began = performance.now();
for (const way of ways) {
  for (const sink of sinks) {
    const from = performance.now();
    const program = path.join(ROOT, 'dist/main.js');
    const outcome = await run({ way, sink, kills, seed: values.seed, program });
    print(line(`${way} > ${sink}`, outcome, (performance.now() - from) / 1000));
    for (const violation of outcome.violations) print(`    ${violation}`);
    if (outcome.evidence !== undefined) print(`    evidence: ${outcome.evidence}`);
    for (const key of Object.keys(total) as (keyof typeof total)[]) total[key] += outcome[key];
    violations.push(...outcome.violations);
  }
}
print(line('all', { ...total, violations, evidence: undefined }, (performance.now() - began) / 1000));
process.exitCode = violations.length === 0 ? 0 : 1;
