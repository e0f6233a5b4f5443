import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { cli, ProbeProcess } from '../support/cli.ts';
import { client, MOSQUITTO, Mosquitto } from '../support/mosquitto.ts';
import { needs } from '../support/programs.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';

const CONNECT = 'New connection from 127.0.0.1:5 on port 1883.';
const line = (second: number, text: string): string => `${1_700_000_000 + second}: ${text}\n`;

interface Event {
  '@timestamp': string;
  message: string;
  event: { action: string };
  host: { name: string };
  log: { level?: string; syslog?: object; file: { path: string } };
  mqtt?: {
    client?: { id: string };
    topic?: string;
    payload?: { size: number };
    user_properties?: object;
    truncated?: boolean;
  };
}

async function events(args: readonly string[], input?: string): Promise<Event[]> {
  const { stdout, stderr, code } = await cli(['parse', '--broker', 'mosquitto', ...args], {
    ...(input !== undefined && { input }),
  });
  assert.equal(code, 0, stderr);
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((text) => JSON.parse(text));
}

const golden = (name: string): string => fileURLToPath(new URL(`../golden/${name}`, import.meta.url));

describe('parse', () => {
  it('a log of another broker than the one named is told, also by query; one of the right broker is not', async () => {
    const mosquitto = golden('mosquitto/traffic-iso.log');
    for (const [file, named, right] of [
      [mosquitto, 'emqx', 'mosquitto'],
      [golden('emqx/emqx58-text.log'), 'mosquitto', 'emqx'],
      [golden('emqx/emqx62-json.jsonl'), 'mosquitto', 'emqx'],
      [golden('hicap/capture-basic.jsonl'), 'emqx', 'hicap'],
    ] as const) {
      const told = `few lines of ${file} are such as ${named} writes, most such as ${right} does: write --broker ${right}\n`;
      for (const args of [
        ['parse', file],
        ['parse', file, '--summary'],
        ['query', 'SELECT 1', file],
      ]) {
        const { code, stderr } = await cli([...args, '--broker', named]);
        assert.deepEqual([code, stderr.includes(told)], [0, true], stderr);
      }
      assert.equal((await cli(['parse', file, '--broker', right])).stderr, '');
    }
    const { stderr } = await cli(['parse', '--broker', 'emqx'], { input: readFileSync(mosquitto) });
    assert.match(
      stderr,
      /^few lines of standard input are such as emqx writes, most such as mosquitto does/m,
    );
    const strange = await cli(['parse', '--broker', 'emqx'], { input: 'a\nb\n' });
    assert.equal(strange.stderr, '');
  });

  it('--where, --since and --until, alone, with --pretty and with --summary', async (t) => {
    const file = path.join(tempDir(t), 'a.log');
    const text =
      [0, 10, 20].map((second) => line(second, CONNECT)).join('') + line(30, 'Received PINGREQ from a');
    writeFileSync(file, text);
    const count = async (...args: string[]): Promise<number> => (await events([...args, file])).length;
    assert.equal(await count(), 4);
    assert.equal(await count('--where', 'event.action=network-*'), 3);
    assert.equal(await count('--where', 'event.action!=network-*', '--where', 'mqtt.client.id=a'), 1);
    assert.equal(await count('--since', '2023-11-14T22:13:30Z'), 3);
    assert.equal(
      await count(
        '--since',
        '2023-11-14T22:13:30Z',
        '--until',
        '2023-11-14T23:13:40',
        '--timezone',
        'Europe/Berlin',
      ),
      2,
    );
    assert.equal(await count('--since', '2h'), 0);
    const pretty = await cli([
      'parse',
      '--broker',
      'mosquitto',
      '--pretty',
      '--where',
      'mqtt.client.id=a',
      file,
    ]);
    assert.match(pretty.stdout, /^22:13:50\.000 log +packet-received +a Received PINGREQ from a\n$/);
    const summary = await cli([
      'parse',
      '--broker',
      'mosquitto',
      '--summary',
      '--where',
      'mqtt.client.id=a',
      file,
    ]);
    assert.match(summary.stdout, /^1 event from 4 lines\n/);
    for (const [args, words] of [
      [['--where', 'event.acton=x'], /did you mean "event\.action"/],
      [['--since', 'x'], /write a time such as/],
      [['--container', 'sislog'], /did you mean "syslog"/],
      [['--timezone', 'Berlin'], /not a time zone/],
    ] as const) {
      const wrong = await cli(['parse', '--broker', 'mosquitto', ...args, file]);
      assert.equal(wrong.code, 2);
      assert.match(wrong.stderr, words);
    }
  });

  it('packed input, whatever its name, and from a pipe; a torn pack is an error', async (t) => {
    const directory = tempDir(t);
    const packed = gzipSync(line(0, CONNECT).repeat(1000));
    const file = path.join(directory, 'mosquitto.log.1');
    writeFileSync(file, packed);
    assert.equal((await events([file])).length, 1000);
    const script = `cat '${file}' | "${process.execPath}" bin/brokertap.js parse --broker mosquitto | wc -l`;
    const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (part) => {
      out += part;
    });
    await once(child, 'close');
    assert.equal(Number(out), 1000);
    writeFileSync(file, packed.subarray(0, packed.length - 10));
    const torn = await cli(['parse', '--broker', 'mosquitto', file]);
    assert.equal(torn.code, 1);
    assert.match(torn.stderr, /mosquitto\.log\.1 cannot be read: unexpected end of file/);
  });

  it('of a line longer than the limit the rest makes no event', async (t) => {
    const file = path.join(tempDir(t), 'a.log');
    const long = `${'x'.repeat(3 * 1024 * 1024)}\r1700000000: ${CONNECT}`;
    writeFileSync(file, `${line(0, CONNECT)}${line(1, long)}${line(2, CONNECT)}`);
    const all = await events([file]);
    assert.deepEqual(
      all.map(({ event, mqtt }) => [event.action, mqtt?.truncated]),
      [
        ['network-connection-opened', undefined],
        ['broker-log', true],
        ['network-connection-opened', undefined],
      ],
    );
  });

  it('lines of a container, first byte by byte', async () => {
    const script = `(printf '2026-11-21T19:'; sleep 0.2; printf '17:42.123456789Z ${CONNECT}\\n') | "${process.execPath}" bin/brokertap.js parse --broker mosquitto`;
    const child = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    let out = '';
    child.stdout.on('data', (part) => {
      out += part;
    });
    await once(child, 'close');
    const event: Event = JSON.parse(out);
    assert.deepEqual([event['@timestamp'], event.message], ['2026-11-21T19:17:42.123Z', CONNECT]);
  });

  it('captures of a real mosquitto_sub, -F %j and %J, in another zone', needs(...MOSQUITTO), async (t) => {
    const directory = tempDir(t);
    const broker = await Mosquitto.start(t, directory, 'log_dest topic');
    const port = String(broker.port);
    const captures = ['%j', '%J'].map((form) => {
      const file = path.join(directory, form.slice(1));
      const out = spawn(
        'sh',
        [
          '-c',
          `exec mosquitto_sub -V 5 -p ${port} -i capture-${form.slice(1)} -t '$SYS/broker/log/#' -t 'a/#' -F '${form}' > '${file}' 2>/dev/null`,
        ],
        { env: { ...process.env, TZ: 'Asia/Tokyo' } },
      );
      t.after(() => out.kill('SIGKILL'));
      return { file, out };
    });
    await until(
      () => broker.log().split('Sending SUBACK').length === 3,
      () => broker.log(),
    );
    const publish = (topic: string, ...args: string[]): Promise<string> =>
      client('mosquitto_pub', ['-V', '5', '-p', port, '-i', `it's "${topic}"`, '-t', topic, ...args]);
    await publish('a/text', '-m', 'grün "x"');
    await publish('a/json', '-m', '{"a": [1, 2]}', '-q', '1', '-D', 'publish', 'user-property', 'k', 'v');
    await publish('a/empty', '-n');
    await publish('a/end', '-m', '1');
    for (const { file } of captures)
      await until(
        () => readFileSync(file, 'utf8').includes('a/end'),
        () => readFileSync(file, 'utf8'),
      );
    for (const { out } of captures) out.kill('SIGTERM');
    const [quoted = [], plain = []] = await Promise.all(
      captures.map(({ file }) => events(['--messages', file])),
    );
    const mirrored = (all: Event[]): unknown =>
      all
        .filter(({ event }) => event.action === 'message-mirrored')
        .map(({ mqtt }) => [mqtt?.topic, mqtt?.payload?.size, mqtt?.user_properties]);
    assert.deepEqual(mirrored(quoted), [
      ['a/text', 9, undefined],
      ['a/json', 13, { k: 'v' }],
      ['a/empty', 0, undefined],
      ['a/end', 1, undefined],
    ]);
    assert.deepEqual(mirrored(plain), [
      ['a/json', 13, { k: 'v' }],
      ['a/empty', 0, undefined],
      ['a/end', 1, undefined],
    ]);
    const connected = quoted.find(
      ({ mqtt, event }) => event.action === 'client-connected' && mqtt?.client?.id === `it's "a/json"`,
    );
    assert.equal(connected?.log.level, 'notice');
    for (const event of [...quoted, ...plain])
      assert.ok(Math.abs(Date.now() - Date.parse(event['@timestamp'])) < 120_000, event['@timestamp']);
  });
});

