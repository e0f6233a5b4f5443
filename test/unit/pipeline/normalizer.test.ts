import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dialect as emqx } from '../../../src/brokers/emqx/index.ts';
import { dialect as mosquitto } from '../../../src/brokers/mosquitto/index.ts';
import type { Dialect } from '../../../src/core/dialect.ts';
import { EventBuffer } from '../../../src/ecs/event-buffer.ts';
import { Filter } from '../../../src/pipeline/normalizer/filter.ts';
import { Normalizer } from '../../../src/pipeline/normalizer/normalizer.ts';

interface Told {
  readonly '@timestamp': string;
  readonly service?: { readonly version?: string };
}

/** The event of each line. */
function told(lines: readonly string[], dialect: Dialect): Told[] {
  const reading = {
    dialect,
    stream: { ownClients: new Set<string>(), topicRoot: 2 },
    leftOut: new Set<string>(),
    envelope: {},
    namespace: 'default',
    limit: 1000,
    original: false,
    ignoreLogTopics: false,
  };
  const start = { offset: 0, checkpoint: { offset: 0, sequence: 0 } };
  const normalizer = new Normalizer({ id: '0'.repeat(24) }, reading, new Filter([], new Set()), start);
  const out = new EventBuffer(64 * 1024);
  const bytes = Buffer.from(`${lines.join('\n')}\n`);
  const end = { final: true, beyond: 0 };
  normalizer.push('lines', bytes, 0, bytes.length, 0, end, out, Number.POSITIVE_INFINITY);
  const events = out.contents().bytes.toString().trim().split('\n');
  return events.map((event) => JSON.parse(event));
}

/** `service.version` of the event of each line. */
function versions(lines: readonly string[]): (string | undefined)[] {
  return told(lines, mosquitto).map(({ service }) => service?.version);
}

describe('normalizer', () => {
  it('the line that tells the version of the broker has it too, and all behind it', () => {
    const other = '1700000000: Using default config.';
    for (const word of ['starting', 'running', 'terminating']) {
      assert.deepEqual(
        versions([other, `1700000000: mosquitto version 2.0.18 ${word}`, other]),
        [undefined, '2.0.18', '2.0.18'],
        word,
      );
    }
    assert.deepEqual(
      versions([
        '1700000000: mosquitto version 2.0.18 terminating',
        '1700000000: mosquitto version 2.0.20 starting',
      ]),
      ['2.0.18', '2.0.20'],
    );
  });

  it('a time that no search server takes for one is that at which the record was seen', () => {
    const before = new Date().toISOString();
    // Nanoseconds of the year 17,814.
    const [event] = told(
      ['{"event":"client.connected","clientid":"c1","timestamp":500000000000000000000}'],
      emqx,
    );
    const time = event?.['@timestamp'] ?? '';
    assert.ok(time >= before && time <= new Date().toISOString(), time);
  });
});
