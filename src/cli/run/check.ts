import { setTimeout as delay } from 'node:timers/promises';
import { openPrivacy, openVault } from '../../app/privacy.ts';
import type { Config } from '../../config/load.ts';
import { BlockedError, reasonOf } from '../../core/errors.ts';
import type { Output } from '../../core/output.ts';
import { amount } from '../../core/text/amount.ts';
import { safe } from '../../core/text/safe.ts';
import { DATASETS, streamType } from '../../ecs/actions.ts';
import { aliasesOf } from '../../inputs/emqx-api/aliases.ts';
import type { FileInputConfig } from '../../inputs/file/config.ts';
import { findFiles } from '../../inputs/file/finding/discovery.ts';
import { type InputType, inputs as inputTypes } from '../../inputs/index.ts';
import { hostOf } from '../../net/host.ts';
import { listeningProblem } from '../../net/listening.ts';
import { type OutputType, outputs as outputTypes } from '../../outputs/index.ts';
import { whyNotWritable } from '../../state/writable.ts';
import { configWithFiles, ignoredBeside } from '../config.ts';
import { contents } from '../parse/file-parser.ts';
import { misnamed } from '../parse/misnamed.ts';
import { runningAddresses } from './running-addresses.ts';
import { sharedLogs } from './shared-logs.ts';

const TIMEOUT_MS = 10_000;

/** `check`: is the configuration right, with the files that it names; with `connect`: would everything work now. */
export async function check(options: { config?: string; connect?: boolean }): Promise<void> {
  const found = configWithFiles(options.config);
  const { config, source } = found;
  openVault(config);
  openPrivacy(config);
  for (const input of Object.values(config.inputs)) if (input.type === 'emqx-api') aliasesOf(input);
  const names = (room: object): string => Object.keys(room).join(', ');
  process.stdout.write(
    `${source?.file ?? 'the configuration of variables'} is valid: inputs ${names(config.inputs)}; outputs ${names(config.outputs)}\n`,
  );
  const ignored = ignoredBeside(found);
  if (ignored !== undefined) process.stderr.write(`${ignored}\n`);
  if (options.connect !== true) return;
  let failures = 0;
  const tell = (what: string, problem: string | undefined, place = ''): void => {
    if (problem !== undefined) failures++;
    const works = place === '' ? 'works' : `works (${place})`;
    process.stdout.write(`${safe(`${what}: ${problem ?? works}`)}\n`);
  };
  const why = await whyNotWritable(config.state);
  const fix =
    'set "state" to a directory that may be written, or give this one to the user that runs brokertap';
  tell('state', why && `${why}: ${fix}`, config.state);
  const { listen } = config.telemetry;
  const isOwn = await runningAddresses(config.state);
  if (listen !== 'off') {
    const problem = await listeningProblem(hostOf(listen), isOwn);
    const told = problem && `${listen}: ${problem}; choose another address, or "off"`;
    tell(
      'telemetry.listen',
      told,
      isOwn(hostOf(listen)) ? `${listen}, where the running probe listens` : listen,
    );
  }
  const shared = await sharedLogs(config);
  for (const [name, settings] of Object.entries(config.inputs)) {
    const type: InputType = inputTypes[settings.type];
    const input = await type.load();
    const problem =
      (await input.check?.(settings as never, name, isOwn).catch(blocked)) ??
      shared.get(name) ??
      (settings.type === 'file' ? await strangeLog(settings) : undefined);
    const isHeld = 'listen' in settings && isOwn(settings.listen);
    tell(`input ${name}`, problem, isHeld ? 'the running probe listens there' : '');
  }
  const streams = dataStreams(config);
  for (const [name, settings] of Object.entries(config.outputs)) {
    const type: OutputType = outputTypes[settings.type];
    const { create, check } = await type.load();
    const output = create(settings as never);
    const problem = await (check?.(settings as never) ?? problemOf(output, streams));
    tell(`output ${name}`, problem, output.describe());
    await output.close(0);
  }
  if (failures > 0) throw new BlockedError(`${amount(failures, 'part')} would not work`);
}

/** What to say of the logs of an input when another broker has written them; told by the first of them. */
async function strangeLog({
  paths,
  broker,
  container,
  program,
}: FileInputConfig): Promise<string | undefined> {
  const [first] = await findFiles(paths);
  if (first === undefined) return undefined;
  const options = { broker, container, ...(program !== undefined && { program }) };
  for await (const head of contents(first.path)) return misnamed(first.path, head, options, 'broker:');
  return undefined;
}

/** Why an output would not take events for these data streams; undefined when it would. */
async function problemOf(output: Output, streams: readonly string[]): Promise<string | undefined> {
  const late = delay(TIMEOUT_MS, `no answer within ${TIMEOUT_MS / 1000} s`, { ref: false });
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const checked = output
    .check(signal)
    .then(() => output.inspect?.(streams, signal))
    .then(() => undefined, reasonOf);
  return Promise.race([checked, late]);
}

/** What stands in the way of an input before it could be tried. */
function blocked(error: unknown): string {
  if (error instanceof BlockedError) return error.message;
  throw error;
}

/** Data streams that events of this configuration may go to. */
function dataStreams(config: Config): string[] {
  const inputs = Object.values(config.inputs);
  const namespaces = new Set([
    config.namespace,
    ...inputs.map(({ namespace }) => namespace ?? config.namespace),
  ]);
  return [...namespaces].flatMap((namespace) =>
    DATASETS.map((dataset) => `${streamType(dataset)}-${dataset}-${namespace}`),
  );
}
