import type { TestContext } from 'node:test';
import type { Output } from '../../src/core/output.ts';
import { logstashOutputSchema } from '../../src/outputs/logstash/config.ts';
import { create, type Times } from '../../src/outputs/logstash/index.ts';

/** A Logstash output made from settings as users write them, closed after the test. */
export function logstashOutput(
  t: TestContext,
  settings: Readonly<Record<string, unknown>>,
  times: Times = {},
): Output {
  const output = create(logstashOutputSchema.parse({ type: 'logstash', ...settings }), {
    reconnectMinMs: 10,
    ...times,
  });
  t.after(() => output.close(100));
  return output;
}

/** Resolves when the output is ready. */
export function ready(output: Output): Promise<void> {
  return output.check(AbortSignal.timeout(10_000));
}
