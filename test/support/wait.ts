import { setTimeout as delay } from 'node:timers/promises';

/** Waits until something holds. @throws after `timeoutMs`, with what `describe` gives */
export async function until(
  holds: () => boolean | Promise<boolean>,
  describe: () => string,
  timeoutMs = 20_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${describe()}`);
    await delay(20);
  }
}
