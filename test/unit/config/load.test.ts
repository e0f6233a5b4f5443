import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { environmentConfig } from '../../../src/config/environment.ts';
import { configJsonSchema } from '../../../src/config/json-schema.ts';
import { type Config, parseConfig } from '../../../src/config/load.ts';
import { ConfigError } from '../../../src/core/errors.ts';
import { whenFullOf } from '../../../src/inputs/tcp/config.ts';
import { registry } from '../../../src/registry.ts';

const parse = (text: string, env: NodeJS.ProcessEnv = {}): Config =>
  parseConfig(text, 'b.yaml', env, registry);

/** The messages of a configuration that cannot be used. */
function problems(make: () => unknown): string[] {
  try {
    make();
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.message.split('\n');
  }
  return [];
}

const OUT = 'outputs: {o: {type: stdout}}\n';
const LOG = 'inputs: {log: {type: file, broker: mosquitto, paths: /a.log}}\n';
const MIRROR = (more: string): string => `inputs: {m: {type: mqtt, url: "mqtt://b:1883", ${more}}}\n${OUT}`;
const LOGSTASH = (keys: string): string => `${LOG}outputs: {e: {type: logstash, hosts: "a:1", ${keys}}}`;

/** What it is, a configuration, and what is said of it. */
type Wrong = readonly [string, string, RegExp];

interface Property {
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Property>>;
  readonly anyOf?: readonly Property[];
}

/** Visits every key of the JSON Schema. @param visit `whole`: a configuration that has more at the place of the key */
function eachKey(visit: (key: string, property: Property, whole: (more: object) => object) => void): void {
  const file = { type: 'file', broker: 'mosquitto', paths: '/a' };
  const plain: Readonly<Record<'inputs' | 'outputs', Readonly<Record<string, object>>>> = {
    inputs: {
      file,
      stdin: { broker: 'mosquitto' },
      mqtt: { url: 'mqtt://b', topics: '#' },
      http: { listen: '127.0.0.1:1' },
      tcp: { broker: 'hicap' },
      'emqx-api': { api_url: 'http://b:1/api/', key: 'k', secret_file: '/s' },
    },
    outputs: {
      logstash: { hosts: 'a:1' },
      elasticsearch: { nodes: 'https://a:1' },
      file: { path: '/events.ndjson' },
      stdout: {},
    },
  };
  const visitAll = (properties: Property['properties'] = {}, whole: (more: object) => object): void => {
    for (const [key, inner] of Object.entries(properties)) {
      visit(key, inner, whole);
      for (const { properties: below } of inner.anyOf ?? [inner])
        visitAll(below, (more) => whole({ [key]: more }));
    }
  };
  const good = { inputs: { x: file }, outputs: { x: { type: 'stdout' } } };
  const schema = JSON.parse(configJsonSchema(registry));
  visitAll(schema.properties, (more) => ({ ...good, ...more }));
  for (const room of ['inputs', 'outputs'] as const) {
    for (const { properties } of schema.properties[room].additionalProperties.anyOf) {
      const type: string = properties.type.const;
      visitAll(properties, (more) => ({ ...good, [room]: { x: { type, ...plain[room][type], ...more } } }));
    }
  }
}

