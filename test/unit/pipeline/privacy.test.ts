import assert from 'node:assert/strict';
import { isIPv6 } from 'node:net';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { CATALOGUE, type FieldName } from '../../../src/ecs/catalogue.ts';
import { defineKind } from '../../../src/ecs/kind.ts';
import { Privacy, truncated } from '../../../src/pipeline/normalizer/privacy.ts';

const key = Buffer.from('k'.repeat(32));
const all = { clientId: true, user: true, topic: true, ip: true, key };
const KIND = defineKind({
  code: 'test.kind',
  action: 'client-connected',
  slots: ['mqtt.client.id', 'source.ip', 'user.name', 'related.ip', 'mqtt.keep_alive', 'error.message'],
});

/**
 * Fields, and rooms of fields, whose words are the probe's, the broker's or the protocol's; payloads have settings of their own.
 * Every other text of the catalogue may hold what a client has chosen.
 */
const OURS = [
  ...['message', 'tags', 'ecs', 'data_stream', 'event', 'log', 'container', 'agent', 'host', 'service'],
  ...['destination', 'network', 'tls.version', 'tls.version_protocol', 'tls.cipher', 'tls.client.issuer'],
  ...['error.code', 'error.type', 'http', 'url', 'source.geo', 'mqtt.client.state', 'mqtt.client.changes'],
  ...['mqtt.connection', 'mqtt.protocol_version', 'mqtt.transport', 'mqtt.listener', 'mqtt.packet'],
  ...['mqtt.message', 'mqtt.auth.backend', 'mqtt.acl', 'mqtt.drop', 'mqtt.correlation', 'mqtt.log.tag'],
  ...['mqtt.throttled', 'mqtt.payload', 'mqtt.alarm.state', 'mqtt.audit.interface', 'mqtt.audit.operation'],
  ...['mqtt.sys', 'mqtt.probe'],
];
const isOurs = (name: string): boolean => OURS.some((ours) => name === ours || name.startsWith(`${ours}.`));

describe('privacy', () => {
  it('names become digests of one secret, addresses lose their last part, free text is left out', () => {
    const privacy = new Privacy(all);
    const shown = privacy.values(KIND, ['dev-1', '10.1.2.3', 'ann', ['10.1.2.3'], 60, 'no such user: ann']);
    assert.match(String(shown[0]), /^[0-9a-f]{32}$/);
    assert.deepEqual(shown.slice(1, 2), ['10.1.2.0']);
    assert.match(String(shown[2]), /^[0-9a-f]{32}$/);
    assert.deepEqual(shown.slice(3), [['10.1.2.0'], 60, undefined]);
    assert.equal(
      privacy.message(KIND, shown),
      `client-connected mqtt.client.id=${shown[0]} user.name=${shown[2]} source.ip=10.1.2.0`,
    );
    assert.deepEqual(privacy.values(KIND, ['dev-1'])[0], shown[0]);
    const other = new Privacy({ ...all, key: Buffer.from('o'.repeat(32)) });
    assert.notEqual(other.values(KIND, ['dev-1'])[0], shown[0]);
  });

  it('takes little memory, however long the names are', () => {
    setFlagsFromString('--expose-gc');
    const collect = runInNewContext('gc') as () => void;
    const used = (): number => {
      collect();
      return process.memoryUsage().heapUsed / 2 ** 20;
    };
    const privacy = new Privacy(all);
    const name = (n: number): string => Buffer.alloc(60_000, `${n} `).toString('latin1');
    const before = used();
    for (let n = 1; n <= 2000; n++) privacy.digest(name(n));
    const grown = used() - before;
    assert.ok(grown < 20, `${grown.toFixed()} MiB`);
    assert.equal(privacy.digest(name(7)), privacy.digest(name(7)));
  });

  it('hides only what it is told to', () => {
    const privacy = new Privacy({ ...all, clientId: false, user: false });
    assert.deepEqual(privacy.values(KIND, ['dev-1', '10.1.2.3', 'ann']), ['dev-1', '10.1.2.0', 'ann']);
  });

  it('an address is cut to its network', () => {
    assert.equal(truncated('192.168.17.255'), '192.168.17.0');
    assert.equal(truncated('2001:db8:17:4::1'), '2001:db8:17::');
    assert.equal(truncated('::1'), '0:0:0::');
    assert.equal(truncated('::ffff:10.0.0.1'), '0:0:0::');
    assert.equal(truncated('/run/mqtt.sock'), undefined);
    fc.assert(
      fc.property(fc.ipV6(), (address) => {
        const network = truncated(address);
        assert.ok(network !== undefined && isIPv6(network), `${address}: ${network}`);
        assert.match(network, /^[0-9a-f]{1,4}:[0-9a-f]{1,4}:[0-9a-f]{1,4}::$/);
      }),
    );
  });

  it('no field with a client’s words stays as it is', () => {
    const slots = (Object.keys(CATALOGUE) as FieldName[]).filter(
      (name) =>
        ['keyword', 'match_only_text', 'flattened', 'labels', 'ip'].includes(CATALOGUE[name].type) &&
        !isOurs(name),
    );
    const kind = defineKind({ code: 'test.wide', action: 'broker-log', slots });
    const shown = new Privacy(all).values(
      kind,
      slots.map(() => 'secret-name'),
    );
    const told = slots.filter((_, i) => JSON.stringify(shown[i])?.includes('secret-name'));
    assert.deepEqual(told, []);
  });
});
