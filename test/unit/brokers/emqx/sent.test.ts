import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dialect } from '../../../../src/brokers/emqx/index.ts';
import { one } from '../../../support/emqx.ts';

const STAMP = '2026-03-20T11:08:39.568980+01:00';
const PLANTED = 'Planted 1';

/** Nothing of it stands in the event, nor in what is kept of the record. */
const isHidden = (text: string): void => {
  const event = JSON.stringify(one(text));
  assert.ok(!event.includes(PLANTED), event);
  assert.ok(!dialect.original?.(text).includes(PLANTED), dialect.original?.(text));
};

describe('EMQX: what processes and functions were given', () => {
  it('is told without its binaries, in text', () => {
    for (const value of [
      `#{x => <<"${PLANTED}">>}`,
      `[{x,<<"${PLANTED}">>},<<"${PLANTED}">>]`,
      `[{x,<<"${PLANTED}">>}]`,
      `{x,<<"${PLANTED}">>}`,
      `<<"${PLANTED}">>`,
    ])
      for (const key of ['info', 'req', 'stacktrace'])
        isHidden(`${STAMP} [error] msg: unexpected_info, ${key}: ${value}`);
    const event = one(`${STAMP} [error] msg: unexpected_info, info: #{x => <<"${PLANTED}">>,y => timeout}`);
    assert.deepEqual(event?.values['mqtt.log.fields'], { info: { x: '[9 bytes]', y: 'timeout' } });
  });

  it('is told without texts that may be binaries, in JSON', () => {
    for (const value of [
      { x: PLANTED },
      [PLANTED, { x: [PLANTED] }],
      PLANTED,
      `{"x":"${PLANTED}"}`,
      `["${PLANTED}"]`,
      `{x,<<"${PLANTED}">>}`,
      [`{m,f,[<<"${PLANTED}">>],[]}`],
    ])
      for (const key of ['info', 'req', 'stacktrace'])
        isHidden(JSON.stringify({ time: 1, level: 'error', msg: 'unexpected_info', [key]: value }));
    const event = one(
      JSON.stringify({
        time: 1,
        level: 'debug',
        msg: 'authenticator_result',
        result: 'ignore',
        info: '{timeout,<<"abc">>}',
        args: [1, 'abc'],
      }),
    );
    assert.deepEqual(event?.values['mqtt.log.fields'], {
      result: 'ignore',
      info: '{timeout,[3 bytes]}',
      args: [1, '[3 bytes]'],
    });
  });

  it("nor are binaries in values that Erlang's errors carry", () => {
    for (const error of ['badmatch', 'case_clause', 'try_clause', 'badmap', 'nocatch']) {
      const reason = `{${error},{<<"will">>,<<"${PLANTED}">>}}`;
      isHidden(`${STAMP} [info] tag: MQTT, msg: frame_parse_failed, peername: 10.0.0.1:5, reason: ${reason}`);
      isHidden(JSON.stringify({ time: 1, level: 'info', msg: 'frame_parse_failed', reason }));
      isHidden(`${STAMP} [error] msg: publishing_error, exception: error, reason: {${reason},[]}`);
    }
  });
});
