import assert from 'node:assert/strict';
import { it } from 'node:test';
import { dialect } from '../../../src/brokers/emqx/index.ts';
import { Filter } from '../../../src/pipeline/normalizer/filter.ts';
import { EMQX_STREAM } from '../../support/emqx.ts';

it('what EMQX did not deliver to the probe is told, though its own traffic is left out', () => {
  const filter = new Filter([], new Set(['probe']));
  const passed: string[] = [];
  const session = dialect.open(EMQX_STREAM, (kind, _time, _message, values) => {
    if (filter.passes(kind, values))
      passed.push(`${kind.action} ${values[kind.slots.indexOf('mqtt.client.id')]}`);
  });
  for (const clientid of ['probe', 'c1']) {
    const lines = [
      {
        time: 1747204840008008,
        level: 'warning',
        msg: 'dropped_msg_due_to_mqueue_is_full',
        clientid,
        topic: 'a',
      },
      { event: 'delivery.dropped', reason: 'queue_full', clientid, from_clientid: 'c2', topic: 'a' },
      { event: 'message.dropped', reason: 'no_subscribers', clientid, topic: 'a' },
      { event: 'client.disconnected', reason: 'normal', clientid },
    ];
    for (const line of lines) session.line(JSON.stringify(line), 0, 0);
  }
  assert.deepEqual(passed, [
    'message-dropped probe',
    'message-dropped probe',
    'message-dropped c1',
    'message-dropped c1',
    'message-dropped c1',
    'client-disconnected c1',
  ]);
});
