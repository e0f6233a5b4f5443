import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import fc from 'fast-check';
import { matchesFilter } from '../../../src/core/mqtt/topic.ts';
import type { Finding, MirrorPlace } from '../../../src/doctor/doctor.ts';
import { AclFile, covers } from '../../../src/doctor/mosquitto/acl-file.ts';
import { MosquittoConf } from '../../../src/doctor/mosquitto/conf.ts';
import { doctor } from '../../../src/doctor/mosquitto/index.ts';
import { mqttInputSchema } from '../../../src/inputs/mqtt/config.ts';
import { wrong } from '../../support/doctor.ts';
import { tempDir } from '../../support/temp.ts';

/** Nothing is wrong with it, apart from what a case adds. */
const RIGHT = `log_type all
log_dest stderr
persistence true
persistence_location /var/lib/mosquitto/
max_queued_messages 1000000
`;
const LOCAL = `${RIGHT}listener 1883 127.0.0.1\nallow_anonymous true\n`;

function write(t: TestContext, files: Readonly<Record<string, string>>): string {
  const directory = tempDir(t);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(directory, name)), { recursive: true });
    writeFileSync(path.join(directory, name), text.replaceAll('DIRECTORY', directory));
  }
  return directory;
}

function mirror(more: object = {}): MirrorPlace {
  const settings = mqttInputSchema.parse({ type: 'mqtt', url: 'mqtt://h:1883', topics: '#', ...more });
  return { settings, clientId: 'probe-1', isConfigured: true };
}

/** Findings of configuration files alone. */
async function examine(
  t: TestContext,
  files: Readonly<Record<string, string>>,
  given: { mirror?: MirrorPlace; timezone?: string; wantsMirror?: boolean } = {},
): Promise<Finding[]> {
  const directory = write(t, files);
  const conf = MosquittoConf.read([path.join(directory, 'm.conf')]);
  assert.ok(conf.files.length > 0);
  const { mirror: place, wantsMirror = true, timezone } = given;
  // The broker itself is not there: what a connection shows is left out.
  const { findings } = await doctor.examine({
    conf: [path.join(directory, 'm.conf')],
    logs: [],
    mirror: place,
    wantsMirror,
    timezone,
    observeMs: 0,
    progress: () => {},
  });
  return findings.filter(({ check }) => check !== 'connection');
}

