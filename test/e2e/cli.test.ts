import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { BIN, cli, type Finished, ProbeProcess } from '../support/cli.ts';
import { freePort } from '../support/mosquitto.ts';
import { Receiver } from '../support/receiver.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const PLAIN = 'inputs: {i: {type: stdin, broker: mosquitto}}\noutputs: {o: {type: stdout}}\n';
const LINE = '1700000000: New connection from 127.0.0.1:5 on port 1883.\n';

describe('command line', () => {
  it('a wrong configuration: file, line, column, key and the fix; exit code 2, no stack trace', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'b.yaml');
    writeFileSync(
      file,
      'inputs:\n  log: {type: file, broker: mosquitto, pahts: /a}\noutputs: {o: {type: stdout}}\n',
    );
    for (const command of ['check', 'run']) {
      const { code, stderr, stdout } = await cli([command, '-c', file]);
      assert.equal(code, 2);
      assert.match(stderr, /b\.yaml:2:40 inputs\.log\.pahts: unknown key; did you mean "paths"\?/);
      assert.equal(stderr.includes('    at '), false);
      assert.equal(stdout, '');
    }
  });

  it('no configuration, an unknown command, an unknown option: exit code 2 and what to do', async (t) => {
    const cwd = tempDir(t);
    const none = await cli(['run'], { cwd });
    assert.equal(none.code, 2);
    assert.match(none.stderr, /write brokertap\.yaml, for example\ninputs:/);
    assert.equal((await cli(['rnu'], { cwd })).code, 2);
    assert.equal((await cli(['run', '--confg', 'x'], { cwd })).code, 2);
    const misspelt = await cli(['parse', '--brokr', 'mosquitto', 'x'], { cwd });
    assert.equal(misspelt.code, 2);
    assert.match(misspelt.stderr, /unknown option '--brokr'\n\(Did you mean --broker\?\)/);
    const without = await cli(['parse', 'x'], { cwd });
    assert.equal(without.code, 2);
    assert.match(
      without.stderr,
      /required option '--broker <name>' not specified\n+\(brokertap parse --help shows how\)/,
    );
    assert.equal((await cli(['--help'], { cwd })).code, 0);
    for (const command of [['status'], ['follow'], ['spool', 'inspect'], ['dead-letters', 'list']]) {
      const { code, stderr } = await cli(command, { cwd });
      assert.deepEqual(
        [code, /^which probe\? write -c with its configuration/.test(stderr)],
        [2, true],
        stderr,
      );
    }
    const status = await cli(['status'], {
      cwd,
      env: { BROKERTAP_LOG_PATHS: '/a', BROKERTAP_LOGSTASH: 'h:1', BROKERTAP_STATE: cwd },
    });
    assert.equal(status.code, 1);
    assert.match(status.stderr, /no probe runs with the state directory/);
  });

  it('check names the file it has read, also a pipe; variables that are set for nothing are told once', async (t) => {
    const cwd = tempDir(t);
    const file = path.join(cwd, 'brokertap.yaml');
    const text = `name: "\${BROKERTAP_NAME:x}"\nstate: ${cwd}/s\ntelemetry: {listen: "off"}\n${PLAIN}`;
    writeFileSync(file, text);
    const env = {
      BROKERTAP_NAME: 'n',
      BROKERTAP_LOG_PATHS: '/a',
      BROKERTAP_LOGSTASH: 'h:1',
      BROKERTAP_STATE: '/var/lib/brokertap',
    };
    const told = 'brokertap.yaml is used; BROKERTAP_LOG_PATHS, BROKERTAP_LOGSTASH are ignored';
    const used = await cli(['check'], { cwd, env });
    assert.equal(used.stderr, `${told}\n`);
    assert.match(used.stdout, /^brokertap\.yaml is valid: inputs i; outputs o$/m);
    assert.equal((await cli(['check', '-c', file], { cwd })).stderr, '');
    const misspelt = await cli(['check'], {
      cwd,
      env: { BROKERTAP_NAEM: 'n', BROKERTAP_FOO: '1', BROKERTAP_SERVICE_HOST: '10.0.0.1' },
    });
    assert.deepEqual(
      [misspelt.code, misspelt.stderr],
      [
        0,
        'brokertap.yaml is used; BROKERTAP_NAEM, BROKERTAP_FOO are ignored (did you mean BROKERTAP_NAME?)\n',
      ],
    );
    const ran = await cli(['run'], { cwd, env, input: '' });
    assert.equal(ran.code, 0);
    assert.equal(ran.stderr.split(told).length, 2, ran.stderr);
    const piped = spawnSync(
      '/bin/sh',
      ['-c', 'cat "$1" | "$2" "$3" check -c /dev/stdin', '-', file, process.execPath, BIN],
      { env: { ...process.env, ...env } },
    );
    assert.match(`${piped.stdout}`, /^\/dev\/stdin is valid/);
    rmSync(file);
    const variables = await cli(['check'], { cwd, env });
    assert.match(variables.stdout, /^the configuration of variables is valid: inputs log; outputs elk$/m);
  });

  it('relative paths of a configuration begin at its directory, wherever a command is called', async (t) => {
    const home = path.join(tempDir(t), 'a [b]');
    const elsewhere = tempDir(t);
    mkdirSync(path.join(home, 'logs'), { recursive: true });
    writeFileSync(path.join(home, 'logs/a.log'), LINE);
    writeFileSync(path.join(home, 'key'), 'k'.repeat(64));
    writeFileSync(path.join(home, 'token'), 'secret');
    const file = path.join(home, 'brokertap.yaml');
    writeFileSync(
      file,
      `state: ./state
privacy: {key_file: key}
telemetry: {listen: "off"}
inputs:
  log: {type: file, broker: mosquitto, paths: [logs/*.log]}
  hook: {type: http, listen: "127.0.0.1:0", auth: {token_file: token}}
outputs: {o: {type: file, path: events.ndjson}}
`,
    );
    const checked = await cli(['check', '--connect', '-c', file], { cwd: elsewhere });
    assert.deepEqual([checked.code, checked.stderr], [0, ''], checked.stdout);
    const probe = spawn(process.execPath, [BIN, 'run', '-c', path.relative(elsewhere, file)], {
      cwd: elsewhere,
    });
    t.after(() => probe.kill('SIGKILL'));
    await until(
      () =>
        existsSync(path.join(home, 'events.ndjson')) &&
        readFileSync(path.join(home, 'events.ndjson'), 'utf8').includes('network-connection-opened'),
      () => readdirSync(home).join(),
    );
    for (const cwd of [home, elsewhere]) {
      const { code, stdout, stderr } = await cli(['status', '-c', file], { cwd });
      assert.deepEqual([code, stderr], [0, ''], stdout);
    }
    assert.deepEqual(readdirSync(elsewhere), []);
    const own = path.join(home, 'own.yaml');
    writeFileSync(
      own,
      `inputs: {log: {type: file, broker: mosquitto, paths: "*"}}\noutputs: {o: {type: file, path: "${home}/events.ndjson"}}\n`,
    );
    const refused = await cli(['check', '-c', own], { cwd: elsewhere });
    assert.equal(refused.code, 2);
    assert.match(
      refused.stderr,
      /own\.yaml:2:33 outputs\.o\.path: inputs\.log reads .+\/events\.ndjson \(paths: \*\): /,
    );
    const piped = spawnSync(
      '/bin/sh',
      ['-c', 'cat "$1" | "$2" "$3" check -c /dev/stdin', '-', file, process.execPath, BIN],
      { cwd: home, encoding: 'utf8' },
    );
    assert.match(piped.stdout, /^\/dev\/stdin is valid/, piped.stderr);
  });

  it('a number or a duration that is none: exit code 2 and what to write', async (t) => {
    const cwd = tempDir(t);
    writeFileSync(path.join(cwd, 'brokertap.yaml'), PLAIN);
    const api = ['--api-url', 'http://127.0.0.1:1/api/', '--key', 'k', '--secret-file', 'brokertap.yaml'];
    for (const [args, told] of [
      [
        ['dead-letters', 'show', 'o', '--limit', 'abc'],
        '--limit abc: write a whole number above 0, such as 10',
      ],
      [['dead-letters', 'show', 'o', '--limit=-1'], '--limit -1: write a whole number above 0, such as 10'],
      [
        ['dead-letters', 'show', 'o', '--limit', '1.5'],
        '--limit 1.5: write a whole number above 0, such as 10',
      ],
      [['demo', '--seconds', 'abc'], '--seconds abc: write a number above 0 and up to 1814400, such as 20'],
      [['demo', '--seconds', '1e9'], '--seconds 1e9: write a number above 0 and up to 1814400, such as 20'],
      [['doctor', '--observe', '5'], '--observe 5: write a duration such as 25s, at most 24d'],
      [['doctor', '--observe', '30d'], '--observe 30d: write a duration such as 25s, at most 24d'],
      [
        ['emqx', 'check', '--all', '--watch', '30d', ...api],
        '--watch 30d: write a duration of at least 1s and at most 24d',
      ],
    ] as const) {
      const { code, stderr, stdout } = await cli(args, { cwd });
      assert.deepEqual([code, stderr.trim(), stdout], [2, told, '']);
    }
  });

  it('a command that does not know enough says what it needs', async (t) => {
    const cwd = tempDir(t);
    const closed = 'http://127.0.0.1:1';
    for (const [args, code, told] of [
      [['setup', 'elasticsearch'], 2, /^which server\? write --url https:\/\/host:9200, or -c with/],
      [['setup', 'opensearch', '--url', closed, '--user', 'a'], 2, /go together: write both/],
      [
        ['setup', 'opensearch', '--url', closed],
        1,
        /^http:\S+: connection refused \(nothing listens there\)$/m,
      ],
      [
        ['emqx', 'check', 'x'],
        2,
        /^which EMQX\? write --api-url .* with --key and --secret-file, or -c with/,
      ],
      [['emqx', 'rules', '--remove'], 2, /^which EMQX\? write --api-url/],
      [
        ['emqx', 'check', 'x', '--api-url', `${closed}/api/`, '--key', 'k'],
        2,
        /--secret-file is missing: write the/,
      ],
      [['parse', '--broker', 'emqx', '--summary', '--pretty'], 2, /^write either --summary or --pretty$/m],
      [['parse', '--broker', 'emqx', cwd], 1, /cannot be read: it is a directory; name the files in it$/m],
    ] as const) {
      const { code: got, stderr } = await cli(args, { cwd });
      assert.deepEqual([got, told.test(stderr)], [code, true], `${args.join(' ')}: ${stderr}`);
    }
  });

  it('a mistake in a command names the help of that command; its words may go nowhere', async (t) => {
    const cwd = tempDir(t);
    const { code, stderr } = await cli(['dead-letters', 'show'], { cwd });
    assert.deepEqual(
      [code, stderr.includes('(brokertap dead-letters show --help shows how)')],
      [2, true],
      stderr,
    );
    const script = `{ "${process.execPath}" "${path.join(ROOT, 'bin/brokertap.js')}" dead-letters 2>&1; echo $? >code; } | true`;
    spawnSync('sh', ['-c', script], { cwd });
    assert.equal(readFileSync(path.join(cwd, 'code'), 'utf8').trim(), '2');
  });

  it('parse: one event a line, from files, .gz and standard input; a summary', async (t) => {
    const directory = tempDir(t);
    writeFileSync(path.join(directory, 'a.log'), LINE.repeat(3));
    writeFileSync(path.join(directory, 'b.log.gz'), gzipSync(LINE.repeat(2)));
    const files = await cli(['parse', '--broker', 'mosquitto', 'a.log', 'b.log.gz'], { cwd: directory });
    const events = files.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
    assert.deepEqual([files.code, events.length, new Set(events.map((e) => e.event.id)).size], [0, 5, 5]);
    const again = await cli(['parse', '--broker', 'mosquitto', 'a.log', 'b.log.gz'], { cwd: directory });
    const ids = (text: string): string[] => text.match(/"id":"[0-9a-f]{40}"/g) ?? [];
    assert.deepEqual(ids(again.stdout), ids(files.stdout));
    const input = await cli(['parse', '--broker', 'mosquitto', '--summary'], { input: LINE });
    assert.match(input.stdout, /^ {2}network-connection-opened +1 +100\.0 % /m);
    const message = JSON.stringify({ topic: '$SYS/broker/log/N', payload: LINE.trim() });
    const messages = await cli(['parse', '--broker', 'mosquitto', '--messages'], {
      input: `${message}\nrubbish\n`,
    });
    const actions = messages.stdout
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line).event.action);
    assert.deepEqual(actions, ['network-connection-opened', 'line-unparsed']);
    const wrong = await cli(['parse', '--broker', 'mosqitto']);
    assert.deepEqual(
      [wrong.code, wrong.stderr.trim()],
      [2, 'unknown broker "mosqitto"; did you mean "mosquitto"?'],
    );
  });

  it('standard input: the probe delivers it and ends', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'b.yaml');
    const out = path.join(directory, 'events.ndjson');
    writeFileSync(
      file,
      `state: ${directory}/s\ntelemetry: {listen: "off"}\ninputs: {in: {type: stdin, broker: mosquitto}}\noutputs: {o: {type: file, path: ${out}}}\n`,
    );
    const { code, stderr } = await cli(['run', '-c', file], { input: LINE.repeat(1000) });
    assert.equal(code, 0, stderr);
    const events = readFileSync(out, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
    assert.equal(events.filter((e) => e.event.action === 'network-connection-opened').length, 1000);
  });

  it('standard input: broken bytes and lines that are too long are marked, as in a file', async (t) => {
    const directory = tempDir(t);
    const out = path.join(directory, 'events.ndjson');
    const file = path.join(directory, 'b.yaml');
    const long = 'x'.repeat(300_000);
    const lines = [
      Buffer.from('1700000000: broken \xff\xfe\n', 'latin1'),
      Buffer.from(`1700000000: ${long}\n`),
      Buffer.from('1700000000: next\n'),
      Buffer.from(`1700000000: ${'y'.repeat(200)}\n`),
      Buffer.from('1700000000: no end'),
    ];
    writeFileSync(
      file,
      `state: ${directory}/s\ntelemetry: {listen: "off"}\ninputs: {in: {type: stdin, broker: mosquitto, limit: 100}}\noutputs: {o: {type: file, path: ${out}}}\n`,
    );
    const { code, stderr } = await cli(['run', '-c', file], { input: Buffer.concat(lines) });
    assert.equal(code, 0, stderr);
    const events = readFileSync(out, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line))
      .filter((e) => e.event.action === 'broker-log')
      .map((e) => [e.message, e.tags, e.mqtt?.truncated, e.mqtt?.log?.length]);
    assert.deepEqual(events, [
      ['broken \ufffd\ufffd', ['invalid_utf8'], undefined, undefined],
      ['x'.repeat(88), undefined, true, 300_012],
      ['next', undefined, undefined, undefined],
      ['y'.repeat(88), undefined, true, 212],
      ['no end', undefined, true, undefined],
    ]);
  });

  it('a bug: exit code 70, and where to report it', () => {
    const broken = 'data:text/javascript,setTimeout(()=>{throw new Error("boom")},0)';
    const { status, stderr } = spawnSync(
      process.execPath,
      ['--import', broken, path.join(ROOT, 'bin/brokertap.js'), 'parse', '--broker', 'mosquitto'],
      { encoding: 'utf8', stdio: ['pipe', 'pipe', 'pipe'] },
    );
    assert.equal(status, 70);
    assert.match(stderr, /this is a bug, please report it: Error: boom/);
  });

  it('a reader of standard output that goes away ends parse without a word', () => {
    const script = `yes '1700000000: x' | head -200000 | "${process.execPath}" "${ROOT}bin/brokertap.js" parse --broker mosquitto | head -1`;
    const { stdout, stderr } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
    assert.equal(stdout.split('\n').length, 2);
    assert.equal(stderr, '');
  });

  it('a log that may not be read: not ready, said once with owner, mode and the fix; heals', async (t) => {
    if (process.getuid?.() !== 0) return t.skip('needs root to make files of other users');
    const directory = tempDir(t);
    chmodSync(directory, 0o755);
    const log = path.join(directory, 'mosquitto.log');
    writeFileSync(log, LINE, { mode: 0o600 });
    mkdirSync(path.join(directory, 'state'));
    for (const name of ['state']) chownSync(path.join(directory, name), 65534, 65534);
    const receiver = await Receiver.start();
    t.after(() => receiver.stop());
    const probe = new ProbeProcess(
      t,
      directory,
      `inputs: {log: {type: file, broker: mosquitto, paths: ${log}}}\noutputs: {elk: {type: logstash, hosts: "127.0.0.1:${receiver.port}"}}\n`,
    );
    probe.start({ uid: 65534, gid: 65534 });
    await until(
      () => probe.stderr.includes('cannot be read: it belongs to user 0'),
      () => probe.stderr,
    );
    assert.match(probe.stderr, /with mode 0600, and brokertap runs as user 65534/);
    chmodSync(log, 0o644);
    appendFileSync(log, LINE);
    await until(
      () => receiver.events.filter((e) => e.event.action === 'network-connection-opened').length === 2,
      () => probe.stderr,
    );
    assert.equal(probe.stderr.split('it belongs to user 0').length, 2, 'said once');
  });

  it('status, follow and dead-letters of a probe of another user: whose it is, and what to do', async (t) => {
    if (process.getuid?.() !== 0) return t.skip('needs root to run the probe as another user');
    const directory = tempDir(t);
    chmodSync(directory, 0o755);
    const [probes, asks] = [65534, 65533];
    const state = path.join(directory, 'state');
    const probe = new ProbeProcess(
      t,
      directory,
      `inputs: {log: {type: file, broker: mosquitto, paths: ${directory}/a.log}}\noutputs: {o: {type: stdout}}\n`,
    );
    mkdirSync(state);
    chownSync(state, probes, probes);
    probe.start({ uid: probes, gid: probes });
    await until(
      () => probe.stderr.includes('"started"'),
      () => probe.stderr,
    );
    for (const [mode, place] of [
      [0o755, path.join(state, 'control.sock')],
      [0o700, state],
    ] as const) {
      chmodSync(state, mode);
      for (const command of [['status'], ['follow'], ['dead-letters', 'purge', 'o']]) {
        const as = { uid: asks, gid: asks };
        const { code, stderr } = await cli([...command, '-c', probe.config], { as });
        const told = `${place} belongs to user ${probes}, who runs the probe: run this as that user (sudo -u '#${probes}') or as root\n`;
        assert.deepEqual([code, stderr], [1, told]);
      }
    }
  });

  it('check --connect says what would happen', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'b.yaml');
    const receiver = await Receiver.start();
    t.after(() => receiver.stop());
    const yaml = (paths: string): string =>
      `state: ${directory}/s\ntelemetry: {listen: "off"}\ninputs: {log: {type: file, broker: mosquitto, paths: ${paths}}}\noutputs: {elk: {type: logstash, hosts: "127.0.0.1:${receiver.port}"}}\n`;
    writeFileSync(file, yaml('/nowhere/a.log'));
    const bad = await cli(['check', '-c', file, '--connect']);
    assert.equal(bad.code, 1);
    assert.match(bad.stdout, /input log: \/nowhere\/a\.log: no such file yet/);
    assert.match(bad.stdout, /output elk: works/);
    writeFileSync(
      file,
      `inputs: {m: {type: mqtt, url: "mqtt://127.0.0.1:1", topics: a, user: u, password_file: /nowhere}}\noutputs: {elk: {type: logstash, hosts: "127.0.0.1:${receiver.port}"}}\n`,
    );
    const secret = await cli(['check', '-c', file, '--connect']);
    assert.match(secret.stderr, /b\.yaml:1:88 inputs\.m\.password_file: \/nowhere: no such file$/m);
    writeFileSync(
      file,
      `inputs: {m: {type: mqtt, url: "mqtt://127.0.0.1:1", topics: a}}\noutputs: {elk: {type: logstash, hosts: "127.0.0.1:${receiver.port}"}}\n`,
    );
    const closed = await cli(['check', '-c', file, '--connect']);
    assert.match(closed.stdout, /input m: mqtt:\/\/127\.0\.0\.1:1: connection refused .*\noutput elk: works/);
    writeFileSync(
      file,
      `state: ./s\ntelemetry: {listen: "off"}\n${PLAIN.split('\n')[0]}
outputs:
  ls: {type: logstash, hosts: "127.0.0.1:1"}
  es: {type: elasticsearch, nodes: "http://127.0.0.1:1"}
  f: {type: file, path: new/e.ndjson}
  d: {type: file, path: .}
`,
    );
    const told = await cli(['check', '-c', file, '--connect']);
    assert.deepEqual(told.stdout.split('\n').slice(2), [
      'input i: works',
      'output ls: 127.0.0.1:1: connection refused (nothing listens there)',
      'output es: http://127.0.0.1:1: connection refused (nothing listens there)',
      `output f: works (${directory}/new/e.ndjson)`,
      `output d: ${directory} is a directory: write the path of a file`,
      '',
    ]);
    assert.deepEqual(readdirSync(directory), ['b.yaml'], 'nothing was made');
    writeFileSync(file, yaml(file));
    assert.equal((await cli(['check', '-c', file, '--connect'])).code, 0);
  });

  it('check --connect tells of a log that another broker has written', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'b.yaml');
    const golden = (name: string): string => path.join(ROOT, 'test/golden', name);
    const checked = async (broker: string, log: string): Promise<string> => {
      writeFileSync(
        file,
        `state: ./s\ntelemetry: {listen: "off"}\ninputs: {log: {type: file, broker: ${broker}, paths: [${log}]}}\noutputs: {o: {type: stdout}}\n`,
      );
      const { code, stdout } = await cli(['check', '--connect', '-c', file]);
      const told = /^input log: (.*)$/m.exec(stdout)?.[1] ?? stdout;
      assert.equal(code, told === 'works' ? 0 : 1);
      return told;
    };
    const [mosquitto, emqx] = [golden('mosquitto/traffic-iso.log'), golden('emqx/emqx58-text.log')];
    assert.equal(
      await checked('emqx', mosquitto),
      `few lines of ${mosquitto} are such as emqx writes, most such as mosquitto does: write broker: mosquitto`,
    );
    assert.match(await checked('mosquitto', emqx), /: write broker: emqx$/);
    assert.deepEqual(
      [await checked('mosquitto', mosquitto), await checked('emqx', emqx)],
      ['works', 'works'],
    );
    assert.equal(await checked('emqx', file), 'works');
  });

  it('check --connect tells that something else has the port of telemetry, and knows the running probe', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'b.yaml');
    const other = createServer();
    t.after(() => other.close());
    const port = await new Promise<number>((resolve) =>
      other.listen(0, '127.0.0.1', () => resolve((other.address() as AddressInfo).port)),
    );
    const free = await freePort();
    const yaml = (listen: string): string =>
      `telemetry: {listen: "${listen}"}\ninputs: {log: {type: file, broker: mosquitto, paths: ${file}}}\noutputs: {o: {type: stdout}}\n`;
    const checked = (listen: string): Promise<Finished> => {
      writeFileSync(file, `state: ${directory}/state\n${yaml(listen)}`);
      return cli(['check', '-c', file, '--connect']);
    };
    const taken = await checked(`127.0.0.1:${port}`);
    assert.equal(taken.code, 1);
    assert.match(
      taken.stdout,
      /^telemetry\.listen: 127\.0\.0\.1:\d+: something else listens there; choose another address, or "off"$/m,
    );
    const ran = await cli(['run', '-c', file]);
    assert.equal(ran.code, 1);
    assert.match(
      ran.stderr,
      /^\S+b\.yaml:2:21 telemetry\.listen: 127\.0\.0\.1:\d+: something else listens there; choose another/m,
    );
    const ofVariable = await cli(['run'], {
      cwd: path.join(directory, 'state'),
      env: {
        BROKERTAP_STATE: `${directory}/state`,
        BROKERTAP_LOG_PATHS: file,
        BROKERTAP_LOGSTASH: '127.0.0.1:1',
        BROKERTAP_LISTEN: `127.0.0.1:${port}`,
      },
    });
    assert.match(ofVariable.stderr, /^BROKERTAP_LISTEN: 127\.0\.0\.1:\d+: something else listens there/m);
    const works = await checked(`127.0.0.1:${free}`);
    assert.match(works.stdout, /^telemetry\.listen: works \(127/m);
    assert.equal((await checked('off')).stdout.includes('telemetry'), false);

    const probe = new ProbeProcess(t, directory, yaml(`127.0.0.1:${free}`));
    probe.start();
    const health = (): Promise<boolean> =>
      fetch(`http://127.0.0.1:${free}/health/live`).then(
        () => true,
        () => false,
      );
    await until(health, () => probe.stderr);
    assert.match(
      (await checked(`127.0.0.1:${free}`)).stdout,
      /^telemetry\.listen: works \(127\.0\.0\.1:\d+, where the running probe listens\)$/m,
    );
    assert.match((await checked(`127.0.0.1:${port}`)).stdout, /^telemetry\.listen: \S+ something else/m);
  });

  it('check --connect tells that something else has the port of an input, and knows the running probe; run tells where it is written', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'b.yaml');
    const other = createServer();
    t.after(() => other.close());
    const taken = await new Promise<number>((resolve) =>
      other.listen(0, '127.0.0.1', () => resolve((other.address() as AddressInfo).port)),
    );
    const free = await freePort();
    const yaml = (port: number, type: string): string =>
      `telemetry: {listen: "off"}\ninputs:\n  in: {${type}, listen: "127.0.0.1:${port}"}\noutputs: {o: {type: stdout}}\n`;
    const checked = (port: number, type: string): Promise<Finished> => {
      writeFileSync(file, `state: ${directory}/state\n${yaml(port, type)}`);
      return cli(['check', '-c', file, '--connect']);
    };
    for (const type of ['type: http', 'type: tcp, broker: hicap']) {
      const { code, stdout } = await checked(taken, type);
      assert.deepEqual(
        [
          code,
          stdout.includes(
            `input in: 127.0.0.1:${taken}: something else listens there; choose another address\n`,
          ),
        ],
        [1, true],
        stdout,
      );
      const ran = await cli(['run', '-c', file]);
      assert.equal(ran.code, 1);
      assert.match(
        ran.stderr,
        /^\S+b\.yaml:4:\d+ inputs\.in\.listen: 127\.0\.0\.1:\d+: something else listens there; choose another address$/m,
      );
      assert.match((await checked(free, type)).stdout, /^input in: works$/m);
    }
    const probe = new ProbeProcess(t, directory, yaml(free, 'type: http'));
    probe.start();
    await until(
      () => probe.stderr.includes('"started"'),
      () => probe.stderr,
    );
    const held = await checked(free, 'type: http');
    assert.deepEqual(
      [held.code, /^input in: works \(the running probe listens there\)$/m.test(held.stdout)],
      [0, true],
      held.stdout,
    );
    assert.equal((await checked(taken, 'type: http')).code, 1);
  });

  it('check --connect and run tell a log whose events two inputs would bring', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'b.yaml');
    for (const name of ['a.log', 'ab.log', 'b.log']) writeFileSync(path.join(directory, name), LINE);
    const checked = async (more = ''): Promise<readonly [number | null, string]> => {
      writeFileSync(
        file,
        `state: ${directory}/s\ntelemetry: {listen: "off"}\ninputs:\n  a: {type: file, broker: mosquitto, paths: a*.log}\n  b: {type: file, broker: mosquitto, paths: "*b.log"${more}}\noutputs: {o: {type: stdout}}\n`,
      );
      const { code, stdout } = await cli(['check', '-c', file, '--connect']);
      return [code, /^input b: (.*)$/m.exec(stdout)?.[1] ?? stdout];
    };
    assert.deepEqual(await checked(), [
      1,
      `${directory}/ab.log is read by inputs.a too, and its events come twice: narrow "paths" of one of them`,
    ]);
    assert.deepEqual(await checked(', include: [{level: error}]'), [0, 'works']);
    const probe = new ProbeProcess(
      t,
      directory,
      'inputs:\n  a: {type: file, broker: mosquitto, paths: a*.log}\n  b: {type: file, broker: mosquitto, paths: "*b.log"}\noutputs: {o: {type: stdout}}\n',
    );
    probe.start();
    await until(
      () => /"level":40.*"input":"b","msg":"\S+ab\.log is read by inputs\.a too/.test(probe.stderr),
      () => probe.stderr,
    );
  });

  it('check tells every file of a secret or certificate that cannot be read; none is printed', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'b.yaml');
    const secret = path.join(directory, 'secret');
    writeFileSync(secret, 'hunter2');
    const yaml = `
privacy: {key_file: /no/1, old_key_files: [/no/2, ${secret}]}
labels: {some_file: /no/0}
inputs:
  m: {type: mqtt, url: "mqtts://h", topics: a, user: u, password_file: /no/3, tls: {ca: /no/4}}
  h: {type: http, listen: "127.0.0.1:1", auth: {token_file: /no/5}, tls: {cert: ${secret}, key: /no/6}}
  e: {type: emqx-api, api_url: "http://h:1/api/", key: k, secret_file: ${directory}, clients_file: /no/7}
outputs:
  s: {type: elasticsearch, nodes: "https://h:1", api_key_file: /no/8, tls: {cert: /no/9, key: ${secret}}}
  l: {type: logstash, hosts: "h:1", protocol: http, token_file: /no/10, tls: true}
`;
    writeFileSync(file, yaml);
    const { code, stdout, stderr } = await cli(['check', '-c', file]);
    assert.deepEqual([code, stdout], [2, '']);
    const found = stderr.trim().split('\n');
    assert.deepEqual(
      found.map((line) =>
        / (\S+): (\S+)(?:: no such file| cannot be read \(it is a directory\): check the path and the rights)$/
          .exec(line)
          ?.slice(1),
      ),
      [
        ['privacy.key_file', '/no/1'],
        ['privacy.old_key_files', '/no/2'],
        ['inputs.m.password_file', '/no/3'],
        ['inputs.m.tls.ca', '/no/4'],
        ['inputs.h.auth.token_file', '/no/5'],
        ['inputs.h.tls.key', '/no/6'],
        ['inputs.e.secret_file', directory],
        ['inputs.e.clients_file', '/no/7'],
        ['outputs.s.api_key_file', '/no/8'],
        ['outputs.s.tls.cert', '/no/9'],
        ['outputs.l.token_file', '/no/10'],
      ],
      stderr,
    );
    assert.match(found[2] ?? '', /b\.yaml:5:72 inputs/);
    writeFileSync(file, `privacy: {key_file: ${secret}}\n${PLAIN}`);
    const short = await cli(['check', '-c', file]);
    assert.deepEqual([short.code, /fewer than 32 bytes/.test(short.stderr)], [2, true], short.stderr);
    assert.equal(`${stderr}${short.stderr}`.includes('hunter2'), false);
  });

  it('run names the input or output and the key of a file that it cannot use', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'b.yaml');
    const rubbish = path.join(directory, 'rubbish');
    writeFileSync(rubbish, 'no certificate');
    const run = (input: string): Promise<Finished> => {
      writeFileSync(
        file,
        `state: ${directory}/s\ntelemetry: {listen: "off"}\ninputs: {x: {${input}}}\noutputs: {o: {type: stdout}}\n`,
      );
      return cli(['run', '-c', file]);
    };
    for (const [input, code, told] of [
      [
        'type: http, listen: "127.0.0.1:0", auth: {token_file: /no}',
        1,
        /b\.yaml:3:\d+ inputs\.x\.auth\.token_file: \/no: no such file$/m,
      ],
      [
        'type: tcp, broker: hicap, listen: "127.0.0.1:0", tls: {cert: /no, key: /no}',
        1,
        /b\.yaml:3:\d+ inputs\.x\.tls\.cert: \/no: no such file$/m,
      ],
      [
        `type: http, listen: "127.0.0.1:0", tls: {cert: ${rubbish}, key: ${rubbish}}`,
        1,
        /b\.yaml:3:\d+ inputs\.x\.tls\.cert: \S+ and tls\.key \S+ cannot be used \(.*\): write a PEM certificate and its key/m,
      ],
      [
        'type: emqx-api, api_url: "http://h:1/api/", key: k, secret_file: /no, clients_file: /no',
        2,
        /b\.yaml:3:\d+ inputs\.x\.clients_file: \/no: no such file$/m,
      ],
    ] as const) {
      const { code: got, stderr } = await run(input);
      assert.deepEqual([got, told.test(stderr)], [code, true], stderr);
    }
    const probe = new ProbeProcess(
      t,
      directory,
      `inputs: {m: {type: mqtt, url: "mqtts://127.0.0.1:1", topics: a, tls: {ca: /no}}}
outputs:
  es: {type: elasticsearch, nodes: "https://127.0.0.1:1", tls: {ca: /no}}
  ls: {type: logstash, hosts: "127.0.0.1:1", tls: {key: /no, cert: /no}}
`,
    );
    probe.start();
    for (const told of [
      /"input":"m".*: tls\.ca \/no: no such file/,
      /"output":"es".*: tls\.ca \/no: no such file/,
      /"output":"ls".*: tls\.cert \/no: no such file/,
    ])
      await until(
        () => told.test(probe.stderr),
        () => probe.stderr,
      );
  });

  it('check --connect tells a state directory and a secret that cannot be used, and makes nothing', async (t) => {
    const directory = tempDir(t);
    const file = path.join(directory, 'b.yaml');
    const checked = (state: string, more = ''): Promise<Finished> => {
      writeFileSync(
        file,
        `state: ${state}\n${more}inputs: {log: {type: file, broker: mosquitto, paths: ${file}}}\noutputs: {o: {type: stdout}}\n`,
      );
      return cli(['check', '-c', file, '--connect']);
    };
    for (const [state, told] of [
      [file, /^state: \S+ is no directory: set "state"/m],
      [`${file}/deeper`, /^state: ENOTDIR.*: set "state" to a directory that may be written/m],
    ] as const) {
      const { code, stdout } = await checked(state);
      assert.equal(code, 1);
      assert.match(stdout, told);
    }
    const secret = await checked(`${directory}/a/b`, 'privacy: {key_file: /nowhere}\n');
    assert.equal(secret.code, 2);
    assert.match(secret.stderr, /b\.yaml:2:21 privacy\.key_file: \/nowhere: no such file$/m);
    assert.deepEqual(readdirSync(directory), ['b.yaml']);
  });

  it('an old Node.js gets one sentence, and how old is said alike everywhere', (t) => {
    const { engines } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
    const needed = /const NEEDED = '(\d+\.\d+)'/.exec(readFileSync(BIN, 'utf8'))?.[1];
    assert.equal(engines.node, `>=${needed}`);
    assert.ok(readFileSync(path.join(ROOT, 'README.md'), 'utf8').includes(`Node.js ${needed} or newer`));
    // The version is all that is asked: another one may be claimed.
    for (const [version, isOld] of [
      ['24.9.9', true],
      ['23.11.0', true],
      ['24.10.0', false],
      ['25.0.0', false],
    ] as const) {
      const claim = `data:text/javascript,Object.defineProperty(process.versions, 'node', { value: '${version}' })`;
      const { status, stderr } = spawnSync(process.execPath, ['--import', claim, BIN, '--version'], {
        encoding: 'utf8',
      });
      assert.deepEqual(
        [status, stderr.startsWith('brokertap needs')],
        isOld ? [2, true] : [0, false],
        version,
      );
    }
    const old = ['/usr/local/bin/node', '/usr/bin/node'].find((node) => {
      const version = spawnSync(node, ['-p', 'process.versions.node'], { encoding: 'utf8' }).stdout ?? '';
      return version !== '' && Number(version.split('.')[0]) < 24;
    });
    if (old === undefined) return t.skip('no Node.js older than 24 is here');
    const { status, stderr } = spawnSync(old, [path.join(ROOT, 'bin/brokertap.js'), 'run'], {
      encoding: 'utf8',
    });
    assert.equal(status, 2);
    assert.match(stderr, /^brokertap needs Node\.js 24\.10 or newer, and this is v\d+\.\d+\.\d+: .*\n$/);
  });

  it('a Node.js that is too old: what to do, in a package and in a checkout, with and without its own', (t) => {
    const directory = tempDir(t);
    const place = (name: string): string => path.join(directory, name);
    mkdirSync(place('bin'));
    writeFileSync(place('package.json'), '{"type": "module"}');
    copyFileSync(BIN, place('bin/brokertap.js'));
    const claim = `data:text/javascript,Object.defineProperty(process.versions, 'node', { value: '20.0.0' })`;
    const fix = (): string | undefined => {
      const args = ['--import', claim, place('bin/brokertap.js')];
      return /^brokertap needs [^:]+: (.*)\n$/.exec(
        spawnSync(process.execPath, args, { encoding: 'utf8' }).stderr,
      )?.[1];
    };
    assert.equal(fix(), 'install a newer one');
    mkdirSync(place('src'));
    writeFileSync(place('src/main.ts'), '');
    assert.equal(
      fix(),
      'install a newer one, or run "npm ci" here, then "npm start" or "npx brokertap", which bring their own',
    );
    mkdirSync(place('node_modules/node'), { recursive: true });
    assert.equal(
      fix(),
      'install a newer one, or run "npm rebuild node --ignore-scripts=false" here: npm has left out the install script of the package "node", which brings one',
    );
    mkdirSync(place('node_modules/node/bin'));
    writeFileSync(place('node_modules/node/bin/node'), '');
    assert.equal(
      fix(),
      'install a newer one, or run it with "npm start" or "npx brokertap", which bring their own',
    );
  });

  it('the packed package runs the demo in an empty folder', { timeout: 180_000 }, async (t) => {
    const directory = tempDir(t);
    execFileSync('npm', ['pack', '--silent', '--pack-destination', directory], {
      cwd: ROOT,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const [tarball = ''] = readdirSync(directory);
    writeFileSync(path.join(directory, 'package.json'), '{"private":true}');
    execFileSync('npm', ['install', '--silent', '--no-audit', '--no-fund', `./${tarball}`], {
      cwd: directory,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const bin = path.join(directory, 'node_modules/brokertap/bin/brokertap.js');
    const { status, stdout } = spawnSync(process.execPath, [bin, 'demo', '--seconds', '8'], {
      cwd: directory,
      encoding: 'utf8',
    });
    assert.equal(status, 0);
    for (const action of [
      'message-mirrored',
      'message-published',
      'client-authentication-failed',
      'publish-denied',
    ])
      assert.match(stdout, new RegExp(action));
    assert.doesNotMatch(stdout, /the time went back/);
    const file = path.join(directory, 'brokertap-demo.ndjson');
    assert.equal(statSync(file).mode & 0o137, 0, 'it is not for everybody');
    const events = readFileSync(file, 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => JSON.parse(line));
    const messages = (action: string): string[] =>
      events
        .filter((e) => e.event.action === action && e.mqtt.topic.startsWith('plant/'))
        .map((e) => `${e.mqtt.topic} ${e.mqtt.payload.size}`);
    const published = messages('message-published');
    for (const message of messages('message-mirrored')) {
      const at = published.indexOf(message);
      assert.notEqual(at, -1, `${message} was mirrored and is not in the log`);
      published.splice(at, 1);
    }
  });
});
