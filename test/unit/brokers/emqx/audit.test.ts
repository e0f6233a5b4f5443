import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dialect } from '../../../../src/brokers/emqx/index.ts';
import { detectFraming } from '../../../../src/framing/detect.ts';
import { one, type Read } from '../../../support/emqx.ts';

const STAMP = '2023-10-31T15:36:51.081452+08:00';

const read = (record: object): Read => {
  const event = one(`${STAMP} ${JSON.stringify(record)}`);
  assert.ok(event !== undefined);
  return event;
};

const REST = {
  source_type: 'dashboard',
  source_ip: '127.0.0.1',
  source: 'admin',
  operation_type: 'apps',
  operation_result: 'success',
  operation_name: 'update_app',
  node: 'emqx@10.0.0.7',
  http_status_code: 200,
  http_request: {
    path: '/api/v4/apps/19e0',
    params: { name: 'my-server', secret: 'hush-1', password: 'hush-2' },
    headers: {},
    bindings: { appid: '19e0' },
  },
  http_method: 'PUT',
  failure_reason: '',
  duration_ms: 1,
  created_at: 1_698_737_811_081_452,
};
const CLI = {
  source_type: 'cli',
  operation_type: 'mgmt',
  operation_result: 'success',
  operation_name: 'emqx_mgmt_cli-mgmt',
  node: 'emqx@10.0.0.7',
  failure_reason: 'ok',
  duration_ms: 14,
  created_at: 1_698_737_750_280_458,
  cli_args: ['users', 'add', 'bob', 'hush-3'],
};

describe('EMQX: audit log of 4.4', () => {
  it('REST and dashboard have the fields of later versions', () => {
    const { action, outcome, code, provider, time, values } = read(REST);
    assert.deepEqual(
      [action, outcome, code, provider, time],
      ['audit-changed', 'success', 'audit.dashboard', 'emqx-audit', '2023-10-31T07:36:51.081Z'],
    );
    assert.deepEqual(
      [
        values['user.name'],
        values['source.ip'],
        values['mqtt.audit.interface'],
        values['mqtt.audit.operation'],
        values['http.request.method'],
        values['http.response.status_code'],
        values['event.duration'],
        values['service.node.name'],
        values['event.category'],
        values['mqtt.log.fields'],
      ],
      [
        'admin',
        '127.0.0.1',
        'dashboard',
        'update_app',
        'put',
        200,
        1e6,
        'emqx@10.0.0.7',
        ['iam'],
        { operation_type: 'apps' },
      ],
    );
  });

  it('commands are told as of later versions', () => {
    const { action, outcome, code, values, message } = read(CLI);
    assert.deepEqual(
      [action, outcome, code, values['mqtt.audit.operation'], values['user.name'], message],
      ['audit-command', 'unknown', 'audit.cli', 'users', 'emqx@10.0.0.7', 'users add bob ******'],
    );
    assert.deepEqual(values['mqtt.audit.request'], { args: ['add', 'bob', '******'] });
    const failed = read({ ...CLI, failure_reason: 'cmd_not_found', cli_args: [] });
    assert.deepEqual(
      [failed.values['error.message'], failed.values['mqtt.audit.operation']],
      ['cmd_not_found', 'emqx_mgmt_cli-mgmt'],
    );
  });

  it('logins are such, and what the REST API gives has the same fields', () => {
    assert.equal(read({ ...REST, operation_name: 'auth_user', http_method: 'POST' }).action, 'audit-login');
    const given = { ...REST, created_at: STAMP, cli_args: '', http_user_agent: '' };
    const event = one(JSON.stringify(given));
    assert.deepEqual([event?.time, event?.values], [read(REST).time, read(REST).values]);
    const command = one(
      JSON.stringify({ ...CLI, source: '', source_ip: '', http_status_code: '', http_request: '' }),
    );
    assert.deepEqual(command?.values, read(CLI).values);
  });

  it('no secret is told', () => {
    for (const record of [REST, CLI]) {
      const text = `${STAMP} ${JSON.stringify(record)}`;
      assert.ok(!JSON.stringify(read(record)).includes('hush'));
      const original = dialect.original?.(text) ?? '';
      assert.ok(!original.includes('hush') && original.startsWith(`${STAMP} {"source_type"`), original);
    }
  });

  it('a line is an entry of its own, and no line of syslog', () => {
    const text = `${STAMP} ${JSON.stringify(REST)}`;
    assert.equal(dialect.role?.(text), 'whole');
    assert.notEqual(detectFraming(Buffer.from(`${text}\n`)), 'syslog');
  });
});
