import { amount } from '../../core/text/amount.ts';
import { safe, safeJson } from '../../core/text/safe.ts';
import type { Status } from '../../telemetry/status.ts';
import { probePlace } from '../config.ts';
import { askStatus } from './control.ts';

/** `status`: what the running probe says of itself. */
export async function status(options: { config?: string; json?: boolean }): Promise<void> {
  const body = await askStatus(probePlace(options.config));
  if (options.json === true) {
    process.stdout.write(safeJson(body));
    return;
  }
  process.stdout.write(statusText(JSON.parse(body)));
}

/** The status as a few lines for people. */
export function statusText({
  name,
  version,
  pid,
  started,
  ready,
  problems,
  refused,
  inputs,
  outputs,
  spool,
}: Status): string {
  const lines = [
    `${name}  brokertap ${version}  pid ${pid}  since ${started}  ${ready ? 'ready' : 'NOT READY'}`,
  ];
  for (const problem of problems) lines.push(`  ! ${problem}`);
  if (refused !== undefined) {
    const [why = '', ...more] = refused.why.split('\n');
    lines.push(`  ! configuration refused at ${refused.at}: ${why}`, ...more.map((line) => `      ${line}`));
    lines.push('    the one before goes on; reload again when this one is right');
  }
  for (const { name, type, sources, records, events, empty, unparsed, foreign, gaps, lagBytes } of inputs) {
    lines.push(
      `input ${name} (${type}): ${amount(sources, 'source')}, lag ${amount(lagBytes, 'byte')}; since the start ${amount(records, 'record')}, ${amount(events, 'event')}, ${empty} empty, ${unparsed} unparsed, ${foreign} of other programs, ${amount(gaps, 'gap')}`,
    );
  }
  for (const {
    name,
    type,
    place,
    read,
    delivered,
    duplicates,
    filtered,
    dropped,
    dead,
    pending,
    bytesToGo,
    recordsToGo,
    retries,
    reconnects,
    failureStore,
    collisions,
  } of outputs) {
    const aside = failureStore > 0 ? `, ${failureStore} in the failure store of the server` : '';
    const same = collisions > 0 ? `, ${collisions} with the id of another event` : '';
    const spooled = recordsToGo > 0 ? ` (${amount(recordsToGo, 'record')} in the spool)` : '';
    lines.push(
      `output ${name} (${type}, ${place}): ${amount(bytesToGo, 'byte')} to go${spooled}; since the start ${amount(retries, 'retry', 'retries')}, ${amount(reconnects, 'reconnect')}${aside}${same}`,
    );
    const sum = delivered + duplicates + filtered + dead + dropped + pending;
    lines.push(
      `  over all starts: read ${read} = delivered ${delivered} + duplicates ${duplicates} + filtered ${filtered} + dead ${dead} + dropped ${dropped} + pending ${pending}${sum === read ? '' : `  DOES NOT BALANCE (${sum})`}`,
    );
  }
  for (const { input, segments, bytes, oldestSeconds } of spool.streams) {
    lines.push(
      `spool ${input}: ${amount(segments, 'segment')}, ${amount(bytes, 'byte')}, ${oldestSeconds === 0 ? 'all settled' : `oldest unsettled record ${Math.round(oldestSeconds)} s old`}`,
    );
  }
  for (const input of spool.abandoned)
    lines.push(`spool ${input}: this input is no longer configured; its records stay`);
  // Servers have a say in it.
  return `${lines.map(safe).join('\n')}\n`;
}
