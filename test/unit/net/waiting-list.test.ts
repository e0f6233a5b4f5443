import assert from 'node:assert/strict';
import { getEventListeners } from 'node:events';
import { describe, it } from 'node:test';
import { WaitingList } from '../../../src/net/waiting-list.ts';

const reason = (): Error => new Error('too late');

describe('waiting list', () => {
  it('who was served or refused leaves nothing at the signal, which outlives many', async () => {
    const list = new WaitingList<string>();
    const { signal } = new AbortController();
    const served = list.wait(signal, reason);
    list.serve('here');
    assert.equal(await served, 'here');
    const refused = list.wait(signal, reason);
    list.refuse(new Error('closed'));
    await assert.rejects(refused, /closed/);
    assert.deepEqual(getEventListeners(signal, 'abort'), []);
  });

  it('who gives up gets the reason of then, and is not served any more', async () => {
    const list = new WaitingList<string>();
    const controller = new AbortController();
    const waiting = list.wait(controller.signal, reason);
    controller.abort();
    await assert.rejects(waiting, /too late/);
    list.serve('nobody');
  });
});
