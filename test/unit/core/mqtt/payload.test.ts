import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, it } from 'node:test';
import { capturePayload, type PayloadPolicy } from '../../../../src/core/mqtt/payload.ts';

const policy = (more: Partial<PayloadPolicy>): PayloadPolicy => ({
  capture: 'text',
  limit: 1024,
  redact: [],
  ...more,
});
/** What is kept, without what is not. */
function kept(payload: string | Buffer, more: Partial<PayloadPolicy>, cut = false): Record<string, unknown> {
  const captured = capturePayload(Buffer.from(payload), policy(more), cut);
  return Object.fromEntries(Object.entries(captured).filter(([, value]) => value !== undefined));
}
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const nested = (depth: number, leaf: string): string => '{"a":'.repeat(depth) + leaf + '}'.repeat(depth);

describe('payload policy', () => {
  it('none, hash, text, base64, and the limit', () => {
    assert.deepEqual(kept('abc', { capture: 'none' }), {});
    assert.deepEqual(kept('abc', { capture: 'hash' }), { sha256: sha256('abc') });
    assert.deepEqual(kept('abc', {}), { encoding: 'utf8', text: 'abc' });
    assert.deepEqual(kept('abc', { capture: 'base64' }), { encoding: 'base64', base64: 'YWJj' });
    assert.deepEqual(kept('grün', { limit: 3 }), { encoding: 'utf8', text: 'gr', truncated: true });
    assert.deepEqual(kept(Buffer.from([0xff, 0xfe]), {}), { encoding: 'base64', base64: '//4=' });
  });

  it('decode: json gives an object within bounds', () => {
    assert.deepEqual(kept('{"a":{"b":1}}', { capture: 'none', decode: 'json' }), {
      encoding: 'json',
      json: { a: { b: 1 } },
    });
    assert.deepEqual(kept('[1]', { capture: 'none', decode: 'json' }), {});
    const proto = kept('{"__proto__":{"x":1}}', { capture: 'none', decode: 'json' });
    assert.equal(JSON.stringify(proto.json), '{"__proto__":{"x":1}}');
  });

  it('values of keys and paths are replaced, whatever surrounds them', () => {
    const both = { decode: 'json', redact: ['password', 'user.pin'] } as const;
    assert.deepEqual(kept('{"user":{"pin":1,"n":2},"pin":3,"list":[{"password":"x"}]}', both), {
      encoding: 'json',
      text: '{"user":{"pin":"[redacted]","n":2},"pin":3,"list":[{"password":"[redacted]"}]}',
      json: { user: { pin: '[redacted]', n: 2 }, pin: 3, list: [{ password: '[redacted]' }] },
      redacted: true,
    });
    const many = Array.from({ length: 150 }, (_, i) => `"k${i}":1`).join();
    for (const hiding of [
      nested(11, '{"password":"hunter2"}'),
      nested(60, '{"password":"hunter2"}'),
      nested(5000, '{"password":"hunter2"}'),
      `{${many},"password":"hunter2"}`,
      `[${'0,'.repeat(150)}{"password":"hunter2"}]`,
      '{"password":"hunter2","password":"hunter2"}',
      '{"pass\\u0077ord":"hunter2"}',
      'password=hunter2',
      `{"password":"hunter2","pad":"${'x'.repeat(1024 * 1024)}"}`,
      '{"password":"hunter2"',
    ]) {
      const found = kept(hiding, both);
      assert.equal(JSON.stringify(found).includes('hunter2'), false, hiding.slice(0, 80));
      assert.equal(found.redacted, true, hiding.slice(0, 80));
    }
  });

  it('what a later value of the same key hides is not kept; what holds none of the keys stays as it is', () => {
    const redact = ['password', 'user.pin'];
    for (const hiding of [
      '{"a":{"password":"hunter2"},"a":1}',
      '{"a":{"pass\\u0077ord":"hunter2"},"a":1}',
      '{"user":{"pin":"hunter2"},"user":0,"a":1}',
    ]) {
      for (const capture of ['text', 'base64'] as const) {
        const { text, base64 } = kept(hiding, { capture, redact });
        const told = text ?? Buffer.from(String(base64), 'base64').toString();
        assert.deepEqual([String(told).includes('hunter2'), JSON.parse(String(told)).a], [false, 1]);
      }
    }
    const exact = '{ "n": 12345678901234567890, "x": 1.0 }';
    assert.equal(kept(exact, { redact }).text, exact);
  });

  it('of the head of a larger payload no hash is given, and nothing where values are to be replaced', () => {
    assert.deepEqual(kept('abc', { capture: 'none' }, true), { truncated: true });
    assert.deepEqual(kept('abc', { capture: 'hash' }, true), { truncated: true });
    assert.deepEqual(kept('abc', {}, true), { encoding: 'utf8', text: 'abc', truncated: true });
    assert.deepEqual(kept('{"a":1}', { redact: ['b'] }, true), { truncated: true, redacted: true });
  });

  it('hostile nesting is no reason to fail', () => {
    const deep = '['.repeat(200_000) + ']'.repeat(200_000);
    assert.deepEqual(kept(deep, { capture: 'none', decode: 'json' }), {});
  });
});
