import assert from 'node:assert/strict';
import test from 'node:test';
import { type Definition, type RuleSetOptions, ruleSet } from '../../../src/emqx-api/rules/definition.ts';
import { isSince, RULE_EVENTS, versionOf } from '../../../src/emqx-api/rules/events.ts';
import { hoconOf } from '../../../src/emqx-api/rules/hocon.ts';
import { type Columns, RuleBroker } from '../../support/emqx-server/rule-engine.ts';

const PROBE = 'brokertap-host-mirror';
const OPTIONS: RuleSetOptions = {
  name: 'brokertap',
  target: new URL('http://probe:8086/emqx?a=1'),
  authorization: undefined,
  ca: undefined,
  leftOut: { clients: [PROBE], topics: ['$events/#', 'again/#'] },
  version: undefined,
  wants: () => true,
};

function sqls(options: Partial<RuleSetOptions> = {}): string[] {
  return ruleSet({ ...OPTIONS, ...options }).flatMap(({ table, body }: Definition) =>
    table === 'rules' ? [String(body.sql)] : [],
  );
}

/** A probe that reads everything, another reader, and rules that tell the probe and publish again. */
function broker(rules: readonly string[]): { broker: RuleBroker; hooks: Columns[] } {
  const hooks: Columns[] = [];
  const engine: RuleBroker = new RuleBroker(
    rules.map((sql) => ({
      sql,
      action: (columns) => {
        hooks.push(columns);
        engine.publish('$events/brokertap', 'rule_1');
        engine.publish('again/events', 'rule_1');
      },
    })),
  );
  engine.connect(PROBE, ['#', '$events/#']);
  engine.connect('reader', ['plant/#', '$events/#']);
  return { broker: engine, hooks };
}

test('no feedback: what is published again, and what the probe gets, makes no further event', () => {
  const { broker: engine, hooks } = broker(sqls());
  engine.publish('plant/1', 'sensor');
  engine.publish('again/forged', 'sensor');
  engine.alarm('high_cpu');
  assert.ok(engine.settle());
  assert.deepEqual(
    hooks.map(({ event, clientid, topic }) => [event, clientid, topic]),
    [
      ['client.connected', 'reader', undefined],
      ['session.subscribed', 'reader', 'plant/#'],
      ['session.subscribed', 'reader', '$events/#'],
      ['alarm.activated', undefined, undefined],
      ['message.publish', 'sensor', 'plant/1'],
      ['message.delivered', 'reader', 'plant/1'],
      ['message.acked', 'reader', 'plant/1'],
    ],
    'the probe itself is left out; who subscribes to the events is not, and alarms have no client',
  );
});

test('each part of WHERE is needed: without it there is no end', () => {
  for (const leftOut of [
    { clients: [], topics: [] },
    { clients: [], topics: ['$events/#'] },
    { clients: [PROBE], topics: ['$events/#'] },
    { clients: [PROBE], topics: ['again/#'] },
  ]) {
    const { broker: engine } = broker(sqls({ leftOut }));
    engine.publish('plant/1', 'sensor');
    assert.equal(engine.settle(), false, JSON.stringify(leftOut));
  }
});

test('a broker is asked for the events that its version has', () => {
  const all = sqls().join();
  for (const { from } of RULE_EVENTS) assert.ok(all.includes(`"${from}"`), from);
  const old = sqls({ version: [5, 4, 0] }).join();
  assert.ok(
    old.includes('$events/client_check_authz_complete') && !old.includes('authn') && !old.includes('alarm'),
  );
  assert.ok(
    !sqls({ version: [6, 0, 9] })
      .join()
      .includes('client/ping'),
  );
  assert.ok(
    sqls({ version: [6, 1, 0] })
      .join()
      .includes('client/ping'),
  );
  assert.deepEqual(sqls({ wants: ({ name }) => name === 'client.connected' }), [
    `SELECT * FROM "$events/client_connected" WHERE not (clientid = '${PROBE}')`,
  ]);
  assert.deepEqual(versionOf('e5.8.10-g1'), [5, 8, 10]);
  assert.ok(isSince([5, 10, 0], [5, 8, 5]) && !isSince([5, 8, 4], [5, 8, 5]));
});

test('lines for emqx.conf', () => {
  const definitions = ruleSet({
    ...OPTIONS,
    target: new URL('https://probe/emqx'),
    authorization: 'Bearer x"y',
    ca: '/etc/ca.pem',
    wants: ({ name }) => name === 'client.connected',
  });
  assert.equal(
    hoconOf(definitions),
    `connectors.http.brokertap {
  enable = true
  description = "Made by brokertap: events for the probe"
  url = "https://probe"
  ssl {
    enable = true
    verify = "verify_peer"
    cacertfile = "/etc/ca.pem"
  }
}

actions.http.brokertap {
  enable = true
  description = "Made by brokertap: events for the probe"
  connector = "brokertap"
  parameters {
    method = "post"
    path = "/emqx"
    headers {
      "content-type" = "application/json"
      authorization = """Bearer x"y"""
    }
    body = "\${.}"
  }
  resource_opts {
    request_ttl = "infinity"
    max_buffer_bytes = "256MB"
    query_mode = "async"
  }
}

rule_engine.rules.brokertap_events {
  enable = true
  description = "Made by brokertap: events for the probe"
  sql = """SELECT * FROM "$events/client_connected" WHERE not (clientid = '${PROBE}')"""
  actions = ["http:brokertap"]
}
`,
  );
});
