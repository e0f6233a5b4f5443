import { isDeepStrictEqual } from 'node:util';
import { Probe } from '../../app/probe.ts';
import type { Config } from '../../config/load.ts';
import { BlockedError, ConfigError, isSystemError, StateError, UsageError } from '../../core/errors.ts';
import type { Logger } from '../../core/log.ts';
import { openLog } from '../../telemetry/log.ts';
import type { RefusedConfiguration } from '../../telemetry/status.ts';
import { type Configured, configured, ignoredBeside, placed } from '../config.ts';

/**
 * `run`: the probe until SIGTERM or SIGINT, or until standard input has ended and was delivered. A second signal ends it at
 * once. SIGHUP reads the configuration again.
 */
export async function runProbe(options: { config?: string }): Promise<void> {
  const signals = new Signals();
  const found = configured(options.config);
  let { config } = found;
  const log = await openLog(config.telemetry.log);
  const ignored = ignoredBeside(found);
  if (ignored !== undefined) log.warn({}, ignored);
  let probe = await Probe.start(config, log).catch((error: unknown) => {
    throw inPlace(found, error);
  });
  await tellSharedLogs(config, log);
  for (;;) {
    const why = await Promise.race([signals.next(), probe.finished().then(() => 'finished' as const)]);
    if (why !== 'reload') break;
    const next = reread(options.config, config, probe, log);
    if (next === undefined) continue;
    await probe.stop();
    try {
      probe = await Probe.start(next.config, await openLog(next.config.telemetry.log));
      ({ config } = next);
      await tellSharedLogs(config, log);
    } catch (error) {
      if (!(error instanceof StateError || error instanceof BlockedError || error instanceof UsageError))
        throw error;
      const why = placed(next, error.message);
      log.error({}, `the new configuration does not work, the old one goes on: ${why}`);
      probe = await Probe.start(config, log);
      probe.refused = refusal(why);
    }
  }
  await probe.stop();
  process.exit(0);
}

/** Its code is loaded only where there may be something to tell. */
async function tellSharedLogs(config: Config, log: Logger): Promise<void> {
  if (Object.values(config.inputs).filter(({ type }) => type === 'file').length < 2) return;
  const { sharedLogs } = await import('./shared-logs.ts');
  const shared = await sharedLogs(config).catch((error: unknown) => {
    // The input itself tells what it cannot look at.
    if (!isSystemError(error)) throw error;
    return [];
  });
  for (const [input, sentence] of shared) log.warn({ input }, sentence);
}

/** The configuration as it is now; undefined, and said why, when the present one goes on. */
function reread(
  file: string | undefined,
  present: Config,
  probe: Probe,
  log: Logger,
): Configured | undefined {
  probe.refused = undefined;
  let next: Configured;
  try {
    next = configured(file);
  } catch (error) {
    if (!(error instanceof ConfigError || error instanceof UsageError)) throw error;
    log.error({}, `the configuration was not changed: ${error.message}`);
    probe.refused = refusal(error.message);
    return undefined;
  }
  if (isDeepStrictEqual(next.config, present)) {
    log.info({}, 'the configuration is what it was');
    return undefined;
  }
  if (Object.values(present.inputs).some(({ type }) => type === 'stdin')) {
    const why =
      'standard input cannot be opened a second time: start brokertap anew for the new configuration';
    log.error({}, why);
    probe.refused = refusal(why);
    return undefined;
  }
  log.info({}, 'the configuration has changed: starting with the new one');
  return next;
}

function refusal(why: string): RefusedConfiguration {
  return { at: new Date().toISOString(), why };
}

/** An error of the start that begins with a key of the configuration: with the place of that key. */
function inPlace(found: Configured, error: unknown): unknown {
  if (error instanceof UsageError) return new UsageError(placed(found, error.message));
  if (error instanceof BlockedError) return new BlockedError(placed(found, error.message), { cause: error });
  return error;
}

/** Signals as wishes, one at a time; from the second wish to stop on the process ends at once. */
class Signals {
  private stopping = false;
  private reloading = false;
  private wake: () => void = () => {};

  constructor() {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.on(signal, () => {
        if (this.stopping) process.exit(1);
        this.stopping = true;
        this.wake();
      });
    }
    process.on('SIGHUP', () => {
      this.reloading = true;
      this.wake();
    });
  }

  async next(): Promise<'stop' | 'reload'> {
    if (!this.stopping && !this.reloading) {
      await new Promise<void>((resolve) => {
        this.wake = resolve;
      });
    }
    if (this.stopping) return 'stop';
    this.reloading = false;
    return 'reload';
  }
}
