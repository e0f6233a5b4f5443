import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { connect } from 'mqtt';
import { PositionStore } from '../../src/state/positions.ts';
import { cli } from '../support/cli.ts';
import { cure, diagnose, wrong } from '../support/doctor.ts';
import { silentLog } from '../support/in-process.ts';
import { MOSQUITTO, Mosquitto } from '../support/mosquitto.ts';
import { needs } from '../support/programs.ts';
import { tempDir } from '../support/temp.ts';

/** A broker of which a probe sees everything, but for the log that the test's broker writes by itself. */
const RIGHT = `
sys_interval 1
persistence true
persistence_location DIRECTORY/
max_queued_messages 1000000
allow_anonymous false
password_file DIRECTORY/passwd
acl_file DIRECTORY/acl`;

const ACL = 'user writer\ntopic readwrite #\n\nuser brokertap\ntopic read #\ntopic read $SYS/#\n';

async function start(
  t: TestContext,
  acl: string,
  config = RIGHT,
): Promise<{ broker: Mosquitto; directory: string }> {
  const directory = tempDir(t);
  const file = (name: string): string => path.join(directory, name);
  writeFileSync(file('passwd'), 'writer:secret\nbrokertap:secret\n');
  execFileSync('mosquitto_passwd', ['-U', file('passwd')]);
  writeFileSync(file('acl'), acl);
  writeFileSync(file('password'), 'secret\n');
  const broker = await Mosquitto.start(t, directory, config.replaceAll('DIRECTORY', directory));
  writeFileSync(
    file('brokertap.yaml'),
    `state: ${directory}/state
inputs:
  log: {type: file, broker: mosquitto, paths: ${broker.logFile}}
  mirror: {type: mqtt, url: "mqtt://127.0.0.1:${broker.port}", topics: '#', user: brokertap, password_file: ${file('password')}}
outputs: {out: {type: stdout}}
`,
  );
  return { broker, directory };
}

/** Publishes to some topics in turn until the test ends. */
async function publish(t: TestContext, port: number, topics: readonly string[]): Promise<void> {
  const client = connect(`mqtt://127.0.0.1:${port}`, { username: 'writer', password: 'secret' });
  t.after(() => client.endAsync(true));
  await new Promise((resolve) => client.once('connect', resolve));
  let i = 0;
  const timer = setInterval(() => client.publish(topics[i++ % topics.length] ?? '', `${i}`), 4);
  t.after(() => clearInterval(timer));
}

const given = (directory: string): string[] => [
  '-c',
  path.join(directory, 'brokertap.yaml'),
  '--conf',
  path.join(directory, 'mosquitto.conf'),
  '--observe',
  '15s',
];

