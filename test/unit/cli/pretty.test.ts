import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatEvent } from '../../../src/cli/pretty.ts';

describe('one event as a line for people', () => {
  it('shows no blanks before its text, and no control characters in it', () => {
    const event = {
      '@timestamp': '2026-11-21T22:13:50.000Z',
      event: { action: 'subscription-requested', provider: 'mosquitto-log' },
      message: '\ta/\u001b[2J# (QoS 1)',
    };
    assert.equal(
      formatEvent(event, false),
      '22:13:50.000 log    subscription-requested       - a/\\u{1b}[2J# (QoS 1)',
    );
  });

  it('names the publisher of a mirrored message', () => {
    const event = {
      '@timestamp': '2026-11-21T22:13:50.000Z',
      event: { action: 'message-mirrored', provider: 'mqtt-mirror' },
      mqtt: { topic: 'plant/1', publisher: { client: { id: 'sensor\u001b-1' } } },
    };
    const line = formatEvent(event, false);
    assert.equal(line, '22:13:50.000 mirror message-mirrored             sensor\\u{1b}-1 plant/1');
  });
});
