import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { DeadLetterOffice } from '../../app/dead-letter-office.ts';
import { openVault } from '../../app/privacy.ts';
import type { Replayed } from '../../app/replay.ts';
import type { Config } from '../../config/load.ts';
import { StateError, UsageError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import { amount } from '../../core/text/amount.ts';
import { safe, safeJson } from '../../core/text/safe.ts';
import { outputs as outputTypes } from '../../outputs/index.ts';
import { Delivery } from '../../pipeline/lane/delivery.ts';
import { listenOnControlSocket } from '../../state/control-socket.ts';
import { DeadLetters } from '../../state/dead-letters.ts';
import { deadLetterFile, type Letter, letterLines, replayFile } from '../../state/letters.ts';
import { PositionStore } from '../../state/positions.ts';
import { openLog } from '../../telemetry/log.ts';
import { probeConfig } from '../config.ts';
import { countOf } from '../options.ts';
import { askProbe } from './control.ts';

const CLOSE_MS = 5000;

interface Options {
  readonly config?: string;
}

/** `dead-letters list`: how many each output has, and why. */
export async function list(options: Options): Promise<void> {
  const config = probeConfig(options.config);
  for (const output of Object.keys(config.outputs)) {
    const reasons = new Map<string, number>();
    let [count, first, last] = [0, '', ''];
    for await (const { letter } of lettersOf(config, output)) {
      const reason = `${letter.status} ${letter.type}`;
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
      if (count++ === 0) first = letter.when;
      last = letter.when;
    }
    const span = count === 0 ? '' : `, from ${first} to ${last}`;
    process.stdout.write(`${output}: ${amount(count, 'dead letter')}${span}\n`);
    for (const [reason, number] of [...reasons].sort((a, b) => b[1] - a[1])) {
      process.stdout.write(`${String(number).padStart(10)}  ${safe(reason)}\n`);
    }
  }
}

/** `dead-letters show`: the letters of one output as they are kept, one JSON object a line. */
export async function show(output: string, options: Options & { limit?: string }): Promise<void> {
  const limit = options.limit === undefined ? Number.POSITIVE_INFINITY : countOf('--limit', options.limit);
  const config = probeConfig(options.config);
  known(config, output);
  let shown = 0;
  for await (const { line } of lettersOf(config, output)) {
    if (shown++ >= limit) return;
    process.stdout.write(`${safeJson(line)}\n`);
  }
}

/** `dead-letters replay`: sends them again, through the running probe or, when none runs, by itself. */
export async function replay(output: string, options: Options): Promise<void> {
  const config = probeConfig(options.config);
  known(config, output);
  const answer = await askProbe(config.state, 'POST', `/dead-letters/${output}/replay`);
  const { taken, refused }: Replayed =
    answer === undefined ? await replayAlone(config, output) : JSON.parse(answer);
  process.stdout.write(`${output}: ${taken} delivered, ${refused} refused again\n`);
}

/** `dead-letters purge`: deletes them for good. */
export async function purge(output: string, options: Options): Promise<void> {
  const config = probeConfig(options.config);
  known(config, output);
  const answer = await askProbe(config.state, 'POST', `/dead-letters/${output}/purge`);
  if (answer === undefined) {
    await withState(config, () => new DeadLetters(config.state, output, config.dead_letters.size).purge());
  }
  process.stdout.write(`${output}: purged\n`);
}

function known(config: Config, output: string): void {
  if (Object.hasOwn(config.outputs, output)) return;
  throw new UsageError(`no output "${output}"; there are ${Object.keys(config.outputs).join(', ')}`);
}

async function* lettersOf(config: Config, output: string): AsyncGenerator<{ line: string; letter: Letter }> {
  for (const file of [replayFile, deadLetterFile].map((of) => of(config.state, output))) {
    if (!existsSync(file)) continue;
    for await (const line of letterLines(file)) {
      // A letter that is being written now, or was when the machine stopped.
      if (line.startsWith('{') && line.endsWith('}')) yield { line, letter: JSON.parse(line) };
    }
  }
}

async function replayAlone(config: Config, name: string): Promise<Replayed> {
  if (!existsSync(deadLetterFile(config.state, name)) && !existsSync(replayFile(config.state, name))) {
    return { taken: 0, refused: 0 };
  }
  const log = await openLog(config.telemetry.log);
  return withState(config, () => replayWith(config, name, log));
}

async function replayWith(config: Config, name: string, log: Logger): Promise<Replayed> {
  const settings = config.outputs[name];
  if (settings === undefined) throw new UsageError(`no output "${name}"`);
  const store = await PositionStore.open(config.state, Object.keys(config.outputs), log, openVault(config));
  const { create } = await outputTypes[settings.type].load();
  const office = new DeadLetterOffice(config, log, () => {});
  const delivery = new Delivery(name, create(settings as never), office.graveyard(name), log);
  const revive = (source: string, letters: number): void => store.revive(source, name, letters);
  delivery.start();
  try {
    return await office.replay({ name, delivery, revive }, () => store.save(), new AbortController().signal);
  } finally {
    await delivery.stop(CLOSE_MS);
  }
}

/** Holds the lock of the state directory meanwhile. */
async function withState<T>(config: Config, act: () => Promise<T>): Promise<T> {
  if (!existsSync(config.state)) throw new StateError(`there is no state directory ${config.state}`);
  const lock = createServer((socket) => socket.destroy());
  await listenOnControlSocket(config.state, lock);
  try {
    return await act();
  } finally {
    lock.close();
  }
}
