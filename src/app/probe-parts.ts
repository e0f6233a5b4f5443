import type { Config } from '../config/load.ts';
import type { Logger } from '../core/log.ts';
import type { Output } from '../core/output.ts';
import { type InputType, inputs as inputTypes } from '../inputs/index.ts';
import { outputs as outputTypes } from '../outputs/index.ts';
import { PositionStore } from '../state/positions.ts';
import { disk } from '../state/spool/segments/disk.ts';
import { inputOfStream, Spool, spoolDirectory } from '../state/spool/spool.ts';
import type { Vault } from '../state/vault.ts';

/** An output with its name in the configuration, or one that no configuration names: what `demo` shows events with. */
export interface NamedOutput {
  readonly name: string;
  readonly type: string;
  readonly output: Output;
}

/** Loads the code of the configured outputs; none of them is connected yet. */
export async function configuredOutputs(config: Config): Promise<NamedOutput[]> {
  const outputs: NamedOutput[] = [];
  for (const [name, settings] of Object.entries(config.outputs)) {
    const { create } = await outputTypes[settings.type].load();
    outputs.push({ name, type: settings.type, output: create(settings as never) });
  }
  return outputs;
}

/** Opens the spool, and finds the streams of inputs that are no longer configured. @throws StateError */
export async function openSpool(config: Config, log: Logger, vault: Vault | undefined): Promise<Spool> {
  const { size, sync, when_full: whenFull } = config.spool;
  const options = { sizeBytes: size, syncMs: sync, whenFull, vault };
  const spool = new Spool(spoolDirectory(config.state), disk, options, log);
  await spool.findAbandoned((stream) => isStreamRead(stream, config));
  return spool;
}

/** A configured input reads this stream: one that reads files those of its places, every other one that of its own name. */
export function isStreamRead(stream: string, { inputs }: Config): boolean {
  const input = inputOfStream(stream);
  const settings = inputs[input];
  if (settings === undefined) return false;
  const { brings }: InputType = inputTypes[settings.type];
  return (brings === 'log-files') === (stream !== input);
}

/** Loads the positions. @throws StateError */
export async function openPositions(
  directory: string,
  outputs: readonly NamedOutput[],
  log: Logger,
  vault: Vault | undefined,
): Promise<PositionStore> {
  const names = outputs.map(({ name }) => name);
  const store = await PositionStore.open(directory, names, log, vault);
  store.takeInOutputs();
  return store;
}
