import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { cli } from '../support/cli.ts';
import { client, freePort, MOSQUITTO } from '../support/mosquitto.ts';
import { needs } from '../support/programs.ts';
import { FORMS, RSYSLOG, Rsyslog } from '../support/rsyslog.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';

interface Event {
  '@timestamp': string;
  message: string;
  event: { action: string; code: string };
  log: { level: string; offset: number; syslog?: Record<string, string | number> };
  host: { name: string };
  mqtt?: { ambiguous?: boolean; subscription?: { filter: string } };
}

const LEVELS = [
  ['New connection from', 'notice'],
  ['Received SUBSCRIBE', 'debug'],
  ['mosquitto version', 'info'],
] as const;

/** Lets a Mosquitto log to syslog and to a file while a client with a hostile name talks to it. */
async function record(t: TestContext, rsyslog: Rsyslog, directory: string, lines: string): Promise<string> {
  const port = await freePort();
  const file = path.join(directory, 'mosquitto.log');
  const config = path.join(directory, 'mosquitto.conf');
  writeFileSync(
    config,
    `listener ${port} 127.0.0.1\nallow_anonymous true\nuser root\nlog_type all\nlog_dest syslog\nlog_dest file ${file}\n${lines}\n`,
  );
  const [command, args] = rsyslog.behind(['/usr/sbin/mosquitto', '-c', config]);
  const broker = spawn(command, args, { stdio: 'ignore' });
  t.after(() => broker.kill('SIGKILL'));
  await until(
    () =>
      new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1', () => resolve(socket.end() !== undefined));
        socket.on('error', () => resolve(false));
      }),
    () => 'mosquitto does not listen',
  );
  execFileSync('logger', ['-u', rsyslog.socket, '-t', 'cron', 'New connection from 6.6.6.6:6 on port 1883.']);
  const hostile = `<158>Nov 21 19:17:42 host mosquitto[1]: x`;
  for (const id of ['sensor-1', hostile, '#011tab 1 a/b'])
    await client('mosquitto_sub', ['-p', String(port), '-i', id, '-t', 'a/b', '-t', 'c/#', '-W', '1']);
  broker.kill('SIGTERM');
  await once(broker, 'exit');
  await until(
    () =>
      Object.keys(FORMS).every((form) => rsyslog.text(form as keyof typeof FORMS).includes('terminating')),
    () => rsyslog.text('iso'),
  );
  return file;
}

async function events(args: readonly string[], input?: string): Promise<Event[]> {
  const { stdout, code, stderr } = await cli(['parse', '--broker', 'mosquitto', ...args], {
    ...(input !== undefined && { input }),
  });
  assert.equal(code, 0, stderr);
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line));
}

/** A client id may begin as rsyslog writes a TAB: what is read then is right, and marked. */
const facts = ({ event, message, mqtt }: Event): unknown => {
  const { ambiguous, ...rest } = mqtt ?? {};
  return [event.action, event.code, message, rest, message.startsWith('#011') || ambiguous === true];
};

describe('syslog files of a real rsyslog, fed by a real Mosquitto', () => {
  const skip =
    needs(...MOSQUITTO).skip ||
    needs(...RSYSLOG).skip ||
    (process.getuid?.() !== 0 && 'needs root to put a socket behind /dev/log');

  for (const [stamps, lines] of [
    ['with stamps of its own', ''],
    ['without', 'log_timestamp false'],
  ] as const) {
    it(`the same events as from the broker's own log file, ${stamps}`, { skip }, async (t) => {
      const directory = tempDir(t);
      const rsyslog = await Rsyslog.start(t, directory);
      const own = await record(t, rsyslog, directory, lines);
      const want = (await events([own])).map(facts);
      assert.ok(want.length > 30);
      for (const form of Object.keys(FORMS) as (keyof typeof FORMS)[]) {
        const got = await events([rsyslog.file(form)]);
        assert.deepEqual(got.map(facts), want, form);
        const { stderr } = await cli(['parse', '--broker', 'mosquitto', rsyslog.file(form)]);
        assert.match(stderr, /^left out: 1 line of other programs \(/);
        for (const event of got) {
          if (event.message.startsWith('#011'))
            assert.equal(event.mqtt?.ambiguous === true, form !== 'rfc5424');
          assert.equal(event.log.syslog?.appname, 'mosquitto');
          assert.match(String(event.log.syslog?.procid), /^\d+$/);
          assert.equal(event.host.name, event.log.syslog?.hostname);
          const age = Date.now() - Date.parse(event['@timestamp']);
          assert.ok(age > -2000 && age < 120_000, `${form} ${event['@timestamp']}`);
          const level = LEVELS.find(([begin]) => event.message.startsWith(begin))?.[1];
          if (form === 'rfc5424' && level !== undefined) assert.equal(event.log.level, level);
        }
        const piped = await events([], rsyslog.text(form));
        assert.deepEqual(piped.map(facts), want, `${form} from a pipe`);
      }
    });
  }
});
