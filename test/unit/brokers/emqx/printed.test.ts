import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { binarySize, binaryText } from '../../../../src/brokers/emqx/printed/binary.ts';
import { splitPairs } from '../../../../src/brokers/emqx/printed/pairs.ts';
import { readPacket } from '../../../../src/brokers/emqx/printed/read-packet.ts';
import { readTerm } from '../../../../src/brokers/emqx/printed/term.ts';
import { termEnd } from '../../../../src/brokers/emqx/printed/term-end.ts';
import type { JsonValue } from '../../../../src/core/event.ts';

/** A value and how EMQX prints it as an Erlang term. */
interface Printed {
  readonly text: string;
  readonly value: JsonValue;
}

const atom = fc.stringMatching(/^[a-z][a-z0-9_]{0,8}$/).filter((name) => name !== 'true' && name !== 'false');

/** `io_lib:format("~0p", …)` of a binary of printable text. */
function printBinary(text: string): string {
  const escaped = text
    .replace(/[\\"]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
  return `<<"${escaped}">>`;
}

const term = fc.letrec<{ term: Printed; leaf: Printed; map: Printed; list: Printed; pairs: Printed }>(
  (tie) => ({
    leaf: fc.oneof(
      atom.map((name) => ({ text: name, value: name })),
      fc.integer({ min: -1e12, max: 1e12 }).map((n) => ({ text: String(n), value: n })),
      fc.boolean().map((b) => ({ text: String(b), value: b })),
      fc
        .string({ unit: fc.constantFrom('a', '"', '\\', '\n', ',', '{', '>', ' ', 'é', '=', "'") })
        .map((text) => ({
          text: printBinary(text),
          value: text,
        })),
      fc.constant({ text: '<0.9.0>', value: '<0.9.0>' }),
      fc.constant({ text: '{shutdown,tls_alert,"a}b"}', value: '{shutdown,tls_alert,"a}b"}' }),
    ),
    map: fc
      .uniqueArray(fc.tuple(atom, tie('term')), { selector: ([key]) => key, maxLength: 4 })
      .map((entries) => ({
        text: `#{${entries.map(([key, { text }]) => `${key} => ${text}`).join(',')}}`,
        value: Object.fromEntries(entries.map(([key, { value }]) => [key, value])),
      })),
    pairs: fc
      .uniqueArray(fc.tuple(atom, tie('term')), { selector: ([key]) => key, minLength: 1, maxLength: 4 })
      .map((entries) => ({
        text: `[${entries.map(([key, { text }]) => `{${key},${text}}`).join(',')}]`,
        value: Object.fromEntries(entries.map(([key, { value }]) => [key, value])),
      })),
    list: fc.array(tie('leaf'), { maxLength: 4 }).map((items) => ({
      text: `[${items.map(({ text }) => text).join(',')}]`,
      value: items.map(({ value }) => value),
    })),
    term: fc.oneof({ maxDepth: 4 }, tie('leaf'), tie('map'), tie('list'), tie('pairs')),
  }),
).term;

describe('EMQX: Erlang terms', () => {
  it('a printed term is read as the JSON form has it', () => {
    fc.assert(
      fc.property(term, ({ text, value }) => {
        assert.deepEqual(readTerm(text), value);
      }),
      { numRuns: 500 },
    );
  });

  it('a term ends where it ends, whatever follows', () => {
    fc.assert(
      fc.property(term, fc.constantFrom(', key: x', '', ' ', ',{a}'), ({ text }, rest) => {
        assert.equal(termEnd(text + rest, 0), text.length);
      }),
    );
  });

  it('any text is read, and gives a value or itself', () => {
    const unit = fc.constantFrom(
      '<<',
      '>>',
      '"',
      '#{',
      '{',
      '}',
      '[',
      ']',
      '(',
      ')',
      '\\',
      ',',
      '=>',
      'a',
      '$',
      "'",
      '1',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(unit, { maxLength: 200 }), (parts) => {
        const text = parts.join('');
        assert.doesNotThrow(() => readTerm(text));
        const end = termEnd(text, 0);
        assert.ok(end >= -1 && end <= text.length);
      }),
      { numRuns: 1000 },
    );
  });

  it('binaries: escapes, bytes, what was cut', () => {
    assert.equal(binaryText('<<"a\\"b\\\\\\n\\x{e9}\\0">>'), 'a"b\\\né\0');
    assert.equal(binaryText('<<"köln"/utf8>>'), 'köln');
    assert.equal(binarySize('<<255,254,1>>'), 3);
    assert.equal(binarySize('<<>>'), 0);
    assert.equal(binarySize('<<"abc"...>>'), undefined);
  });

  it('deep nesting stays text', () => {
    const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`;
    assert.equal(readTerm(deep), deep);
  });
});

describe('EMQX: pairs of a line', () => {
  it('values with separators inside are whole', () => {
    const value = fc.oneof(
      term.map(({ text }) => text),
      fc.constantFrom('1 minutes, 0 seconds', 'PUBLISH(Q1,R0)', "'authorization.no_match' config", 'x'),
    );
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(atom, value), { selector: ([key]) => key, minLength: 1, maxLength: 6 }),
        (entries) => {
          fc.pre(
            entries.every(
              ([key]) =>
                ![
                  'payload',
                  'packet',
                  'clientid',
                  'username',
                  'topic',
                  'tag',
                  'msg',
                  'peername',
                  'tns',
                ].includes(key),
            ),
          );
          const text = entries.map(([key, v]) => `${key}: ${v}`).join(', ');
          const split = splitPairs(text, 0);
          assert.deepEqual(
            split?.pairs.map(({ key, start, end }) => [key, text.slice(start, end)]),
            entries,
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});

const name = fc.string({
  unit: fc.constantFrom('a', 'B', '/', '-', '(', ')', '#', '+', ' ', 'é', '{', '"'),
  minLength: 1,
  maxLength: 20,
});

describe('EMQX: printed packets', () => {
  it('PUBLISH of 4.x and 5.x', () => {
    fc.assert(
      fc.property(
        name,
        fc.nat(2),
        fc.boolean(),
        fc.boolean(),
        fc.option(fc.integer({ min: 1, max: 65_535 })),
        name,
        (topic, qos, retained, duplicate, id, payload) => {
          for (const tail of [`Payload(text)=${payload}`, `Payload=${printBinary(payload)}`]) {
            const text = `PUBLISH(Q${qos}, R${Number(retained)}, D${Number(duplicate)}, Topic=${topic}, PacketId=${id ?? 'undefined'}, ${tail})`;
            const packet = readPacket(text);
            assert.deepEqual(
              [
                packet?.type,
                packet?.qos,
                packet?.retained,
                packet?.duplicate,
                packet?.topic,
                packet?.packetId,
                packet?.payload?.size,
                packet?.isAmbiguous,
              ],
              [
                'publish',
                qos,
                retained,
                duplicate,
                topic,
                id ?? undefined,
                Buffer.byteLength(payload),
                false,
              ],
            );
            const { start = 0, end = 0 } = packet?.payload ?? {};
            assert.equal(text.slice(start, end), tail.slice(tail.indexOf('=') + 1));
          }
        },
      ),
    );
  });

  it('a payload of which nothing is printed is empty, unless the line is cut there', () => {
    const head = 'PUBLISH(Q1, R0, D0, Topic=a, PacketId=7, Payload';
    const size = (text: string): number | undefined => readPacket(text)?.payload?.size;
    for (const tail of ['=', '(text)=', '(hex)=', '=<<>>']) assert.equal(size(`${head}${tail})`), 0, tail);
    for (const tail of ['=', '(text)=']) assert.equal(size(`${head}${tail}`), undefined, tail);
    const will = readPacket(
      'CONNECT(Q0, R0, D0, ClientId=c, ProtoName=MQTT, ProtoVsn=4, CleanStart=true, KeepAlive=60, Username=undefined, Password=, Will(Q0, R0, Topic=w Payload=))',
    );
    assert.equal(will?.will?.payload?.size, 0);
  });

  it('CONNECT with any id, user and will', () => {
    fc.assert(
      fc.property(
        name,
        fc.option(name),
        fc.option(fc.tuple(name, name)),
        fc.constantFrom('Start', 'Sess'),
        (client, user, will, clean) => {
          const tail = will === null ? '' : `, Will(Q1, R0, Topic=${will[0]} Payload(text)=${will[1]})`;
          fc.pre(!/ (Payload|Msg)/.test(will?.[0] ?? ''));
          const packet = readPacket(
            `CONNECT(Q0, R0, D0, ClientId=${client}, ProtoName=MQTT, ProtoVsn=5, Clean${clean}=true, KeepAlive=60, Username=${user ?? 'undefined'}, Password=******${tail})`,
          );
          assert.deepEqual(
            [
              packet?.client,
              packet?.user,
              packet?.version,
              packet?.cleanStart,
              packet?.keepAlive,
              packet?.will?.topic,
              packet?.will?.payload?.size,
            ],
            [
              client,
              user ?? undefined,
              5,
              true,
              60,
              will?.[0],
              will === null ? undefined : Buffer.byteLength(will[1]),
            ],
          );
        },
      ),
    );
  });

  it('filters of all generations', () => {
    const wanted = [
      { filter: 'a/+', qos: 1 },
      { filter: 'b/#', qos: 2 },
    ];
    for (const list of [
      'TopicFilters=[a/+(#{nl => 0,qos => 1,rap => 0,rh => 0}),b/#(#{nl => 0,qos => 2,rap => 0,rh => 0})]',
      'TopicFilters=[{<<"a/+">>,#{nl => 0,qos => 1,rap => 0,rh => 0}},{<<"b/#">>,#{nl => 0,qos => 2,rap => 0,rh => 0}}]',
      'TopicTable=[{<<"a/+">>,1},{<<"b/#">>,2}]',
    ]) {
      const packet = readPacket(`SUBSCRIBE(Q1, R0, D0, PacketId=7, ${list})`);
      assert.deepEqual(
        packet?.filters?.map(({ filter, qos }) => ({ filter, qos })),
        wanted,
        list,
      );
      assert.equal(packet?.packetId, 7);
    }
    const gone = readPacket('UNSUBSCRIBE(Q1, R0, D0, PacketId=8, TopicFilters=[a/+,b/#])');
    assert.deepEqual(
      gone?.filters?.map(({ filter }) => filter),
      ['a/+', 'b/#'],
    );
  });

  it('acknowledgements, refusals, and CONNECT without its comma (4.x)', () => {
    assert.deepEqual(
      readPacket('SUBACK(Q0, R0, D0, PacketId=11, ReasonCodes=[1,128])')?.reasonCodes,
      [1, 128],
    );
    assert.deepEqual(readPacket('PUBACK(Q0, R0, D0, PacketId=11, ReasonCode=16)')?.reasonCodes, [16]);
    assert.equal(readPacket('CONNACK(Q0, R0, D0, AckFlags=1, ReasonCode=0)')?.sessionPresent, true);
    assert.equal(
      readPacket(
        'CONNECT(Q0, R0, D0ClientId=a, ProtoName=MQTT, ProtoVsn=4, CleanStart=true, KeepAlive=60, Username=b, Password=)',
      )?.client,
      'a',
    );
    assert.equal(readPacket('Topic=x'), undefined);
  });
});
