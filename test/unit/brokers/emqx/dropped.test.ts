import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { entriesOf, one, type Read } from '../../../support/emqx.ts';

const HEAD = '2023-04-10T14:33:59.458000+08:00 [warning] test@10.0.0.1:57103 [Session] ';
const WORDS = 'Dropped msg due to mqueue is full';

/** Ids as 3.x to 4.3 print them: each byte is a character. */
const raw = (hex: string): string => Buffer.from(hex, 'hex').toString('latin1');

const drop = (id: string, topic: string, from = '<<"esp32">>'): Read => {
  const event = one(
    `${HEAD}${WORDS}: Message(Id=${id}, QoS=1, Topic=${topic}, From=${from}, Flags=[retain], Headers=#{username => <<"test">>})`,
  );
  assert.equal(event?.action, 'message-dropped');
  return event;
};

const told = ({ values, marks }: Read): unknown[] => [
  values['mqtt.message.id'],
  values['mqtt.topic'],
  values['mqtt.qos'],
  values['mqtt.publisher.client.id'],
  values['mqtt.retained'],
  marks,
];

describe('EMQX: messages that a full queue has dropped', () => {
  it('3.x to 4.3 print the bytes of the id, whatever they are', () => {
    const hex = '0005F8CEE6E1E0F400005667001454A2';
    assert.deepEqual(told(drop(raw(hex), 'a/b')), [hex, 'a/b', 1, 'esp32', true, undefined]);
    for (const bytes of [
      '0005F8222C20275F280A295B7D3E0041',
      '0005F80A0A0A0A0D0A2C0A3C3C2200FF',
      '00053D0000000000000000000000002C',
    ]) {
      const [, ...rest] = told(drop(raw(bytes), 'a/b'));
      assert.deepEqual(rest, ['a/b', 1, 'esp32', true, undefined], bytes);
    }
  });

  it('an id of which a line break has been replaced is not told', () => {
    // `formatter` replaces a line break and blanks around it by `, `.
    const id = raw('0005F80A000000000000000000000001').replace('\n', ', ');
    assert.deepEqual(told(drop(id, 'a/b')).slice(0, 2), [undefined, 'a/b']);
    const same = raw('0005F82C0A0000000000000000000001').replace(',\n', ', ');
    assert.deepEqual(told(drop(same, 'a/b')).slice(0, 2), [undefined, 'a/b']);
  });

  it('a line break in the id does not end the entry', () => {
    const text = `${HEAD}${WORDS}: Message(Id=${raw('0005F80A0D0A00000000000000000001')}, QoS=0, Topic=a, From=<<"p">>, Flags=[], Headers=#{})\n${HEAD}next\n`;
    const [first, second] = entriesOf(Buffer.from(text));
    assert.equal(first?.lines, 3);
    assert.equal(one(first?.text ?? '')?.values['mqtt.topic'], 'a');
    assert.equal(second?.text, `${HEAD}next`);
  });

  it('4.4 prints it in hexadecimal digits', () => {
    assert.equal(told(drop('0005F8CEE6E1E0F400005667001454A2', 'a'))[0], '0005F8CEE6E1E0F400005667001454A2');
  });

  it('a topic that imitates what stands behind it names no publisher', () => {
    const id = raw('0005F8CEE6E1E0F400005667001454A2');
    for (const topic of ['x, From=<<"evil">>, Flags=[], Headers=#{}) ', 'x, From=<<"evil'])
      assert.deepEqual(told(drop(id, topic)).slice(1), [undefined, 1, undefined, undefined, 'ambiguous']);
    assert.deepEqual(told(drop(id, 'x, QoS=2, Topic=y')).slice(1, 3), ['x, QoS=2, Topic=y', 1]);
    assert.equal(told(drop(id, 'a', '<<"c, From=<<\\"evil\\">>">>'))[3], undefined);
  });
});