describe('a doctor for Mosquitto', () => {
  it('reads files as the broker does', (t) => {
    const directory = write(t, {
      'm.conf':
        '# log_type none\r\n  log_type  debug \r\nlog_dest file /a b/c\ninclude_dir conf.d\nodd_option 1 2\nlistener 1884 ::1\nmax_qos 1\n',
      'conf.d/b.conf': 'log_type error\nlistener 1885\n',
      'conf.d/A.conf': 'allow_anonymous true',
      'conf.d/.conf': 'never 1',
      'conf.d/c.txt': 'never 1',
      'conf.d/d.conf': '\tlog_type all\ninclude_dir elsewhere\n',
    });
    const conf = MosquittoConf.read([path.join(directory, 'm.conf')]);
    assert.deepEqual(
      conf.files.map((file) => path.relative(directory, file)),
      ['m.conf', 'conf.d/A.conf', 'conf.d/b.conf', 'conf.d/d.conf'],
    );
    assert.deepEqual(
      conf.all('log_type').map(({ value, line, file }) => [value, line, path.basename(file)]),
      [
        ['debug', 2, 'm.conf'],
        ['error', 1, 'b.conf'],
      ],
    );
    assert.equal(conf.value('log_dest', ''), 'file /a b/c');
    assert.deepEqual(
      conf.listeners.map(({ port, address, settings }) => [port, address, settings.map(({ name }) => name)]),
      [
        [1885, undefined, ['\tlog_type', 'include_dir', 'odd_option']],
        [1884, '::1', ['max_qos']],
      ],
    );
    assert.equal(conf.get('odd_option')?.value, '1 2');
    assert.deepEqual(conf.problems, []);
  });

  it('says nothing where nothing is wrong', async (t) => {
    assert.deepEqual(wrong({ looked: [], findings: await examine(t, { 'm.conf': LOCAL }) }), []);
    const tls = `${RIGHT}listener 8883\ncertfile c\nkeyfile k\npassword_file DIRECTORY/passwd\nacl_file DIRECTORY/acl\n`;
    const files = {
      'm.conf': tls,
      passwd: 'probe:x\n',
      acl: 'user probe\ntopic read #\ntopic read $SYS/#\n',
    };
    assert.deepEqual(
      wrong({ looked: [], findings: await examine(t, files, { mirror: mirror({ user: 'probe' }) }) }),
      [],
    );
    assert.deepEqual(wrong({ looked: [], findings: await examine(t, files) }), []);
  });

  it('finds each trap, and nothing else', async (t) => {
    const open = `${RIGHT}listener 1883\nallow_anonymous true\n`;
    const cases: [string, string, string[], object?][] = [
      ['default log types', LOCAL.replace('log_type all\n', ''), ['log-types']],
      ['types taken away again', `${LOCAL}log_type none\nlog_type debug\n`, ['log-types']],
      ['a comment behind a value', LOCAL.replace('log_type all', 'log_type all # everything'), []],
      ['no log', `${LOCAL}log_dest none\n`, ['log-destination']],
      ['none, then a file', `${LOCAL}log_dest none\nlog_dest syslog\nlog_dest stderr\n`, ['log-destination']],
      ['topics only', LOCAL.replace('log_dest stderr', 'log_dest topic'), ['log-destination']],
      ['no messages about connections', `${LOCAL}connection_messages false\n`, ['connection-messages']],
      ['no stamp', `${LOCAL}log_timestamp false\n`, ['log-stamp']],
      ['a stamp without zone', `${LOCAL}log_timestamp_format %Y-%m-%dT%H:%M:%S\n`, ['log-stamp']],
      ['the same in UTC', `${LOCAL}log_timestamp_format %Y-%m-%dT%H:%M:%S\n`, [], { timezone: 'UTC' }],
      ['a stamp with zone', `${LOCAL}log_timestamp_format %Y-%m-%dT%H:%M:%S%z\n`, []],
      ['a stamp without date', `${LOCAL}log_timestamp_format %H:%M:%S\n`, ['log-stamp'], { timezone: 'UTC' }],
      ['a small queue', `${LOCAL}max_queued_messages 500\n`, ['queue-limit']],
      ['a queue without limit', `${LOCAL}max_queued_messages 0\n`, []],
      ['few bytes', `${LOCAL}max_queued_bytes 1000\n`, ['queue-bytes']],
      ['in flight, 3.1.1', LOCAL, ['inflight-limit'], { mirror: mirror({ protocol: '3.1.1' }) }],
      ['in flight, 5', LOCAL, [], { mirror: mirror() }],
      ['no system topics', `${LOCAL}sys_interval 0\n`, ['sys-interval']],
      ['no persistence', `${LOCAL}persistence false\n`, ['persistence']],
      ['persistence anywhere', LOCAL.replace(/persistence_location .*\n/, ''), ['persistence-location']],
      ['short sessions', `${LOCAL}persistent_client_expiration 2d\n`, ['session-expiration']],
      ['long sessions', `${LOCAL}persistent_client_expiration 2w\n`, []],
      [
        'short, as asked',
        `${LOCAL}persistent_client_expiration 2d\n`,
        [],
        { mirror: mirror({ session_expiry: '1h' }) },
      ],
      ['client ids', `${LOCAL}clientid_prefixes plant-\n`, ['client-prefix'], { mirror: mirror() }],
      ['everybody, in the clear', open, ['anonymous', 'plain-listener']],
      ['a Unix socket', open.replace('listener 1883', 'listener 0 /run/m.sock'), []],
      ['loopback by device', `${open}bind_interface lo\n`, []],
      ['no listener at all', RIGHT, []],
      ['a port for all', `${RIGHT}port 1883\n`, ['plain-listener']],
      ['a mount point', `${LOCAL}mount_point plant/\n`, ['mount-point']],
      ['QoS 0 only', `${LOCAL}max_qos 0\n`, ['max-qos']],
      [
        'nobody without a name',
        LOCAL.replace('anonymous true', 'anonymous false'),
        ['mirror-login'],
        { mirror: mirror() },
      ],
      ['no probe, no mirror', LOCAL.replace('max_queued_messages 1000000\n', ''), [], { wantsMirror: false }],
      [
        'options of no listener',
        `per_listener_settings true\nacl_file a\n${LOCAL}`,
        ['per-listener'],
        { wantsMirror: false },
      ],
      [
        'one listener without ACL',
        `per_listener_settings true\n${LOCAL}acl_file a\nlistener 1884 localhost\n`,
        ['per-listener'],
        { wantsMirror: false },
      ],
      [
        'for each listener, but for all',
        `${LOCAL}listener 1884 localhost\nallow_anonymous false\n`,
        ['per-listener'],
        { wantsMirror: false },
      ],
    ];
    for (const [what, text, want, given] of cases) {
      const findings = await examine(t, { 'm.conf': text }, given);
      assert.deepEqual(wrong({ looked: [], findings }), want, what);
    }
  });

  it('tells from a log alone which types are missing', async (t) => {
    const packets = ['Received SUBSCRIBE from a', '\ta/b (QoS 1)', 'a 1 a/b', 'Sending SUBACK to a'];
    const connect = 'New connection from 10.0.0.1:5 on port 1883.';
    const cases: [string[], string | undefined][] = [
      [[...packets, connect], undefined],
      [packets.filter((line) => line !== 'a 1 a/b').concat(connect), 'subscribe'],
      [[connect], 'debug'],
      [packets.slice(-1), 'notice'],
    ];
    for (const [lines, type] of cases) {
      const text = lines
        .map((line) => `1700000000: ${line}\n`)
        .join('')
        .repeat(60);
      const { findings } = await doctor.examine({
        conf: [],
        logs: [path.join(write(t, { 'a.log': text }), 'a.log')],
        mirror: undefined,
        wantsMirror: true,
        timezone: undefined,
        observeMs: 0,
        progress: () => {},
      });
      const [found] = findings.filter(({ check }) => check === 'log-types');
      assert.equal(/log_type (.*)$/.exec(found?.title ?? '')?.[1], type);
    }
  });

  it('reads an ACL with the eyes of the mirror', async (t) => {
    const conf = `${LOCAL}acl_file DIRECTORY/acl\n`;
    const cases: [string, string, string[]][] = [
      ['before the first user: not for users', 'topic read #\ntopic read $SYS/#\nuser a\n', ['acl']],
      ['patterns: for all', 'pattern read #\npattern read $SYS/#\n', []],
      ['without access word: both ways', 'user probe\ntopic #\ntopic $SYS/#\n', []],
      ['write only', 'user probe\ntopic write #\ntopic read $SYS/#\n', ['acl']],
      ['a part', 'user probe\ntopic read plant/#\ntopic read +/+\ntopic read $SYS/#\n', ['acl']],
      ['one is hidden', 'user probe\ntopic read #\ntopic read $SYS/#\ntopic deny secret/#\n', ['acl-deny']],
      [
        'hidden by a pattern',
        'user probe\ntopic read #\ntopic read $SYS/#\npattern deny x/%c\n',
        ['acl-deny'],
      ],
      [
        'hidden from others',
        'user probe\ntopic read #\ntopic read $SYS/#\nuser b\ntopic deny secret/#\n',
        [],
      ],
      ['not the broker itself', 'user probe\ntopic read #\n', ['acl-sys']],
      ['a second part of the user', 'user probe\nuser b\nuser probe\ntopic read #\ntopic read $SYS/#\n', []],
      ['a comment', 'user probe\n#topic deny #\ntopic read #\ntopic read $SYS/#\n', []],
    ];
    for (const [what, acl, want] of cases) {
      const findings = await examine(t, { 'm.conf': conf, acl }, { mirror: mirror({ user: 'probe' }) });
      assert.deepEqual(wrong({ looked: [], findings }), want, what);
    }
    const part = await examine(
      t,
      { 'm.conf': conf, acl: 'user probe\ntopic read plant/#\n' },
      { mirror: mirror({ user: 'probe', topics: 'plant/{line}/#' }) },
    );
    assert.deepEqual(wrong({ looked: [], findings: part }), ['acl-sys'], 'the mirror wants no more');
    const file = write(t, { acl: 'pattern read x/%u/%c\ntopic read a b\n' });
    const entries = AclFile.read(path.join(file, 'acl'));
    assert.deepEqual(
      entries.entriesOf('u', 'c').map(({ filter }) => filter),
      ['x/u/c'],
    );
    assert.deepEqual(
      entries.entriesOf(undefined, 'c').map(({ filter }) => filter),
      ['a b'],
    );
  });

  it('a filter covers another exactly when no topic is matched by the other alone', () => {
    const level = fc.constantFrom('a', 'b', '', '+');
    const filter = fc
      .tuple(
        fc.constantFrom('', '$SYS/'),
        fc.array(level, { minLength: 1, maxLength: 3 }),
        fc.constantFrom('', '/#'),
      )
      .map(([head, levels, tail]) => `${head}${levels.join('/')}${tail}`)
      .filter((text) => text !== '');
    const any = fc.oneof(filter, fc.constant('#'), fc.constant('$SYS/#'));
    const topics = ['$SYS', '$SYS/'].concat(
      ...['', '$SYS/'].map((head) => {
        const words = ['a', 'b', '', 'z'];
        const deeper = (all: string[]): string[] =>
          all.flatMap((one) => words.map((word) => `${one}/${word}`));
        const one = words.map((word) => head + word);
        const two = deeper(one);
        const three = deeper(two);
        return [...one, ...two, ...three, ...deeper(three)];
      }),
    );
    fc.assert(
      fc.property(any, any, (wide, narrow) => {
        const known = topics.filter((topic) => topic !== '');
        const all = known.every((topic) => !matchesFilter(narrow, topic) || matchesFilter(wide, topic));
        if (covers(wide, narrow)) assert.ok(all, `${wide} ${narrow}`);
        else if (narrow !== '#') assert.ok(!all, `${wide} ${narrow}`);
      }),
    );
  });
});
