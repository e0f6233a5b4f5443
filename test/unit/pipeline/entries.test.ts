import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { dialect } from '../../../src/brokers/emqx/index.ts';
import type { Checkpoint } from '../../../src/core/cursor.ts';
import { EventBuffer } from '../../../src/ecs/event-buffer.ts';
import { Filter } from '../../../src/pipeline/normalizer/filter.ts';
import { Normalizer } from '../../../src/pipeline/normalizer/normalizer.ts';
import type { Reading } from '../../../src/pipeline/normalizer/reading.ts';

const GOLDEN = new URL('../../golden/emqx/', import.meta.url);
const LOG = Buffer.concat(
  [
    'emqx58-multiline.log',
    'emqx3-crash.real.log',
    'emqx40-text.log',
    'emqx58-json.jsonl',
    'emqx58-variants.log',
  ].map((file) => readFileSync(new URL(file, GOLDEN))),
);
const READING: Reading = {
  dialect,
  stream: { ownClients: new Set(), topicRoot: 2, timezone: 'UTC' },
  leftOut: new Set(),
  envelope: {},
  namespace: 'default',
  limit: 1024 * 1024,
  original: true,
  ignoreLogTopics: false,
};

interface Stop {
  readonly at: number;
  readonly checkpoint: Checkpoint;
  /** Events before it. */
  readonly events: number;
}

/** Reads from a cursor to the end, one record at a time. */
function read(cursor: { offset: number; checkpoint: Checkpoint }): { events: string[]; stops: Stop[] } {
  const normalizer = new Normalizer(
    { id: 'a'.repeat(24), path: '/emqx.log.1' },
    READING,
    new Filter([], new Set()),
    cursor,
  );
  const out = new EventBuffer(64 * 1024);
  const events: string[] = [];
  const stops: Stop[] = [];
  for (let at = cursor.checkpoint.offset; at < LOG.length; ) {
    const next = normalizer.push('lines', LOG, at, LOG.length, 0, { final: true, beyond: 0 }, out, 1);
    assert.ok(next > at, 'reading goes on');
    at = next;
    events.push(
      ...out
        .contents()
        .bytes.toString()
        .split('\n')
        .slice(0, -1)
        .map((line) => line.replace(/"created":"[^"]*"/, '')),
    );
    out.clear();
    stops.push({
      at,
      checkpoint: JSON.parse(JSON.stringify(normalizer.checkpoint(at))),
      events: events.length,
    });
  }
  return { events, stops };
}

describe('reading entries again', () => {
  it('from any cursor and any checkpoint before it: the same events with the same ids', () => {
    const start = { offset: 0, sequence: 0 };
    const whole = read({ offset: 0, checkpoint: start });
    assert.ok(whole.events.length > 80);
    for (const [i, { at, checkpoint, events }] of whole.stops.entries()) {
      const rest = whole.events.slice(events);
      assert.deepEqual(read({ offset: at, checkpoint }).events, rest);
      if (i % 5 === 0) assert.deepEqual(read({ offset: at, checkpoint: start }).events, rest);
    }
  });

  it('no cursor ever stands inside an entry', () => {
    for (const { at } of read({ offset: 0, checkpoint: { offset: 0, sequence: 0 } }).stops) {
      const line = LOG.subarray(at, LOG.indexOf(0x0a, at)).toString();
      assert.notEqual(dialect.role?.(line === '' ? '{"end":' : line), 'continues', line);
    }
  });
});
