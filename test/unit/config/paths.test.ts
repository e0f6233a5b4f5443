import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parseConfig } from '../../../src/config/load.ts';
import { ConfigError } from '../../../src/core/errors.ts';
import { registry } from '../../../src/registry.ts';

/** What is said of inputs and outputs of files; relative paths begin at /x. */
function told(inputs: Readonly<Record<string, string>>, outputs: Readonly<Record<string, string>>): string[] {
  const room = (type: string, all: Readonly<Record<string, string>>): string =>
    Object.entries(all)
      .map(([name, keys]) => `  ${name}: {type: ${type}, ${keys}}\n`)
      .join('');
  const text = `inputs:\n${room('file, broker: mosquitto', inputs)}outputs:\n${room('file', outputs)}`;
  try {
    parseConfig(text, 'b.yaml', {}, registry, '/x');
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.message.split('\n');
  }
  return [];
}

describe('paths of a configuration', () => {
  it('what an output writes is read by no input', () => {
    const reading = (paths: string, output: string): string[] =>
      told({ log: `paths: ${paths}` }, { o: output });
    const again = 'the events in it would come again without end; choose another path';
    for (const paths of ['/x/*', '["/y/a", "/x/**"]', '"*"', '/x/events.ndjson', './events.nd*', '/y/../x/*'])
      assert.match(
        reading(paths, 'path: events.ndjson').join('\n'),
        new RegExp(
          `^b\\.yaml:4:25 outputs\\.o\\.path: inputs\\.log reads /x/events\\.ndjson \\(paths: .+\\): ${again}$`,
        ),
        paths,
      );
    assert.deepEqual(reading('"/x/*.[1-9]"', 'path: /x/events, rotate: {}'), [
      `b.yaml:4:25 outputs.o.path: inputs.log reads /x/events.1 (paths: /x/*.[1-9]): ${again}`,
    ]);
    assert.deepEqual(reading('/x/m.log', 'path: m.log.ndjson'), [
      `b.yaml:4:25 outputs.o.path: inputs.log takes /x/m.log.ndjson for an older /x/m.log: ${again}`,
    ]);
    for (const [paths, output] of [
      ['/x/*.log', 'path: /x/events.ndjson, rotate: {}'],
      ['/x/*', 'path: /x/events/e.ndjson'],
      ['"/x/*.[1-9]"', 'path: /x/events'],
      ['"/x/*.[1-9]"', 'path: /x/events, rotate: {keep: 0}'],
      ['/x/m.log', 'path: /y/m.log'],
      ['/x/m.log', 'path: /y/m.log.ndjson'],
    ] as const)
      assert.deepEqual(reading(paths, output), [], `${paths} ${output}`);
  });

  it('a file has one output', () => {
    const writing = (a: string, b: string): string[] => told({ log: 'paths: /l' }, { a, b });
    const taken = (file: string): string[] => [
      `b.yaml:5:25 outputs.b.path: outputs.a writes ${file} already; choose another path`,
    ];
    assert.deepEqual(writing('path: /x/e', 'path: /x/e'), taken('/x/e'));
    assert.deepEqual(writing('path: e', 'path: /y/../x/./e'), taken('/x/e'));
    assert.deepEqual(writing('path: e, rotate: {}', 'path: e.5'), taken('/x/e.5'));
    assert.deepEqual(writing('path: e.1', 'path: e, rotate: {keep: 1}'), taken('/x/e.1'));
    assert.deepEqual(writing('path: e, rotate: {keep: 3}', 'path: e.4'), []);
    assert.deepEqual(writing('path: e', 'path: e.1'), []);
  });

  it('a log has one input', () => {
    const reading = (a: string, b: string): string[] => told({ a, b }, { o: 'path: /y/events' });
    const twice = (what: string): string[] => [
      `b.yaml:3:${'  b: {type: file, broker: mosquitto, paths: '.length + 1} inputs.b.paths: ` +
        `inputs.a reads ${what} already, and its events would come twice; leave it out of one of them`,
    ];
    assert.deepEqual(reading('paths: /x/m.log', 'paths: m.log'), twice('/x/m.log'));
    assert.deepEqual(reading('paths: /x/*.log', 'paths: /x/*.log'), twice('/x/*.log'));
    assert.deepEqual(reading('paths: /x/*.log', 'paths: /x/m.log'), twice('/x/m.log'));
    assert.deepEqual(reading('paths: /x/m.log', 'paths: /x/*.log'), twice('/x/m.log'));
    assert.deepEqual(reading('paths: /x/a.log', 'paths: /x/b.log'), []);
    assert.deepEqual(reading('paths: /x/a*.log', 'paths: /x/*b.log'), []);
    // Of one log each takes another part.
    assert.deepEqual(reading('paths: syslog, program: a', 'paths: syslog, program: b'), []);
    assert.deepEqual(
      reading('paths: m, exclude: [{level: debug}]', 'paths: m, include: [{level: debug}]'),
      [],
    );
  });

  it('a home directory is written out', () => {
    const home = (place: string, key: string, rest: string): string =>
      `b.yaml:${place} ${key}: "~" is no home directory here; write the whole path, or "\${HOME}${rest}"`;
    assert.deepEqual(told({ log: 'paths: ["/l", ~/m.log]' }, { o: 'path: ~/e' }), [
      home('2:54', 'inputs.log.paths.1', '/m.log'),
      home('4:25', 'outputs.o.path', '/e'),
    ]);
    const text = (more: string): string =>
      `inputs: {m: {type: mqtt, url: "mqtts://b", topics: a, password_file: ~/p, tls: {ca: ~/c}}}\n${more}`;
    assert.throws(
      () =>
        parseConfig(
          text('outputs: {o: {type: stdout}}\nstate: ~/s\nprivacy: {key_file: ~/k, old_key_files: [~/o]}'),
          'b.yaml',
          {},
          registry,
        ),
      {
        message: [
          home('1:70', 'inputs.m.password_file', '/p'),
          home('1:85', 'inputs.m.tls.ca', '/c'),
          home('3:8', 'state', '/s'),
          home('4:21', 'privacy.key_file', '/k'),
          home('4:41', 'privacy.old_key_files', '/o'),
        ].join('\n'),
      },
    );
    assert.deepEqual(told({ log: 'paths: ~m.log' }, { o: 'path: /x/~/e' }), []);
  });
});