describe('run', () => {
  const NOW = new Date().toISOString();
  const syslog = [
    `<30>1 ${NOW} h1 systemd 1 - - Started mosquitto.`,
    `<29>1 ${NOW} h1 mosquitto 65 - - ${CONNECT}`,
    `<31>1 ${NOW} h1 mosquitto 65 - - Received PINGREQ from a`,
    CONNECT,
  ].map((text) => `${text}\n`);

  it('a syslog file and a syslog pipe: level, host and fields; other programs are counted', async (t) => {
    const directory = tempDir(t);
    const log = path.join(directory, 'syslog');
    const out = path.join(directory, 'out.ndjson');
    writeFileSync(log, syslog.slice(0, 2).join(''));
    const probe = new ProbeProcess(
      t,
      directory,
      `inputs: {log: {type: file, broker: mosquitto, paths: ${log}, exclude: [{level: debug}]}}\noutputs: {o: {type: file, path: ${out}}}\n`,
    );
    probe.start();
    const read = (): Event[] => {
      try {
        return readFileSync(out, 'utf8')
          .split('\n')
          .slice(0, -1)
          .map((text) => JSON.parse(text));
      } catch {
        return [];
      }
    };
    const own = (): Event[] => read().filter(({ log }) => log?.file !== undefined);
    await until(
      () => own().length === 1,
      () => probe.stderr,
    );
    appendFileSync(log, syslog.slice(2).join(''));
    await until(
      () => own().length === 2,
      () => probe.stderr,
    );
    const status = await cli(['status', '-c', probe.config]);
    assert.match(status.stdout, /4 records, .* 1 unparsed, 1 of other programs/);
    assert.match(status.stdout, /filtered 1 /);
    await probe.stop();
    // A restart reads the same file in the same way.
    appendFileSync(log, syslog[1] ?? '');
    probe.start();
    await until(
      () => own().length === 3,
      () => probe.stderr,
    );
    const got = own().map(({ event, host, log, message, '@timestamp': time }) => [
      event.action,
      host.name,
      log.level,
      log.syslog,
      message,
      time,
    ]);
    const fields = { priority: 29, appname: 'mosquitto', procid: '65', hostname: 'h1' };
    const opened = ['network-connection-opened', 'h1', 'notice', fields, CONNECT, NOW];
    assert.deepEqual([got[0], got[2]], [opened, opened]);
    assert.deepEqual(got[1]?.slice(0, 1), ['line-unparsed']);
    const config = path.join(directory, 'stdin.yaml');
    const piped = path.join(directory, 'piped.ndjson');
    writeFileSync(
      config,
      `state: ${directory}/s2\ntelemetry: {listen: "off"}\ninputs: {in: {type: stdin, broker: mosquitto, host: edge-7}}\noutputs: {o: {type: file, path: ${piped}}}\n`,
    );
    const run = await cli(['run', '-c', config], { input: syslog.join('') });
    assert.equal(run.code, 0, run.stderr);
    const fromPipe: Event[] = readFileSync(piped, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((text) => JSON.parse(text));
    const facts = fromPipe
      .filter(({ event }) => !event.action.startsWith('probe-'))
      .map(({ event, host, log, '@timestamp': time }) => [event.action, host.name, log?.level, time === NOW]);
    assert.deepEqual(facts.slice(0, 2), [
      ['network-connection-opened', 'edge-7', 'notice', true],
      ['packet-received', 'edge-7', 'debug', true],
    ]);
    assert.deepEqual(
      facts.slice(2).map(([action]) => action),
      ['line-unparsed'],
    );
  });
});
