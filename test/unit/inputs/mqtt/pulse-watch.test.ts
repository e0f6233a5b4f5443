import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dialect as emqx } from '../../../../src/brokers/emqx/index.ts';
import { PulseWatch } from '../../../../src/inputs/mqtt/pulse-watch.ts';

const NONE = Buffer.alloc(0);

/** A watch whose clock is told the time. */
function watch(): {
  told: string[];
  at: (second: number, node?: string, topic?: string) => void;
  list: (...nodes: string[]) => void;
  watch: PulseWatch;
} {
  const told: string[] = [];
  let now = 0;
  const pulse = emqx.pulse;
  assert.ok(pulse);
  const watch = new PulseWatch(
    pulse,
    (reason, node, silentMs) => told.push(`${now / 1000} ${reason} ${node} ${silentMs / 1000}`),
    () => now,
  );
  const look = (second: number): void => {
    for (; now < second * 1000; now += 1000) watch.look();
  };
  return {
    told,
    watch,
    at: (second, node, topic = 'stats/connections/count') => {
      look(second);
      if (node !== undefined) watch.message(`$SYS/brokers/${node}/${topic}`, NONE);
    },
    list: (...nodes) => watch.message('$SYS/brokers', Buffer.from(nodes.join(','))),
  };
}

describe('mqtt input: signs of life', () => {
  it('a node that is silent for three intervals is told once, until it is heard again', () => {
    const { told, at } = watch();
    for (const second of [0, 60, 120, 180]) at(second, 'a');
    at(359);
    assert.deepEqual(told, []);
    at(1000);
    assert.deepEqual(told, ['360 sys_silent a 180']);
    for (const second of [1000, 1060]) at(second, 'a');
    at(2000);
    assert.deepEqual(told, ['360 sys_silent a 180', '1240 sys_silent a 180']);
  });

  it('a clock that is set is no silence', (t) => {
    const told: string[] = [];
    const { pulse } = emqx;
    assert.ok(pulse);
    t.mock.timers.enable({ apis: ['Date'], now: 0 });
    const watch = new PulseWatch(pulse, (reason) => told.push(reason));
    for (const now of [0, 60_000, 120_000, 9_000_000]) {
      t.mock.timers.setTime(now);
      watch.message('$SYS/brokers/a/stats/connections/count', NONE);
      t.mock.timers.setTime(now + 8_000_000);
      watch.look();
    }
    assert.deepEqual(told, []);
  });

  it('the interval is the longer one of the last two; many messages at once are one sign', () => {
    const { told, at } = watch();
    for (const second of [0, 0, 0, 30, 30, 90, 90, 120]) at(second, 'a');
    at(1000);
    assert.deepEqual(told, ['300 sys_silent a 180']);
  });

  it('what is retained is no sign; without two signs nothing is known', () => {
    const { told, at } = watch();
    at(0, 'a');
    for (const second of [60, 120, 180]) at(second, 'b', 'version');
    at(1000);
    assert.deepEqual(told, []);
  });

  it('a node that has left the list is gone, and not silent later', () => {
    const { told, at, list } = watch();
    list('a', 'b');
    for (const second of [0, 60]) for (const node of ['a', 'b']) at(second, node);
    list('a');
    for (const second of [120, 180, 240, 300, 360]) at(second, 'a');
    assert.deepEqual(told, ['60 node_gone b 0']);
    list('a');
    list('a', 'b');
    assert.equal(told.length, 1);
  });

  it('time without a connection counts as no silence', () => {
    const { told, at, watch: pulses } = watch();
    for (const second of [0, 60, 120]) at(second, 'a');
    pulses.start();
    pulses.stop();
    at(130);
    pulses.start();
    at(309);
    assert.deepEqual(told, []);
    at(311);
    pulses.stop();
    assert.deepEqual(told, ['310 sys_silent a 180']);
  });
});
