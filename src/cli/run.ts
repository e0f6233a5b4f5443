import { Probe } from '../app/probe.ts';
import { openLog } from '../telemetry/log.ts';
import { configFor } from './config.ts';

/** `run`: the probe until a signal, or until standard input has ended and was delivered. */
export async function runProbe(options: { config?: string }): Promise<void> {
  const config = configFor(options.config);
  const log = await openLog(config.telemetry.log);
  // Before the start: a signal that comes while the inputs begin ends in good order too.
  const signalled = new Promise<void>((resolve) => {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) {
      process.once(signal, () => {
        process.once(signal, () => process.exit(1));
        resolve();
      });
    }
  });
  const probe = await Probe.start(config, log);
  await Promise.race([signalled, probe.finished()]);
  await probe.stop();
  process.exit(0);
}
