import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  covers,
  filterProblem,
  matchesFilter,
  overlaps,
  parseShare,
  topicDepth,
  topicRoot,
} from '../../../../src/core/mqtt/topic.ts';
import { matchesWildcard } from '../../../../src/core/text/wildcard.ts';

describe('topics', () => {
  it('filters match as MQTT 5 §4.7 says', () => {
    const yes = [
      'a/b a/b',
      'a/# a',
      'a/# a/b/c',
      '# a/b',
      '+ a',
      '+/+ /x',
      'a/+/c a//c',
      '$SYS/# $SYS/x',
      '$share/g/a/+ a/b',
    ];
    const no = ['a/b a/b/c', 'a/+ a', 'a/+ a/b/c', '# $SYS/x', '+/x $SYS/x', 'A a', 'a a/'];
    for (const pair of yes) assert.equal(matchesFilter(...(pair.split(' ') as [string, string])), true, pair);
    for (const pair of no) assert.equal(matchesFilter(...(pair.split(' ') as [string, string])), false, pair);
  });

  it('overlap: some topic is matched by both', () => {
    for (const pair of ['# a/b', 'a/+ +/b', 'a/# a', '$SYS/# $SYS/broker/log/#']) {
      assert.equal(overlaps(...(pair.split(' ') as [string, string])), true, pair);
    }
    for (const pair of ['# $SYS/#', 'a/b a/c', 'a/+ a/b/c', 'a b']) {
      assert.equal(overlaps(...(pair.split(' ') as [string, string])), false, pair);
    }
  });

  it('cover: every topic of the second is matched by the first', () => {
    for (const pair of ['# a/b', 'a/+ a/b', 'a/# a', '$SYS/# $SYS/broker/log/#', 'a/# a/+/c', 'a/b a/b']) {
      assert.equal(covers(...(pair.split(' ') as [string, string])), true, pair);
    }
    for (const pair of ['# $SYS/#', 'a/b a/+', 'a/+ a/#', 'a/+/c a/b/+', 'a b', 'a/+ a']) {
      assert.equal(covers(...(pair.split(' ') as [string, string])), false, pair);
    }
  });

  it('root, depth, share, problems', () => {
    assert.deepEqual(
      ['a', 'a/b', 'a/b/c', '/x/y'].map((t) => topicRoot(t, 2)),
      ['a', 'a/b', 'a/b', '/x'],
    );
    assert.deepEqual(['a', 'a/b', '/', ''].map(topicDepth), [1, 2, 2, 1]);
    assert.deepEqual(parseShare('$share/g/a/#'), { group: 'g', filter: 'a/#' });
    assert.deepEqual(
      ['a/+/#', 'a#', '#/a', ''].map((f) => filterProblem(f) === undefined),
      [true, false, false, false],
    );
  });

  it('wildcards in words', () => {
    const cases: [string, string, boolean][] = [
      ['a*', 'abc', true],
      ['*c', 'abc', true],
      ['a*b*c', 'aXbYc', true],
      ['a*a', 'a', false],
      ['abc', 'abcd', false],
      ['*', '', true],
    ];
    for (const [pattern, value, want] of cases)
      assert.equal(matchesWildcard(pattern, value), want, `${pattern} ${value}`);
  });
});
