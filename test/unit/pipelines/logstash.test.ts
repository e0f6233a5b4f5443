import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { checkLogstashConfig, type Plugin, parseLogstashConfig } from '../../support/logstash-config.ts';

const PIPELINES = new URL('../../../pipelines/logstash/', import.meta.url);

describe('Logstash pipelines', () => {
  for (const name of readdirSync(PIPELINES).filter((file) => file.endsWith('.conf'))) {
    it(`${name} is a pipeline that Logstash would take`, () => {
      assert.deepEqual(checkLogstashConfig(readFileSync(new URL(name, PIPELINES), 'utf8')), []);
    });
  }

  const read = (protocol: string): readonly Plugin[] =>
    parseLogstashConfig(readFileSync(new URL(`brokertap-${protocol}.conf`, PIPELINES), 'utf8'));

  for (const [protocol, input] of [
    ['tcp', 'tcp'],
    ['lumberjack', 'beats'],
    ['http', 'http'],
  ] as const) {
    it(`the ${protocol} pipeline keeps ids, streams and what is no event`, () => {
      const plugins = read(protocol);
      assert.deepEqual(
        plugins.map(({ section, name }) => `${section} ${name}`),
        [`input ${input}`, 'filter mutate', 'filter mutate', 'filter mutate', 'output elasticsearch'],
      );
      const output = new Map(plugins.at(-1)?.options);
      assert.deepEqual(output.get('data_stream'), { type: 'word', text: 'true' });
      const copy = new Map(plugins[2]?.options).get('copy');
      assert.deepEqual(copy, {
        type: 'hash',
        entries: [['[event][id]', { type: 'text', text: '[@metadata][_ingest_document][id]' }]],
      });
      const failing = new Map(plugins[1]?.options);
      const fields = failing.get('add_field') ?? failing.get('replace');
      assert.ok(
        fields?.type === 'hash' &&
          fields.entries.some(([key, value]) => {
            return key === '[data_stream][dataset]' && 'text' in value && value.text === 'mqtt.probe';
          }),
      );
    });
  }

  it('the reader of dead letters keeps the id, the reason and the whole event, as text', () => {
    const plugins = read('dead-letters');
    assert.deepEqual(
      plugins.map(({ section, name }) => `${section} ${name}`),
      ['input dead_letter_queue', 'filter mutate', 'filter ruby', 'filter mutate', 'output elasticsearch'],
    );
    const input = new Map(plugins[0]?.options);
    for (const option of ['commit_offsets', 'clean_consumed'])
      assert.deepEqual(input.get(option), { type: 'word', text: 'true' });
    const fields = new Map(plugins[3]?.options).get('add_field');
    assert.ok(fields?.type === 'hash');
    const added = new Map(fields.entries.map(([key, value]) => [key, 'text' in value ? value.text : '']));
    assert.equal(added.get('[event][action]'), 'event-rejected');
    assert.equal(added.get('[data_stream][dataset]'), 'mqtt.probe');
    assert.equal(added.get('[error][message]'), '%{[@metadata][dead_letter_queue][reason]}');
    const code = new Map(plugins[2]?.options).get('code');
    assert.ok(code?.type === 'text' && code.text.includes('event.set("[event][original]", text)'));
  });

  it('inputs add nothing to events', () => {
    assert.deepEqual(new Map(read('lumberjack')[0]?.options).get('enrich'), { type: 'word', text: 'none' });
    const http = new Map(read('http')[0]?.options);
    assert.deepEqual(http.get('ecs_compatibility'), { type: 'word', text: 'disabled' });
    const codec = http.get('codec');
    assert.ok(codec?.type === 'plugin');
    assert.deepEqual(new Map(codec.plugin.options).get('ecs_compatibility'), {
      type: 'word',
      text: 'disabled',
    });
  });

  it('the checker finds what Logstash would not take', () => {
    const wrong: readonly (readonly [string, RegExp])[] = [
      ['input { tcp { port 5 } }', /line 1: “=>” expected/],
      ['input {\n tcp { port => 5 }', /line 2: a plugin expected/],
      ['filter { if [a] and { } }', /a field, a text/],
      ['filter { mutate { copy => { "a" => "b", "c" => "d" } } }', /a key expected/],
      ['input { tcp { port => 5 ssl_enable => true } }', /input tcp: no option ssl_enable/],
      ['input { tcp { codec => json_lines { max => 1 } } }', /codec json_lines: no option max/],
      ['output { elasticsearch { cacert => "/a" } }', /no option cacert/],
      ['output { elastic { } }', /not in the list/],
      ['output { elasticsearch { hosts => ["a" "b"] } }', /“]” expected/],
      ['inputs { }', /input, filter or output expected/],
      ['input { tcp { port => 5 port => 6 } }', /given twice/],
    ];
    for (const [text, problem] of wrong) assert.match(checkLogstashConfig(text).join(), problem, text);
    const right = [
      '# nothing\n',
      'filter { if "a" in [tags] and !([b][c] == 5 or [d] =~ /x\\/y/) { drop {} } else if [e] not in ["f"] { } else { } }',
      "output { elasticsearch { hosts => 'a' } }",
    ];
    for (const text of right) assert.deepEqual(checkLogstashConfig(text), [], text);
  });
});
