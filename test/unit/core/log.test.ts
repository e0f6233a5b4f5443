import assert from 'node:assert/strict';
import { beforeEach, describe, it, type TestContext } from 'node:test';
import { Repeats } from '../../../src/core/log.ts';

const MINUTE_MS = 60_000;

describe('what comes again in the probe’s own log', () => {
  let repeats: Repeats;
  beforeEach(() => {
    repeats = new Repeats();
  });
  const clock = (t: TestContext) => {
    t.mock.timers.enable({ apis: ['Date'] });
    return (ms: number) => t.mock.timers.tick(ms);
  };

  it('is told at once, and again after a minute with how often it came', (t) => {
    const pass = clock(t);
    assert.deepEqual(repeats.next('connect', 'refused'), {});
    assert.equal(repeats.next('connect', 'refused'), undefined);
    pass(MINUTE_MS - 1);
    assert.equal(repeats.next('connect', 'refused'), undefined);
    pass(1);
    assert.deepEqual(repeats.next('connect', 'refused'), { repeated: 2 });
    pass(MINUTE_MS);
    assert.deepEqual(repeats.next('connect', 'refused'), {});
  });

  it('is told at once when the text is another one', () => {
    assert.deepEqual(repeats.next('connect', 'refused'), {});
    assert.deepEqual(repeats.next('connect', 'reset'), {});
    assert.deepEqual(repeats.next('connect', 'refused'), {});
  });

  it('is told again after a minute also when the clock was set back', (t) => {
    t.mock.timers.enable({ apis: ['Date'], now: 3_600_000 });
    repeats.next('connect', 'refused');
    t.mock.timers.setTime(0);
    assert.deepEqual(repeats.next('connect', 'refused'), {});
    assert.equal(repeats.next('connect', 'refused'), undefined);
  });

  it('is counted by kind', () => {
    assert.deepEqual(repeats.next('connect'), {});
    assert.deepEqual(repeats.next('publish'), {});
    assert.equal(repeats.next('connect'), undefined);
  });

  it('is told at once after it was over', () => {
    assert.equal(repeats.forget('connect'), false);
    repeats.next('connect', 'refused');
    assert.equal(repeats.forget('connect'), true);
    assert.deepEqual(repeats.next('connect', 'refused'), {});
  });
});
