import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { describe, it } from 'node:test';
import { statusText } from '../../src/cli/probe/status.ts';
import { deadLetterFile } from '../../src/state/letters.ts';
import type { Status } from '../../src/telemetry/status.ts';
import { BIN, cli } from '../support/cli.ts';
import { needs } from '../support/programs.ts';
import { tempDir } from '../support/temp.ts';

/** JSON may hold both as they are: the one turns the direction of text, the other is a control sequence of one character. */
const CLIENT = 'red\u202e\u009b31m';
const ESCAPED = 'red\\u202e\\u009b31m';

describe('what clients have written, shown as JSON', () => {
  it('dead-letters show and list', async (t) => {
    const directory = tempDir(t);
    const config = path.join(directory, 'b.yaml');
    writeFileSync(
      config,
      `state: ${directory}\ninputs: {a: {type: stdin, broker: mosquitto}}\noutputs: {o: {type: stdout}}\n`,
    );
    const file = deadLetterFile(directory, 'o');
    mkdirSync(path.dirname(file));
    const letter = {
      when: '2026-01-01T00:00:00Z',
      status: 400,
      type: CLIENT,
      event: { mqtt: { client: { id: CLIENT } } },
    };
    writeFileSync(file, `${JSON.stringify(letter)}\n`);
    const shown = await cli(['dead-letters', 'show', 'o', '-c', config]);
    assert.deepEqual(JSON.parse(shown.stdout), letter, shown.stderr);
    assert.ok(shown.stdout.includes(`"id":"${ESCAPED}"`), shown.stdout);
    const listed = await cli(['dead-letters', 'list', '-c', config]);
    assert.match(listed.stdout, /400 red\\u\{202e\}\\u\{9b\}31m\n/);
  });

  it('output stdout: escaped on a terminal', needs('script', 'apt-get install bsdutils'), async (t) => {
    const directory = tempDir(t);
    const config = path.join(directory, 'b.yaml');
    const input = path.join(directory, 'a.log');
    writeFileSync(input, `1700000000: New client connected from 127.0.0.1:5 as ${CLIENT} (p2, c1, k60).\n`);
    writeFileSync(
      config,
      `state: ${directory}/state\ntelemetry: {listen: "off"}\ninputs: {a: {type: stdin, broker: mosquitto}}\noutputs: {o: {type: stdout}}\n`,
    );
    const command = `'${process.execPath}' '${BIN}' run -c '${config}' < '${input}'`;
    const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    assert.ok(stdout.includes(`"id":"${ESCAPED}"`), stdout);
    assert.ok(!stdout.includes('\u202e') && !stdout.includes('\u009b'));
  });

  it(
    'parse: escaped on a terminal, as it is elsewhere',
    needs('script', 'apt-get install bsdutils'),
    async (t) => {
      const log = path.join(tempDir(t), 'a.log');
      writeFileSync(
        log,
        `1700000000: New client connected from 127.0.0.1:5 as ${CLIENT} (p2, c1, k60).\n`.repeat(2),
      );
      for (const more of [[], ['--where', 'event.action=client-connected']]) {
        const args = ['parse', '--broker', 'mosquitto', ...more, log];
        const command = [process.execPath, BIN, ...args].map((word) => `'${word}'`).join(' ');
        const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'inherit'],
        });
        assert.equal(stdout.split(`"id":"${ESCAPED}"`).length, 3, stdout);
        assert.ok(!stdout.includes('\u202e') && !stdout.includes('\u009b'));
        assert.ok((await cli(args)).stdout.includes(`"id":"${CLIENT}"`));
      }
    },
  );
});

describe('standard input on a terminal', needs('script', 'apt-get install bsdutils'), () => {
  const TOLD = 'reading standard input; Ctrl-D ends it';
  for (const args of [
    ['parse', '--broker', 'mosquitto'],
    ['query', 'select count(*) as n from events', '-'],
  ])
    it(`${args[0]} says what it waits for`, async () => {
      const command = [process.execPath, BIN, ...args].map((word) => `'${word}'`).join(' ');
      const { stdout } = spawnSync('script', ['-qec', command, '/dev/null'], {
        encoding: 'utf8',
        input: '\u0004',
      });
      assert.equal(stdout.split(TOLD).length, 2, stdout);
      assert.ok(!(await cli(args)).stderr.includes(TOLD));
    });
});

describe('what a server has said', () => {
  it('check --connect', async (t) => {
    const server = createServer((_, response) => response.writeHead(500).end(`no: ${CLIENT}`));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const { port } = server.address() as AddressInfo;
    const directory = tempDir(t);
    const config = path.join(directory, 'b.yaml');
    writeFileSync(
      config,
      `state: ${directory}\ntelemetry: {listen: "off"}\ninputs: {a: {type: stdin, broker: mosquitto}}\noutputs: {o: {type: elasticsearch, nodes: "http://127.0.0.1:${port}"}}\n`,
    );
    const { stdout } = await cli(['check', '-c', config, '--connect']);
    assert.ok(stdout.includes('no: red\\u{202e}'), stdout);
    assert.doesNotMatch(stdout, /[\u202e\u009b]/);
  });

  it('status', () => {
    const spool = { bytes: 0, streams: [], abandoned: [] } as unknown as Status['spool'];
    const about = {
      name: 'a',
      version: '1',
      pid: 1,
      started: '',
      ready: false,
      listens: [],
      inputs: [],
      outputs: [],
    };
    const text = statusText({ ...about, spool, problems: [`o: answers 500: ${CLIENT}`] });
    assert.ok(text.includes('  ! o: answers 500: red\\u{202e}\\u{9b}31m\n'), text);
  });
});