describe('configuration', () => {
  it('reads a whole one, with units and defaults', () => {
    const config = parse(`
name: plant-a
labels: {site: berlin}
state: /tmp/s
save: 2s
topic_root: 3
inputs:
  log: {type: file, broker: mosquitto, paths: [/mosquitto/log/*.log], start: end, timezone: Europe/Berlin, limit: 64KiB}
  mirror:
    type: mqtt
    url: mqtts://broker:8883
    protocol: 3.1.1
    topics: ['#', {filter: '$SYS/#', qos: 0}]
    payload: {capture: text, limit: 1KiB, redact: password}
    session_expiry: 90d
    exclude: [{topic: ['a/#', 'b'], level: debug}]
outputs:
  elk: {type: logstash, hosts: 'a:1, [::1]:2', tls: true, confirm_after: 1s}
  arch: {type: file, path: /e.ndjson, rotate: {size: 1MB, keep: 2}}
telemetry: {listen: "off", log: warn}
`);
    const { log, mirror } = config.inputs;
    assert.equal(config.save, 2000);
    assert.equal(config.heartbeat, 60_000);
    assert.ok(
      log?.type === 'file' && log.limit === 65_536 && log.start === 'end' && log.container === 'auto',
    );
    assert.ok(mirror?.type === 'mqtt' && mirror.protocol === 4 && mirror.session_expiry === 90 * 86_400_000);
    assert.deepEqual(mirror.topics, [
      { filter: '#', qos: 1 },
      { filter: '$SYS/#', qos: 0 },
    ]);
    assert.deepEqual(mirror.payload, { capture: 'text', limit: 1024, redact: ['password'] });
    const { elk, arch } = config.outputs;
    assert.ok(elk?.type === 'logstash' && arch?.type === 'file');
    assert.deepEqual(elk.hosts, [
      { host: 'a', port: 1 },
      { host: '::1', port: 2 },
    ]);
    assert.deepEqual(
      [elk.tls, elk.confirm_after, arch.rotate],
      [{}, 1000, { sizeBytes: 1_000_000, keep: 2 }],
    );
  });

  it('replaces variables in strings, with defaults and lists', () => {
    const config = parse(
      `inputs: {log: {type: file, broker: "\${B:mosquitto}", paths: "\${P}"}}\noutputs: {o: {type: file, path: "$\${x}"}}`,
      { P: '/a,/b' },
    );
    assert.ok(config.inputs.log?.type === 'file');
    assert.deepEqual(config.inputs.log.paths, ['/a', '/b']);
    assert.ok(config.outputs.o?.type === 'file' && config.outputs.o.path === '${x}');
  });

  const wrong: readonly Wrong[] = [
    ['nothing', '', /^b\.yaml:1:1 nothing is configured; write at least/],
    ['nothing but a comment', '# a', /^b\.yaml:1:1 nothing is configured; write at least/],
    [
      'a list',
      '- a',
      /^b\.yaml:1:1 this is a list, and a mapping is needed, with the keys inputs and outputs/,
    ],
    ['a text', 'inputs', /^b\.yaml:1:1 this is a text, and a mapping is needed/],
    ['broken YAML', 'inputs: {a: [}', /^b\.yaml:1:\d+ /],
    ['a tab', 'inputs:\n\tlog: {}', /^b\.yaml:2:1 this is no YAML: a tab stands here; indent with spaces/],
    ['two documents', `${LOG}---\n${OUT}`, /^b\.yaml:2:1 this is no YAML: leave "---" out/],
    [
      'a key twice',
      `${LOG}${LOG}${OUT}`,
      /^b\.yaml:2:1 inputs: stands here again, and on line 1 before: leave one of them out/,
    ],
    [
      'a key twice, further in',
      `inputs:\n  log: {type: file, broker: mosquitto,\n    paths: /a, limit: 1KiB, paths: /b}\n${OUT}`,
      /^b\.yaml:3:29 inputs\.log\.paths: stands here again, and on line 3 before/,
    ],
    [
      'a comment for a value',
      `inputs:\n  m:\n    type: mqtt\n    url: mqtt://b\n    topics: #\n${OUT}`,
      /^b\.yaml:5:13 inputs\.m\.topics: has no value: # begins a comment; put a text with # in quotes/,
    ],
    [
      'a reference for a value',
      MIRROR('topics: *a'),
      /^b\.yaml:1:56 inputs\.m\.topics: "\*a" refers to an anchor, .* in quotes/,
    ],
    [
      'a list of outputs',
      `${LOG}outputs: [{type: stdout}]`,
      /^b\.yaml:2:10 outputs: this is a list, and each needs a name/,
    ],
    [
      'an empty list',
      `inputs: {log: {type: file, broker: mosquitto, paths: []}}\n${OUT}`,
      /log\.paths: is empty: write at least one/,
    ],
    ['a label that is a mapping', `${LOG}${OUT}labels: {a: {b: 1}}`, /^b\.yaml:3:13 labels\.a: write a text/],
    [
      'a choice that is none',
      MIRROR('topics: a, payload: {capture: all}'),
      /^b\.yaml:1:78 inputs\.m\.payload\.capture: write "none", "hash", "text" or "base64"/,
    ],
    ['TLS that is off', LOGSTASH('tls: false'), /outputs\.e\.tls: write true, or {ca: FILE}.*leave it out/],
    [
      'an unknown top-level key',
      `${LOG}${OUT}sate: /x`,
      /^b\.yaml:3:1 sate: unknown key; did you mean "state"\?/,
    ],
    [
      'an unknown key far from all',
      `${LOG}${OUT}xyzzy: 1`,
      /^b\.yaml:3:1 xyzzy: unknown key; there are name, labels/,
    ],
    [
      'an unknown key of an input',
      `inputs:\n  log: {type: file, broker: mosquitto, path: /a}\n${OUT}`,
      /b\.yaml:2:40 inputs\.log\.path: unknown key; did you mean "paths"\?/,
    ],
    [
      'a missing key',
      `inputs:\n  log: {type: file, broker: mosquitto}\n${OUT}`,
      /^b\.yaml:2:3 inputs\.log\.paths: is missing; write for example paths: \["\/mosquitto\/log\/\*\.log"\]/,
    ],
    [
      'no type',
      `inputs:\n  log: {broker: mosquitto}\n${OUT}`,
      /^b\.yaml:2:3 inputs\.log: "type" is missing; write one of file, stdin, mqtt/,
    ],
    [
      'an unknown type',
      `inputs:\n  log: {type: flie}\n${OUT}`,
      /^b\.yaml:2:15 inputs\.log\.type: unknown type "flie"; did you mean "file"\?/,
    ],
    [
      'a type that is a method of objects',
      `inputs:\n  log: {type: constructor}\n${OUT}`,
      /unknown type "constructor"; there are/,
    ],
    [
      'an unknown broker',
      `inputs: {log: {type: file, broker: mosquito, paths: /a}}\n${OUT}`,
      /^b\.yaml:1:36 inputs\.log\.broker: unknown broker "mosquito"; did you mean "mosquitto"\?/,
    ],
    ['no inputs', OUT, /inputs: (is missing|at least one is needed)/],
    ['no outputs', LOG, /outputs: (is missing|at least one is needed)/],
    ['empty outputs', `${LOG}outputs: {}`, /^b\.yaml:2:\d+ outputs: at least one is needed/],
    [
      'a bad name',
      `inputs: {"a b": {type: stdin, broker: mosquitto}}\n${OUT}`,
      /inputs\.a b: a name has 1 to 64/,
    ],
    [
      'a duration without unit',
      `${LOG}${OUT}save: "5"`,
      /^b\.yaml:3:7 save: "5" is not a duration such as "5s"/,
    ],
    ['a pause that is none', `${LOG}${OUT}save: 0s`, /^b\.yaml:3:7 save: write at least "10ms"/],
    [
      'an address that is none',
      `${LOG}${OUT}telemetry: {listen: nonsense}`,
      /telemetry\.listen: write an address and a port such as "127\.0\.0\.1:9641" \(.+\), or "off"/,
    ],
    [
      'a port alone',
      `${LOG}${OUT}telemetry: {listen: 9641}`,
      /telemetry\.listen: write an address and a port such as "127\.0\.0\.1:9641" \(.+\), or "off"/,
    ],
    [
      'a word for a mapping',
      `inputs: {m: {type: mqtt, url: "mqtt://h", topics: a, payload: text}}\n${OUT}`,
      /inputs\.m\.payload: write a mapping with keys of capture, limit, decode, redact/,
    ],
    ['a pause that no timer holds', `${LOG}${OUT}save: 30d`, /^b\.yaml:3:7 save: write at most "24d"/],
    ['a duration that is a number', `${LOG}${OUT}save: 5`, /save: write a duration such as "5s"/],
    [
      'a size that is none',
      `inputs: {log: {type: file, broker: mosquitto, paths: /a, limit: big}}\n${OUT}`,
      /inputs\.log\.limit: "big" is not a size such as "16MiB"/,
    ],
    [
      'a wrong zone',
      `inputs: {log: {type: file, broker: mosquitto, paths: /a, timezone: Berlin}}\n${OUT}`,
      /inputs\.log\.timezone: not a time zone; write a name such as "Europe\/Berlin"/,
    ],
    [
      'a wrong choice',
      `inputs: {log: {type: file, broker: mosquitto, paths: /a, start: middle}}\n${OUT}`,
      /inputs\.log\.start: .*"beginning".*"end"/,
    ],
    [
      'a host without port',
      `${LOG}outputs: {e: {type: logstash, hosts: logstash}}`,
      /outputs\.e\.hosts\.0: "logstash" is no address; write host:port/,
    ],
    ['a port out of range', `${LOG}outputs: {e: {type: logstash, hosts: "a:70000"}}`, /is no address/],
    [
      'an unknown protocol',
      LOGSTASH('protocol: beats'),
      /outputs\.e\.protocol: write tcp, lumberjack or http/,
    ],
    [
      'confirm_after where events are acknowledged',
      LOGSTASH('protocol: lumberjack, confirm_after: 1s'),
      /outputs\.e\.confirm_after: protocol lumberjack has no confirm_after: .*leave it out/,
    ],
    [
      'a window with tcp',
      LOGSTASH('window: {events: 10}'),
      /outputs\.e\.window: protocol tcp has no window: leave it out, or write protocol: lumberjack or http/,
    ],
    [
      'compression with tcp',
      LOGSTASH('compression: 3'),
      /outputs\.e\.compression: protocol tcp has no compression/,
    ],
    [
      'a level of compression',
      LOGSTASH('protocol: http, compression: 10'),
      /compression: write a whole number from 0 to 9/,
    ],
    [
      'a user with lumberjack',
      LOGSTASH('protocol: lumberjack, user: a, password_file: /p'),
      /outputs\.e\.user: protocol lumberjack has no user: use a client certificate \(tls\.cert and tls\.key\), or protocol: http/,
    ],
    [
      'a user without password',
      LOGSTASH('protocol: http, user: a'),
      /outputs\.e\.user: goes together with password_file: write both/,
    ],
    [
      'a token and a user',
      LOGSTASH('protocol: http, user: a, password_file: /p, token_file: /t'),
      /write either token_file, or user and password_file/,
    ],
    [
      'half a client certificate',
      LOGSTASH('tls: {cert: /c}'),
      /^b\.yaml:2:57 outputs\.e\.tls\.cert: a client certificate is two files: write "key" too, the path of its key$/m,
    ],
    [
      'half a client certificate of a mirror',
      MIRROR('topics: "#", tls: {key: /k}'),
      /^b\.yaml:1:72 inputs\.m\.tls\.key: a client certificate is two files: write "cert" too, the path of the certificate$/m,
    ],
    [
      'half a client certificate for the REST API',
      `inputs: {a: {type: emqx-api, api_url: "https://e/api/", key: k, secret_file: s, tls: {cert: /c}}}\n${OUT}`,
      /inputs\.a\.tls\.cert: a client certificate is two files: write "key" too/,
    ],
    [
      'a URL as a host',
      `${LOG}outputs: {e: {type: logstash, protocol: http, hosts: "http://a:8080"}}`,
      /outputs\.e\.hosts\.0: write host:port without scheme, user and path; TLS is switched on with tls: true/,
    ],
    [
      'a window that holds nothing',
      LOGSTASH('protocol: lumberjack, window: {bytes: 10}'),
      /window\.bytes: this is 10 bytes: write at least "1KiB"/,
    ],
    ['a namespace', `${LOG}${OUT}namespace: Big-One`, /namespace: no upper case, blank, hyphen/],
    [
      'a label key',
      `${LOG}${OUT}labels: {"a.b": 1}`,
      /^b\.yaml:3:10 labels\.a\.b: write a name of letters, digits and _ only/,
    ],
    [
      'an empty filter entry',
      `inputs: {log: {type: file, broker: mosquitto, paths: /a, include: [{}]}}\n${OUT}`,
      /include\.0: give at least one of action/,
    ],
    [
      'a filter key',
      `inputs: {log: {type: file, broker: mosquitto, paths: /a, include: [{acton: x}]}}\n${OUT}`,
      /include\.0\.acton: unknown key; did you mean "action"\?/,
    ],
    ...(
      [
        ['action: packt-sent', /action\.0: unknown action "packt-sent"; did you mean "packet-sent"\?$/],
        [
          'action: [packet-sent, sent-*]',
          /action\.1: unknown action "sent-\*"; there are broker-log, broker-started/,
        ],
        ['level: warn', /level\.0: unknown level "warn"; did you mean "warning"\?$/],
        ['level: WARNING', /level\.0: unknown level "WARNING"; did you mean "warning"\?$/],
        [
          'level: fatal',
          /level\.0: unknown level "fatal"; there are emergency, alert, critical, error, warning, /,
        ],
        [
          'dataset: connection',
          /dataset\.0: unknown dataset "connection"; did you mean "mqtt\.connection"\?$/,
        ],
        [
          'dataset: mqtt.messages',
          /dataset\.0: unknown dataset "mqtt\.messages"; did you mean "mqtt\.message"\?$/,
        ],
      ] as const
    ).flatMap(([entry, told]): Wrong[] => [
      [
        `a filter that matches nothing: ${entry}`,
        `inputs: {log: {type: file, broker: mosquitto, paths: /a, include: [{${entry}}]}}\n${OUT}`,
        told,
      ],
      [
        `a filter of an output that matches nothing: ${entry}`,
        `${LOG}outputs: {o: {type: stdout, exclude: [{topic: a}, {${entry}}]}}`,
        told,
      ],
    ]),
    [
      'a filter that is no list',
      `${LOG}outputs: {o: {type: stdout, exclude: {action: packet-sent}}}`,
      /^b\.yaml:2:38 outputs\.o\.exclude: write a list, such as \[\{action: packet-sent\}, /,
    ],
    ...['5044', '[5044]', '{a: 1}'].map(
      (hosts): Wrong => [
        `hosts that are none: ${hosts}`,
        `${LOG}outputs: {e: {type: logstash, hosts: ${hosts}}}`,
        /outputs\.e\.hosts(\.0)?: write host:port, such as "logstash:5044", or a list of them$/,
      ],
    ),
    [
      'nodes that are none',
      `${LOG}outputs: {e: {type: elasticsearch, nodes: 9200}}`,
      /outputs\.e\.nodes: write an address, such as "https:\/\/elasticsearch:9200", or a list of them$/,
    ],
    ...['100', '"100"', '100B'].map(
      (size): Wrong => [
        `a size without unit: ${size}`,
        `${LOG}outputs: {o: {type: file, path: /e, rotate: {size: ${size}}}}`,
        /outputs\.o\.rotate\.size: this is 100 bytes: write at least "1KiB", with the unit, such as "100MB"$/,
      ],
    ),
    [
      'a spool without unit',
      `${LOG}${OUT}spool: {size: 20}`,
      /^b\.yaml:3:15 spool\.size: this is 20 bytes: write at least "1MiB", with the unit, such as "100MB"$/,
    ],
    ...['*:9641', 'http://0.0.0.0:9641', '127.0.0.1 :9641'].map(
      (listen): Wrong => [
        `an address of its own that is none: ${listen}`,
        `${LOG}${OUT}telemetry: {listen: "${listen}"}`,
        /^b\.yaml:3:21 telemetry\.listen: write an address and a port such as "127\.0\.0\.1:9641" \("0\.0\.0\.0:9641": every one\), or "off"$/,
      ],
    ),
    [
      'an address of an input that is none',
      `inputs: {h: {type: http, auth: none, listen: "*:8088"}}\n${OUT}`,
      /inputs\.h\.listen: "\*:8088" is no address to listen on; write .* "0\.0\.0\.0:12345" for all$/,
    ],
    ...(
      [
        [
          'inputs:\n  m:\n    type: mqtt\n    url:mqtt://b:1883\n    topics: a\n',
          '4:5 this is no YAML',
          'url',
        ],
        [
          'inputs:\n  m:\n    type: mqtt\n    topics: "#"\n    url:mqtt://b:1883\n',
          '5:5 this is no YAML',
          'url',
        ],
        [
          'inputs:\n  m:\n    type: mqtt\n    password:hunter2\n    topics: a\n',
          '4:5 this is no YAML',
          'password',
        ],
        ['name:plant\n', '1:1 this is no YAML', 'name'],
        ['inputs: {m: {type: mqtt, url:mqtt://b, topics: a}}\n', '1:26 inputs.m.url', 'url'],
        [
          'inputs: {m: {type: mqtt, url: "mqtt://b", topics: a, password:hunter2}}\n',
          '1:54 inputs.m.password',
          'password',
        ],
        ['inputs:\n  m:\n    type:mqtt\n', '2:3 inputs.m', 'type'],
        ['inputs: {m: {type:mqtt}}\n', '1:10 inputs.m', 'type'],
      ] as const
    ).map(
      ([text, place, key]): Wrong => [
        `a colon without a blank: ${place} ${key}`,
        `${text}${OUT}`,
        new RegExp(`^b\\.yaml:${place}: a blank is missing behind the colon: write "${key}: …"$`),
      ],
    ),
    [
      'a variable that is not set',
      `inputs: {log: {type: file, broker: mosquitto, paths: "\${NOPE}"}}\n${OUT}`,
      /^b\.yaml:1:54 inputs\.log\.paths: \$\{NOPE\} is not set; set it, or write a default/,
    ],
    [
      'a URL without scheme',
      `inputs: {m: {type: mqtt, url: "broker:1883", topics: "#"}}\n${OUT}`,
      /inputs\.m\.url: write mqtt:\/\//,
    ],
    [
      'a password in the URL',
      `inputs: {m: {type: mqtt, url: "mqtt://u:hunter2@b", topics: "#"}}\n${OUT}`,
      /user and password have keys of their own/,
    ],
    [
      'a password in the file',
      MIRROR('topics: "#", password: hunter2'),
      /inputs\.m\.password: unknown key; secrets come from files: write password_file/,
    ],
    [
      'a key in the file',
      `${LOG}outputs: {s: {type: elasticsearch, nodes: "https://a", api_key: hunter2}}`,
      /outputs\.s\.api_key: unknown key; secrets come from files: write api_key_file and the path/,
    ],
    [
      'a key in the file, under another name',
      `${LOG}outputs: {s: {type: elasticsearch, nodes: "https://a", apikey: hunter2}}`,
      /outputs\.s\.apikey: unknown key; secrets come from files: write api_key_file and the path/,
    ],
    [
      'a key that has to be there under another name, said once',
      `inputs: {log: {type: file, broker: mosquitto, path: /a}}\n${OUT}`,
      /^b\.yaml:1:47 inputs\.log\.path: unknown key; did you mean "paths"\?$/,
    ],
    [
      'a key that stands one level too high',
      MIRROR('topics: "#", ca: /ca.pem, capture: text'),
      /inputs\.m\.ca: stands in "tls": write tls: \{ca: …\}/,
    ],
    [
      'a token that stands one level too high',
      `inputs: {h: {type: http, listen: "127.0.0.1:1", token_file: /t}}\n${OUT}`,
      /inputs\.h\.token_file: stands in "auth": write auth: \{token_file: …\}/,
    ],
    ['QoS 2', MIRROR('topics: [{filter: "#", qos: 2}]'), /inputs\.m\.topics/],
    ['# in the middle', MIRROR('topics: "a/#/b"'), /# stands only at the end/],
    ['a wildcard in a level', MIRROR('topics: "a/b+"'), /a wildcard fills a whole level/],
    [
      'overlapping filters',
      MIRROR('topics: ["plant/#", "plant/a/+"]'),
      /overlaps "plant\/#": messages would come twice/,
    ],
    ['a protocol', MIRROR('topics: "#", protocol: 4'), /inputs\.m\.protocol: write 5 or "3\.1\.1"/],
    [
      'keys of a nested object',
      MIRROR('topics: "#", payload: {captur: text}'),
      /inputs\.m\.payload\.captur: unknown key; did you mean "capture"\?/,
    ],
    ['tls keys', MIRROR('topics: "#", tls: {cacert: /x}'), /inputs\.m\.tls\.cacert: unknown key/],
    ['topic_root', `${LOG}${OUT}topic_root: 0`, /topic_root: write a whole number from 1 to 16/],
    ...['""', '"${NONE:}"', 'true', '', '1.5', '-1'].map(
      (keep): Wrong => [
        `keep: ${keep}`,
        `${LOG}outputs: {o: {type: file, path: /x, rotate: {keep: ${keep}}}}`,
        /outputs\.o\.rotate\.keep: write a whole number from 0 to 1000/,
      ],
    ),
    [
      'no size to rotate at',
      `${LOG}outputs: {o: {type: file, path: /x, rotate: {size: 0}}}`,
      /size: this is \d+ bytes: write at least "1KiB"/,
    ],
    ...['probe:hunter2@a:1', 'https//probe:hunter2@a:1', 'probe:hunter2@a'].flatMap((place): Wrong[] => [
      [
        `a host ${place}`,
        `${LOG}outputs: {e: {type: logstash, hosts: "${place}"}}`,
        /without scheme, user and path/,
      ],
      [
        `a node ${place}`,
        `${LOG}outputs: {e: {type: elasticsearch, nodes: "${place}"}}`,
        /no user and password here/,
      ],
    ]),
    [
      'requests that no server takes',
      `${LOG}outputs: {e: {type: elasticsearch, nodes: "http://a", batch: {bytes: 10GiB}}}`,
      /batch\.bytes: write a size from 1KiB to 256MiB/,
    ],
    [
      'a key twice, in quotes and without',
      `${LOG}outputs:\n  1: {type: stdout}\n  "1": {type: stdout}`,
      /b\.yaml:4:3 outputs\.1: stands here again, and on line 3 before/,
    ],
    [
      'a variable in braces without quotes',
      `${LOG}outputs: {o: {type: file, path: \${FILE}}}`,
      /b\.yaml:2:\d+ this is no YAML: put a text with \$\{…\} in quotes where it stands in \{ \} or \[ \]/,
    ],
    ...['${my-var}/x', '${', 'a${1}', '${A B:c}'].map(
      (text): Wrong => [
        `what is no reference: ${text}`,
        `${LOG}outputs: {o: {type: file, path: "${text}"}}`,
        /b\.yaml:2:\d+ outputs\.o\.path: \$\{.* names no variable; write \$\{NAME\} or \$\{NAME:default\}, and \$\$\{ for/,
      ],
    ),
    [
      'aliases that grow beyond all bounds',
      `${LOG}a: &a [x, x]\nb: &b [${'*a, '.repeat(99)}*a]\nc: &c [${'*b, '.repeat(99)}*b]\n${OUT}labels: {a: *c, b: *c}`,
      /there are more than 10000 aliases/,
    ],
  ];
  for (const [name, text, want] of wrong) {
    it(`says what is wrong and where: ${name}`, () => {
      const found = problems(() => parse(text));
      assert.ok(
        found.some((line) => want.test(line)),
        `got: ${found.join(' | ')}`,
      );
      assert.ok(
        found.every((line) => !line.includes('hunter2')),
        'a secret was printed',
      );
    });
  }

  it('defaults as in shells, mappings that are merged', () => {
    const text = `${LOG}outputs:
  a: &file {type: file, path: "${'${A:-/a}'}-${'${B:b}'}-$${'${C}'}", rotate: {keep: 1}}
  b: {<<: *file, path: /b}
`;
    const { a, b } = parse(text).outputs;
    assert.ok(a?.type === 'file' && b?.type === 'file');
    assert.deepEqual([a.path, b.path, b.rotate?.keep], ['/a-b-${C}', '/b', 1]);
    assert.deepEqual(
      problems(() => parse(text.replace('<<: *file,', '<<: *file, paht: /c,'))),
      ['b.yaml:4:18 outputs.b.paht: unknown key; did you mean "path"?'],
    );
  });

  it('reports everything at once', () => {
    const found = problems(() =>
      parse(
        `inputs: {log: {type: file, broker: x, paths: /a, strat: end}}\noutputs: {e: {type: logstash, hosts: nope}}\nnaem: a`,
      ),
    );
    assert.equal(found.length, 3, found.join('\n'));
  });

  it('says one thing only of one mistake', () => {
    for (const text of [
      `${LOG}output: {o: {type: stdout}}`,
      `input: {log: {type: file, broker: mosquitto, paths: /a}}\n${OUT}`,
      `inputs: {m: {type: mqtt, url: "mqtt://\${NOPE}", topics: "#"}}\n${OUT}`,
      `${LOG}outputs: {e: {type: logstash, hosts: ["a:1", "\${NOPE}:1"]}}`,
      `inputs: {m: {type: mqtt, url:mqtt://b, topics: a}}\n${OUT}`,
      `inputs: {m: {type:mqtt}}\n${OUT}`,
      `${LOG}outputs: {e: {type: "\${NOPE}"}}`,
      MIRROR('topics: *a'),
      `inputs:\n  m: {type: mqtt, url: "mqtt://b", topics: # all\n  }\n${OUT}`,
    ]) {
      const found = problems(() => parse(text));
      assert.equal(found.length, 1, found.join('\n'));
    }
  });

  it('JSON Schema: every key has a meaning, and every default is told as people write it', () => {
    let defaults = 0;
    eachKey((key, { description, default: text }, whole) => {
      assert.ok(key === 'type' || description !== undefined, `${key} has no meaning`);
      if (text === undefined) return;
      defaults++;
      assert.deepEqual(
        parse(JSON.stringify(whole({ [key]: text }))),
        parse(JSON.stringify(whole({}))),
        `${key}: ${JSON.stringify(text)}`,
      );
    });
    assert.ok(defaults > 50, `${defaults} defaults`);
    const { spool, save, heartbeat, topic_root } = JSON.parse(configJsonSchema(registry)).properties;
    assert.deepEqual(
      [spool.properties.size, spool.properties.sync, save, heartbeat, topic_root].map((one) => one.default),
      ['10GiB', '50ms', '1s', '1m', 2],
    );
  });

  it('says in its own words what to write, whatever stands in whichever key', () => {
    const values = [null, true, -1, 1.5, '', 'nonsense', [], [[]], {}, { x: null }];
    const said = new Set<string>();
    eachKey((key, _property, whole) => {
      for (const value of values) {
        for (const line of problems(() => parse(JSON.stringify(whole({ [key]: value }))))) said.add(line);
      }
    });
    assert.ok(said.size > 400, `only ${said.size} sentences`);
    assert.deepEqual(
      [...said].filter((line) => /^$|Invalid|Too (small|big)|expected|undefined|\[object/.test(line)),
      [],
    );
  });

  it('takes filters that may match something', () => {
    for (const entry of [
      'action: "client-*"',
      'action: ["*", packet-sent, "*-failed"]',
      'dataset: mqtt.*, level: [warn*, error], client: nobody, topic: x',
    ])
      assert.deepEqual(
        problems(() => parse(`${LOG}outputs: {o: {type: stdout, include: [{${entry}}]}}`)),
        [],
      );
  });

  it('lets $SYS log topics stand beside $SYS', () => {
    assert.deepEqual(
      problems(() => parse(MIRROR('topics: ["#", "$SYS/#", "$SYS/broker/log/#"]'))),
      [],
    );
  });

  it('what is kept on disk needs a secret too; a file waits where it is unless it goes through the spool', () => {
    assert.match(
      problems(() => parse(`privacy: {ip: truncate}\n${LOG}${OUT}`))[0] ?? '',
      /need a secret; make one with/,
    );
    assert.deepEqual(
      problems(() => parse(`privacy: {old_key_files: /old}\n${LOG}${OUT}`)),
      [],
    );
    const file = (more: string): string =>
      `inputs: {log: {type: file, broker: mosquitto, paths: /a.log, ${more}}}\n${OUT}`;
    assert.match(
      problems(() => parse(file('when_full: block')))[0] ?? '',
      /log\.when_full: a file waits where it is/,
    );
    assert.deepEqual(
      problems(() => parse(file('spool: true, when_full: drop_oldest'))),
      [],
    );
    assert.deepEqual(
      problems(() => parse(MIRROR("topics: '#', when_full: drop_oldest"))),
      [],
    );
  });

  it('makes a sidecar of variables, and names the shortest useful set', () => {
    const config = environmentConfig(
      {
        BROKERTAP_LOG_PATHS: '/l/a.log,/l/b.log',
        BROKERTAP_LOGSTASH: 'ls:5170',
        BROKERTAP_NAME: 'n',
        BROKERTAP_LISTEN: '0.0.0.0:9641',
        BROKERTAP_MQTT_URL: '',
      },
      registry,
    );
    assert.deepEqual(
      [Object.keys(config.inputs), config.name, config.telemetry.listen],
      [['log'], 'n', '0.0.0.0:9641'],
    );
    const found = problems(() => environmentConfig({ BROKERTAP_NAME: 'n' }, registry)).join('\n');
    assert.match(found, /BROKERTAP_LOG_PATHS=\S+ BROKERTAP_LOGSTASH=/);
  });

  it('says what to write for paths', () => {
    for (const paths of ['17', '[1]', '{a: b}'])
      assert.deepEqual(
        problems(() => parse(`inputs: {log: {type: file, broker: mosquitto, paths: ${paths}}}\n${OUT}`)),
        ['b.yaml:1:54 inputs.log.paths: write a path, or a list of paths'],
      );
  });

  it('tells a variable that is none, and names the variable of a wrong value', () => {
    const set = (more: NodeJS.ProcessEnv): string[] =>
      problems(() =>
        environmentConfig({ BROKERTAP_LOG_PATHS: '/a', BROKERTAP_LOGSTASH: 'ls:5170', ...more }, registry),
      );
    assert.deepEqual(set({}), []);
    assert.deepEqual(
      problems(() =>
        environmentConfig({ BROKERTAP_LOG_PATH: '/a', BROKERTAP_LOGSTASH: 'ls:5170' }, registry),
      ),
      ['BROKERTAP_LOG_PATH: no such variable; did you mean BROKERTAP_LOG_PATHS?'],
    );
    assert.match(
      set({ BROKERTAP_SPOOL_SIZE: '1GiB' }).join('\n'),
      /^BROKERTAP_SPOOL_SIZE: no such variable; there are BROKERTAP_NAME, .*BROKERTAP_LISTEN$/,
    );
    // One broker of two inputs is one mistake.
    assert.deepEqual(set({ BROKERTAP_BROKER: 'mosq', BROKERTAP_MQTT_URL: 'mqtt://h' }).length, 1);
    for (const [name, value, told] of [
      ['BROKER', 'mosqitto', /^BROKERTAP_BROKER: unknown broker "mosqitto"; did you mean "mosquitto"\?$/],
      ['LOGSTASH', 'a:1,b:x', /^BROKERTAP_LOGSTASH: "b:x"/],
      ['LISTEN', 'here', /^BROKERTAP_LISTEN: /],
      ['TIMEZONE', 'Mars', /^BROKERTAP_TIMEZONE: /],
      ['LOGSTASH_PROTOCOL', 'beats', /^BROKERTAP_LOGSTASH_PROTOCOL: /],
      ['ELASTICSEARCH', 'es', /^BROKERTAP_ELASTICSEARCH: /],
      ['MQTT_URL', 'broker', /^BROKERTAP_MQTT_URL: /],
    ] as const) {
      assert.match(set({ [`BROKERTAP_${name}`]: value }).join('\n'), told);
    }
    // What Kubernetes and Docker set for a service of that name, and what is empty.
    const service = {
      BROKERTAP_SERVICE_HOST: '10.0.0.1',
      BROKERTAP_SERVICE_PORT: '9641',
      BROKERTAP_SERVICE_PORT_HTTP: '9641',
      BROKERTAP_PORT: 'tcp://10.0.0.1:9641',
      BROKERTAP_PORT_9641_TCP: 'tcp://10.0.0.1:9641',
      BROKERTAP_PORT_9641_TCP_ADDR: '10.0.0.1',
      BROKERTAP_METRICS_SERVICE_HOST: '10.0.0.1',
      BROKERTAP_SPOOL: '',
    };
    assert.deepEqual(set(service), []);
  });
});

describe('configuration of inputs that listen', () => {
  const check = (input: string): string[] => problems(() => parse(`inputs:\n  in: {${input}}\n${OUT}`));

  it('defaults of a web hook and of HICAP', () => {
    const { inputs } = parse(
      `inputs: {hook: {type: http, listen: "127.0.0.1:8088"}, hicap: {type: tcp, broker: hicap}}\n${OUT}`,
    );
    const { hook, hicap } = inputs;
    assert.ok(hook?.type === 'http' && hicap?.type === 'tcp');
    assert.deepEqual([hook.broker, hook.path, hook.limit], ['emqx', '/', 8 * 2 ** 20]);
    assert.deepEqual([hicap.listen, hicap.limit], [{ host: '127.0.0.1', port: 12345 }, 2 ** 20]);
    assert.equal(whenFullOf(hicap), 'drop_oldest');
    assert.equal(whenFullOf({ ...hicap, when_full: 'block' }), 'block');
    assert.equal(whenFullOf({ ...hicap, broker: 'emqx' }), undefined);
  });

  it('an input that others reach says who may use it', () => {
    for (const listen of ['0.0.0.0:1', '[::]:1', '10.0.0.7:1', 'broker.example:1']) {
      assert.match(
        check(`type: http, listen: "${listen}"`)[0] ?? '',
        /^b\.yaml:2:\d+ inputs\.in\.listen: others reach \S+: write "auth: \{token_file: FILE\}"/,
      );
      assert.match(check(`type: tcp, broker: hicap, listen: "${listen}"`)[0] ?? '', /others reach/);
    }
    for (const key of [
      'auth: none',
      'allow: 10.0.0.0/8',
      'tls: {cert: a, key: b, ca: c}',
      'auth: {token_file: a}',
    ])
      assert.deepEqual(check(`type: http, listen: "0.0.0.0:1", ${key}`), [], key);
    assert.match(check('type: http, listen: "0.0.0.0:1", tls: {cert: a, key: b}')[0] ?? '', /others reach/);
    for (const listen of ['127.0.0.1:1', 'localhost:1', '[::1]:1'])
      assert.deepEqual(check(`type: http, listen: "${listen}"`), []);
  });

  it('two that would listen at one place are told, and who is there first', () => {
    const both = (one: string, other: string, more = ''): string[] =>
      problems(() =>
        parse(
          `inputs:\n  a: {type: http, auth: none, listen: "${one}"}\n  b: {type: tcp, broker: hicap, auth: none, listen: "${other}"}\n${OUT}${more}`,
        ),
      );
    const taken = (place: string): string[] => [
      `b.yaml:3:53 inputs.b.listen: inputs.a.listen ${place} has the port already; choose another`,
    ];
    assert.deepEqual(both('127.0.0.1:8088', '127.0.0.1:8088'), taken('127.0.0.1:8088'));
    assert.deepEqual(both('0.0.0.0:8088', '127.0.0.1:8088'), taken('0.0.0.0:8088'));
    assert.deepEqual(both('[::1]:8088', '[::]:8088'), taken('[::1]:8088'));
    assert.deepEqual(both('[::]:8088', '10.0.0.7:8088'), taken('[::]:8088'));
    for (const [one, other] of [
      ['127.0.0.1:8088', '127.0.0.1:8089'],
      ['127.0.0.1:8088', '127.0.0.2:8088'],
      ['0.0.0.0:8088', '[::1]:8088'],
      ['127.0.0.1:0', '127.0.0.1:0'],
    ] as const)
      assert.deepEqual(both(one, other), []);
    const own = both('127.0.0.1:8088', '0.0.0.0:9641');
    assert.match(own[0] ?? '', /inputs\.b\.listen: telemetry\.listen 127\.0\.0\.1:9641 has the port already/);
    assert.deepEqual(both('127.0.0.1:8088', '0.0.0.0:9641', 'telemetry: {listen: "off"}\n'), []);
  });

  it('standard input has one reader', () => {
    const stdin = 'type: stdin, broker: mosquitto';
    assert.deepEqual(
      problems(() => parse(`inputs:\n  a: {${stdin}}\n  b: {${stdin}}\n${OUT}`)),
      ['b.yaml:3:13 inputs.b.type: inputs.a reads standard input already; leave one of them out'],
    );
  });

  it('wrong keys and values are told with what to write', () => {
    const cases: readonly (readonly [string, RegExp])[] = [
      ['type: http', /in\.listen: is missing/],
      [
        'type: http, listen: "8088"',
        /"8088" is no address to listen on; write one such as "127\.0\.0\.1:12345"/,
      ],
      ['type: http, listen: 8088', /in\.listen: write an address and a port such as "127\.0\.0\.1:12345"/],
      ['type: http, listen: "127.0.0.1:1", lisen: 1', /lisen: unknown key; did you mean "listen"\?/],
      [
        'type: http, listen: "127.0.0.1:1", auth: {token: x}',
        /in\.auth: write "none", \{token_file: FILE\}, or/,
      ],
      ['type: http, listen: "127.0.0.1:1", auth: {user: x}', /in\.auth: write "none"/],
      ['type: http, listen: "127.0.0.1:1", path: emqx', /in\.path: write a path such as "\/emqx"/],
      ['type: http, listen: "127.0.0.1:1", limit: 1GiB', /in\.limit: write a size from 1KiB to 64MiB/],
      ['type: http, listen: "127.0.0.1:1", allow: 10.0.0.0/33', /"10\.0\.0\.0\/33" is no address/],
      ['type: http, listen: "127.0.0.1:1", tls: {cert: a}', /in\.tls\.key: is missing/],
      ['type: tcp', /in\.broker: is missing/],
      ['type: tcp, broker: hikap', /unknown broker "hikap"; did you mean "hicap"\?/],
      ['type: tcp, broker: hicap, auth: {user: a}', /in\.auth: write none; who may connect/],
      ['type: tcp, broker: hicap, when_full: drop', /in\.when_full: write block or drop_oldest/],
      ['type: tcp, broker: hicap, fields: {event.action: a}', /in\.fields: hicap has fields of its own/],
      ['type: tcp, broker: json', /in\.fields: is missing/],
      ['type: file, paths: /a, broker: json', /records of "json" need a "fields" table/],
      ['type: tcp, broker: json, fields: {mqtt.topic: t}', /in\.fields: event\.action is missing/],
      [
        'type: tcp, broker: json, fields: {event.action: a, mqtt.topik: t}',
        /no field that a record can give; did you mean "mqtt\.topic"\?/,
      ],
      [
        'type: tcp, broker: json, fields: {event.action: {key: k, words: {a: message-publishd}}}',
        /no action; did you mean "message-published"\?/,
      ],
      ['type: tcp, broker: json, fields: {event.action: [a]}', /write a key of the records, or \{key: KEY/],
      [
        'type: mqtt, url: "mqtt://b:1", broker: emqx, topics: "a/#", events: "b/#"',
        /in\.events\.0: nothing of it is mirrored; add it to "topics"/,
      ],
      ['type: mqtt, url: "mqtt://b:1", topics: "a/#", events: "a/#"', /these are events of EMQX/],
    ];
    for (const [input, wanted] of cases) assert.match(check(input)[0] ?? 'nothing', wanted, input);
  });
});
