import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Confirmation } from '../../../../src/outputs/logstash/tcp/confirmation.ts';

it('time in which bytes had not left does not confirm them', () => {
  let now = 0;
  const confirmation = new Confirmation(1000, () => now);
  const confirmed: string[] = [];
  confirmation.began();
  now = 1500;
  confirmation.left(() => confirmed.push('first'));
  now = 1800;
  confirmation.left(() => confirmed.push('second'));
  confirmation.drained();
  assert.deepEqual(confirmed, []);
  const at = (ms: number): readonly string[] => {
    now = ms;
    confirmation.left(() => {});
    return confirmed;
  };
  assert.deepEqual(at(2700), []);
  assert.deepEqual(at(2800), ['first', 'second']);
  confirmation.stop();
});
