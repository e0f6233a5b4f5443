import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test, { type TestContext } from 'node:test';
import { checkAcl } from '../../../src/doctor/emqx/acl.ts';
import { readHocon } from '../../../src/doctor/emqx/hocon.ts';
import { checkAudit, checkLogging, checkSystemTopics } from '../../../src/doctor/emqx/logging.ts';
import { Settings } from '../../../src/doctor/emqx/settings.ts';
import { tempDir } from '../../support/temp.ts';

/** `path = value :line` of everything. */
function read(text: string): string[] {
  return [...readHocon(text)].map(([name, { value, line }]) => `${name} = ${value} :${line}`);
}

test('HOCON: blocks, paths, quotation marks, lists, comments, substitutions, several lines', () => {
  assert.deepEqual(
    read(`# a comment
node { name = "emqx@127.0.0.1", cookie: "a\\"b#c" } // another
log.file {
  level = warning # the default
  "path" : "\${EMQX_LOG_DIR}/emqx.log"
  to = \${EMQX_LOG_DIR}/emqx.log
}
log { file.level = error, console { enable = true } }
actions = [ {a = "}]"}, "b" ]
rule.sql = """SELECT *
FROM "t/#" """
sys_topics.sys_msg_interval = 1m`),
    [
      'node.name = emqx@127.0.0.1 :2',
      'node.cookie = a"b#c :2',
      'log.file.level = error :8',
      'log.file.path = ${EMQX_LOG_DIR}/emqx.log :5',
      'log.file.to = ${EMQX_LOG_DIR}/emqx.log :6',
      'log.console.enable = true :8',
      'actions = [ {a = "}]"}, "b" ] :9',
      'rule.sql = SELECT *\nFROM "t/#"  :10',
      'sys_topics.sys_msg_interval = 1m :12',
    ],
  );
});

test('HOCON: what is broken ends, whatever it is', () => {
  for (const text of [
    '{',
    '}',
    'a {',
    'a = "',
    'a = [',
    '= = =',
    'a = """',
    'a } b = 1',
    '"',
    'a = \\',
    ',,,',
    'a',
  ])
    assert.ok(readHocon(text) instanceof Map, text);
  assert.deepEqual(read('a = 1\n}\nb = 2'), ['a = 1 :1', 'b = 2 :3']);
});

function settings(t: TestContext, text: string, running = {}): Settings {
  const file = path.join(tempDir(t), 'emqx.conf');
  writeFileSync(file, text);
  return new Settings([file], running);
}

function logging(t: TestContext, text: string, running = {}): string[] {
  return checkLogging(settings(t, text, running), true).map(
    ({ check, severity, changes }) =>
      `${check} ${severity}${changes.map(({ add }) => `: ${add.join()}`).join('')}`,
  );
}

test('logging: what is lost by level, form and place, and the line to add', (t) => {
  assert.deepEqual(logging(t, 'log.file { enable = true, level = warning, formatter = json }'), [
    'log-events note',
  ]);
  assert.deepEqual(logging(t, 'log.file { level = error, formatter = json }'), [
    'log-level error: log.file.level = warning',
  ]);
  assert.deepEqual(logging(t, 'log.file { level = debug, formatter = json }'), []);
  assert.deepEqual(logging(t, 'log.file.level = info'), [
    'log-events note',
    'log-format warning: log.file.formatter = json',
  ]);
  assert.deepEqual(logging(t, 'log.file { level = debug, single_line = false }'), [
    'log-format warning: log.file.formatter = json',
    'log-lines error: log.file.single_line = true',
  ]);
  assert.deepEqual(
    logging(t, 'log { file.enable = false, console { enable = true, level = debug, formatter = json } }'),
    ['log-file warning: log.file.enable = true'],
  );
  assert.deepEqual(logging(t, 'log { file.enable = false }'), ['log-file error: log.file.enable = true']);
  assert.deepEqual(
    logging(t, 'log.file_handlers.default { enable = true, level = alert, formatter = json }'),
    ['log-level error: log.file_handlers.default.level = warning'],
  );
  assert.deepEqual(logging(t, 'log.to = console\nlog.level = error\nlog.formatter = json'), [
    'log-file warning: log.to = file',
    'log-level error: log.level = warning',
  ]);
});

test('what the running broker says counts more than its files', (t) => {
  const running = { log: { file: { default: { level: 'error', enable: true, formatter: 'json' } } } };
  const findings = checkLogging(settings(t, 'log.file.level = debug', {}), false);
  assert.ok(!findings.some(({ check }) => check === 'log-level'));
  assert.ok(logging(t, '', running).includes('log-level error: log.file.default.level = warning'));
});

test('$SYS and the audit log', (t) => {
  const checks = (text: string): string[] =>
    [...checkSystemTopics(settings(t, text)), ...checkAudit(settings(t, text))].map(
      ({ severity, changes }) => `${severity}: ${changes[0]?.add.join()}`,
    );
  assert.deepEqual(checks('a = 1'), [
    'note: sys_topics.sys_event_messages.client_subscribed = true',
    'note: sys_topics.sys_event_messages.client_unsubscribed = true',
    'note: log.audit.enable = true',
  ]);
  const all = 'client_subscribed = true, client_unsubscribed = true';
  assert.deepEqual(
    checks(
      `log.audit.enable = true\nsys_topics { sys_msg_interval = disabled, sys_event_messages { ${all}, client_connected = false } }`,
    ),
    [
      'warning: sys_topics.sys_msg_interval = 1m',
      'warning: sys_topics.sys_event_messages.client_connected = true',
    ],
  );
});

test('acl.conf: the first rule about the mirror decides', () => {
  const usual = `%% comment
{allow, {username, {re, "^dashboard$"}}, subscribe, ["$SYS/#"]}.
{allow, {ipaddr, "127.0.0.1"}, all, ["$SYS/#", "#"]}.
{deny, all, subscribe, ["$SYS/#", {eq, "#"}, {eq, "+/#"}]}.
{allow, all}.`;
  const added = (text: string, user?: string): (string | undefined)[] => {
    const mirror = user === undefined ? undefined : ({ settings: { user } } as never);
    return checkAcl(text, mirror).map(({ changes }) => changes[0]?.add[0]);
  };
  const lines = [
    '{allow, {username, "probe"}, subscribe, ["$SYS/#"]}.',
    '{allow, {username, "probe"}, subscribe, [{eq, "#"}]}.',
  ];
  assert.deepEqual(added(usual, 'probe'), lines);
  assert.deepEqual(added(`${lines.join('\n')}\n${usual}`, 'probe'), [], 'the lines that are told help');
  assert.deepEqual(added('{allow, all}.\n{deny, all, subscribe, ["$SYS/#"]}.', 'probe'), []);
  assert.equal(added(usual).length, 2);
});
