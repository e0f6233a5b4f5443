import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Delivery, MqttMessage, Publisher } from '../../../src/core/dialect.ts';
import { Correlation } from '../../../src/pipeline/normalizer/correlation.ts';

const WAIT_MS = 100;
const who = (client: string): Publisher => ({ client, user: undefined, ip: undefined, port: undefined });

function line(packetId: number | undefined, publisher: string | undefined, topic = 't', size = 1): Delivery {
  return {
    client: 'probe',
    packetId,
    topic,
    size,
    publisher: publisher === undefined ? undefined : who(publisher),
  };
}

function message(packetId: number | undefined, seen: number, topic = 't', size = 1): MqttMessage {
  const payload = Buffer.alloc(size);
  const qos = packetId === undefined ? 0 : 1;
  return { topic, payload, qos, retain: false, dup: false, seen, ...(packetId && { packetId }) };
}

/** A correlation with a clock that stands still until it is told to go. */
function correlation(): {
  at: (now: number) => void;
  lines: (...deliveries: Delivery[]) => void;
  logRead: (to: number) => void;
  find: (m: MqttMessage, asked?: number) => string | undefined | Promise<void>;
} {
  let now = 1000;
  const joined = new Correlation(WAIT_MS, () => now);
  return {
    at: (time) => {
      now = time;
    },
    lines: (...deliveries) => deliveries.forEach(joined.delivered),
    logRead: (to) => joined.logRead(to),
    find: (m, asked = now) => {
      const found = joined.find('probe', m, asked);
      if (found === 'unknown') return undefined;
      return found instanceof Promise ? found : found.client;
    },
  };
}

describe('correlation of log and traffic', () => {
  it('finds the line by packet identifier, topic and size; each line once', () => {
    const c = correlation();
    c.lines(line(1, 'a'), line(2, 'b'));
    assert.equal(c.find(message(1, 1000)), 'a');
    assert.equal(c.find(message(2, 1000)), 'b');
    c.lines(line(3, 'c'), line(4, 'd'), line(5, undefined));
    c.at(2000);
    assert.equal(c.find(message(3, 1000, 'other'), 1000), undefined);
    assert.equal(c.find(message(4, 1000, 't', 2), 1000), undefined);
    assert.equal(c.find(message(5, 1000)), undefined);
  });

  it('a message waits for its line, and is woken by it', async () => {
    const c = correlation();
    const waiting = c.find(message(7, 1000));
    assert.ok(waiting instanceof Promise);
    c.lines(line(7, 'a'));
    await waiting;
    assert.equal(c.find(message(7, 1000)), 'a');
  });

  it('a message from before the clock was set back waits for no line', () => {
    const c = correlation();
    c.lines(line(8, 'b'), line(9, 'a'));
    assert.equal(c.find(message(8, 3_600_000)), 'b');
    assert.equal(c.find(message(7, 3_600_000)), undefined);
    c.lines(line(10, 'a'));
    assert.equal(c.find(message(6, 1000), 3_600_000), undefined);
  });

  it('a message waits no longer than it should, and not at all where lines do not come', () => {
    const c = correlation();
    assert.ok(c.find(message(7, 1000)) instanceof Promise);
    c.at(1000 + WAIT_MS);
    assert.equal(c.find(message(7, 1000), 1000), undefined);
    assert.equal(c.find(message(8, 1000 + WAIT_MS)), undefined);
    c.lines(line(9, 'a'));
    assert.ok(c.find(message(10, 1000 + WAIT_MS)) instanceof Promise);
  });

  it('an old message waits while the reading of the log is behind, but not behind its end', () => {
    const c = correlation();
    c.lines(line(1, 'a'));
    c.at(50_000);
    assert.ok(c.find(message(7, 2000)) instanceof Promise);
    c.logRead(49_000);
    assert.equal(c.find(message(7, 2000), 50_000), undefined);
  });

  it('lines before one that was found, and stale ones, are nobody’s', () => {
    const c = correlation();
    c.lines(line(1, 'a'), line(2, 'b'), line(3, 'c'));
    assert.equal(c.find(message(2, 1000)), 'b');
    c.at(2000);
    assert.equal(c.find(message(1, 1000), 1000), undefined);
    c.at(40_000);
    assert.equal(c.find(message(3, 1000), 1000), undefined);
  });

  it('without packet identifier all lines that can be meant must be read and name one publisher', () => {
    const c = correlation();
    c.lines(line(undefined, 'a'));
    assert.ok(c.find(message(undefined, 1000)) instanceof Promise);
    c.logRead(1000);
    assert.equal(c.find(message(undefined, 1000)), 'a');
    c.lines(line(undefined, 'a'), line(undefined, 'b'), line(undefined, 'b'), line(undefined, 'b'));
    assert.equal(c.find(message(undefined, 1000)), undefined);
    assert.equal(c.find(message(undefined, 1000)), 'b');
  });

  it('what the broker itself publishes has no publisher to wait for, and takes no room', () => {
    const c = correlation();
    c.lines(line(undefined, 'a'));
    for (let i = 1; i <= 40_000; i++) c.lines(line(undefined, undefined, '$SYS/broker/uptime', i));
    assert.equal(c.find(message(undefined, 1000, '$SYS/broker/connection/x/state')), undefined);
    c.logRead(1000);
    assert.equal(c.find(message(undefined, 1000)), 'a');
  });

  it('keeps no more than so many lines', () => {
    const c = correlation();
    for (let i = 1; i <= 40_000; i++) c.lines(line(i, 'a'), line(undefined, 'a', `t${i}`));
    c.logRead(1000);
    c.at(5000);
    assert.equal(c.find(message(1, 1000), 1000), undefined);
    assert.equal(c.find(message(undefined, 1000, 't1'), 1000), undefined);
    assert.equal(c.find(message(40_000, 1000)), 'a');
  });

  it('lines that wait take little memory, however long their topics are', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const used = (): number => {
      collect();
      return process.memoryUsage().heapUsed / 2 ** 20;
    };
    const c = correlation();
    const topic = (n: number): string => Buffer.alloc(60_000, `${n} `).toString('latin1');
    const before = used();
    for (let n = 1; n <= 3000; n++) c.lines(line(n, 'a', topic(n)), line(undefined, 'b', topic(-n)));
    const grown = used() - before;
    assert.ok(grown < 20, `${grown.toFixed()} MiB`);
    assert.equal(c.find(message(2999, 1000, topic(2999))), 'a');
    c.at(2000);
    assert.equal(c.find(message(3000, 1000, `${topic(3000)}x`), 1000), undefined);
    c.logRead(1000);
    assert.equal(c.find(message(undefined, 1000, topic(-3000))), 'b');
  });
});