it('doctor knows the mirror by the id of its first run, as the state directory tells', async (t) => {
  const directory = tempDir(t);
  const file = (name: string): string => path.join(directory, name);
  writeFileSync(file('mosquitto.conf'), 'listener 1\nclientid_prefixes plant-\n');
  writeFileSync(
    file('brokertap.yaml'),
    `state: ./state\ninputs: {m: {type: mqtt, url: "mqtt://127.0.0.1:1", topics: '#'}}\noutputs: {out: {type: stdout}}\n`,
  );
  const told = async (): Promise<string | undefined> => {
    const { findings } = await diagnose(given(directory));
    return findings.find(({ check }) => check === 'client-prefix')?.lost;
  };
  assert.match((await told()) ?? '', /its client id is "brokertap-/);
  mkdirSync(file('state'));
  const store = await PositionStore.open(file('state'), [], silentLog, undefined);
  store.facts('m').keep({ url: 'mqtt://127.0.0.1:1', client_id: 'plant-of-old' });
  await store.save();
  assert.equal(await told(), undefined);
});

describe('doctor at a real Mosquitto', needs(...MOSQUITTO), () => {
  it('everything is right: exit code 0, and the mirror saw all publishes', async (t) => {
    const { broker, directory } = await start(t, ACL);
    await publish(t, broker.port, ['plant/a', 'plant/b', 'other/c']);
    const report = await diagnose(given(directory));
    assert.deepEqual([wrong(report), report.ok, report.code], [[], true, 0]);
    assert.ok(report.share !== undefined && report.share.published >= 200);
    assert.equal(report.share.seen, report.share.published);
    assert.match(report.version ?? '', /^\d+\.\d+/);
    const text = await cli(['doctor', ...given(directory)]);
    assert.equal(text.code, 0);
    assert.match(text.stdout, /mosquitto\.log \(\d+ lines\)$/m);
    assert.match(text.stdout, /Nothing that was looked at keeps the probe from seeing everything/);
    assert.equal(broker.log().includes('Client brokertap-doctor-'), true);
  });

  it('an ACL that grants # and filters silently: the share, the missing topics, the lines; they cure it', async (t) => {
    const acl = 'user writer\ntopic readwrite #\n\nuser brokertap\ntopic read plant/#\ntopic read $SYS/#\n';
    const { broker, directory } = await start(t, acl);
    await publish(t, broker.port, ['plant/a', 'secret/b/c']);
    const report = await diagnose(given(directory));
    assert.deepEqual(wrong(report).sort(), ['acl', 'mirror-share']);
    const share = report.findings.find(({ check }) => check === 'mirror-share');
    assert.match(share?.title ?? '', /^The mirror saw (4\d|50)\.\d % of the publishes: \d+ of \d+ in \d+ s$/);
    assert.match(share?.lost ?? '', /In the log and not in the mirror: "secret\/b"\./);
    const rights = report.findings.find(({ check }) => check === 'acl');
    assert.match(rights?.title ?? '', /user "brokertap" may read "plant\/#", "\$SYS\/#", and .* "#"$/);
    assert.deepEqual(rights?.changes, [
      { file: path.join(directory, 'acl'), remove: [], after: 4, add: ['topic read #'] },
    ]);
    cure(report.findings);
    broker.reopenLog();
    assert.deepEqual(wrong(await diagnose(given(directory))), []);
  });

  it('what it says of a careless configuration makes it right', async (t) => {
    const careless = `
log_type error
log_type warning
log_timestamp_format %d.%m.%Y %H:%M:%S
connection_messages false
sys_interval 0
max_queued_bytes 4096
persistent_client_expiration 1h
persistence false
allow_anonymous false
password_file DIRECTORY/passwd
acl_file DIRECTORY/acl`;
    const acl = 'topic read #\nuser writer\ntopic readwrite #\n';
    const { broker, directory } = await start(t, acl, careless);
    // The broker of the tests begins with "log_type all".
    const conf = path.join(directory, 'mosquitto.conf');
    writeFileSync(conf, readFileSync(conf, 'utf8').replace('log_type all\n', ''));
    const report = await diagnose(given(directory));
    assert.deepEqual(wrong(report).sort(), [
      'acl',
      'connection-messages',
      'log-stamp',
      'log-types',
      'persistence',
      'queue-bytes',
      'queue-limit',
      'session-expiration',
      'sys-interval',
      'sys-topics',
    ]);
    const types = report.findings.find(({ check }) => check === 'log-types');
    assert.match(types?.title ?? '', /missing: debug, notice, subscribe, unsubscribe, information$/);
    assert.deepEqual(types?.changes[0]?.add, ['log_type all']);
    assert.deepEqual(
      types?.changes[0]?.remove.map(({ text }) => text),
      ['log_type error', 'log_type warning'],
    );
    const ranks = report.findings.map(({ severity }) => ['error', 'warning', 'note'].indexOf(severity));
    assert.deepEqual(
      ranks,
      ranks.toSorted((x, y) => x - y),
    );
    cure(report.findings);
    writeFileSync(
      conf,
      readFileSync(conf, 'utf8')
        .replace('sys_interval 10', 'sys_interval 1')
        .replace('/var/lib/mosquitto/', directory),
    );
    await broker.stop();
    await broker.start();
    await publish(t, broker.port, ['plant/a']);
    assert.deepEqual(wrong(await diagnose(given(directory))), []);
  });

  it('a log that the broker does not write, a log of another form than its configuration says', async (t) => {
    const { broker, directory } = await start(t, ACL);
    const other = path.join(directory, 'other.log');
    writeFileSync(other, '1700000000: mosquitto version 2.0.11 running\n');
    const url = [
      '--url',
      `mqtt://127.0.0.1:${broker.port}`,
      '--user',
      'brokertap',
      '--password-file',
      `${directory}/password`,
    ];
    const silent = await diagnose([...url, '--log', other, '--observe', '3s']);
    assert.deepEqual(wrong(silent), ['log-silent']);
    const conf = path.join(directory, 'mosquitto.conf');
    const mismatch = await diagnose(['--conf', conf, '--log', other]);
    assert.deepEqual(wrong(mismatch), ['log-path']);
    const quiet = await start(t, ACL, `${RIGHT}\nlog_type none\nlog_type notice`);
    writeFileSync(
      path.join(quiet.directory, 'mosquitto.conf'),
      readFileSync(path.join(quiet.directory, 'mosquitto.conf'), 'utf8').replace(
        'log_type none\nlog_type notice\n',
        '',
      ),
    );
    const reload = await diagnose([...given(quiet.directory).slice(0, -1), '3s']);
    assert.deepEqual(wrong(reload), ['log-reload']);
  });

  it('a mirror that does not get in, and one without $SYS', async (t) => {
    const { broker, directory } = await start(t, ACL.replace('topic read $SYS/#\n', ''));
    writeFileSync(path.join(directory, 'bad'), 'wrong\n');
    const url = [
      '--url',
      `mqtt://127.0.0.1:${broker.port}`,
      '--observe',
      '3s',
      '--user',
      'brokertap',
      '--password-file',
    ];
    const refused = await diagnose([...url, path.join(directory, 'bad')]);
    assert.deepEqual(wrong(refused), ['connection']);
    assert.match(refused.findings[0]?.title ?? '', /the broker refuses us: not authorized/);
    const blind = await diagnose([...url, path.join(directory, 'password')]);
    assert.deepEqual(wrong(blind), ['sys-topics']);
    await broker.stop();
    const gone = await diagnose([...url, path.join(directory, 'password')]);
    assert.match(gone.findings[0]?.title ?? '', /ECONNREFUSED|refused/);
  });
});
