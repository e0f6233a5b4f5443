import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dialect } from '../../../../src/brokers/mosquitto/index.ts';

const LINES = [
  '1540000000: |-- data=username=ann&password=hunter2&topic=&acc=-1&clientid=',
  '|-- data=username=ann&password=hunter2&topic=a/b&acc=1&clientid=c1',
  '1540000001: |-- Authorization: Bearer hunter2',
  '1540000002: |-- pw=hunter2',
];

describe('what plugins write of logins', () => {
  it('is told without passwords, in the message and in event.original', () => {
    const messages: string[] = [];
    const stream = { ownClients: new Set<string>(), topicRoot: 2, timezone: 'UTC' };
    const session = dialect.open(stream, (_kind, _time, message) => void messages.push(message));
    for (const line of LINES) session.line(line, Date.UTC(2026, 10, 21), 0);
    const originals = LINES.map((line) => dialect.original?.(line) ?? line);
    assert.doesNotMatch([...messages, ...originals].join('\n'), /hunter2/);
    assert.equal(messages[0], '|-- data=username=ann&password=***&topic=&acc=-1&clientid=');
    assert.equal(originals[2], '1540000001: |-- Authorization: Bearer ***');
  });

  it('also where the broker’s own stamps have another form', () => {
    const stream = { ownClients: new Set<string>(), topicRoot: 2, timezone: 'UTC' };
    for (const before of [
      '',
      "2026-11-21T10:00:01: New client connected from 10.0.0.5:51234 as c (p2, c1, k60, u'cn",
    ]) {
      const messages: string[] = [];
      const session = dialect.open(stream, (_kind, _time, message) => void messages.push(message));
      const lines = ['2026-11-21T10:00:00: mosquitto version 1.6.12 starting', before, LINES[0] ?? ''];
      for (const line of lines) session.line(line, Date.UTC(2026, 10, 21), 0);
      assert.match(messages.join('\n'), /password=\*\*\*&topic/);
      assert.doesNotMatch(messages.join('\n'), /hunter2/);
    }
  });

  it('nothing of other lines is hidden', () => {
    const line = "1540000000: New client connected from 203.0.113.7:4000 as password=x (p2, c1, k60, u'u').";
    assert.equal(dialect.original?.(line), line);
  });
});
