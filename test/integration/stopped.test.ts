import { writeFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Probe } from '../../src/app/probe.ts';
import { parseConfig } from '../../src/config/load.ts';
import { registry } from '../../src/registry.ts';
import { fileInput, silentLog } from '../support/in-process.ts';
import { tempDir } from '../support/temp.ts';
import { until } from '../support/wait.ts';

const OUTPUTS = {
  'that takes events': '{type: file, path: DIRECTORY/out.ndjson}',
  'of tcp that is not there': '{type: logstash, hosts: "127.0.0.1:1"}',
  'of lumberjack that is not there': '{type: logstash, protocol: lumberjack, hosts: "127.0.0.1:1"}',
  'of http that is not there': '{type: logstash, protocol: http, hosts: "127.0.0.1:1"}',
  'of a search server that is not there': '{type: elasticsearch, nodes: "http://127.0.0.1:1"}',
};

describe('a probe that has stopped leaves nothing in memory, though its metrics were asked for', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  for (const [name, settings] of Object.entries(OUTPUTS))
    it(`with an output ${name}`, async (t) => {
      const directory = tempDir(t);
      writeFileSync(`${directory}/a.log`, '1700000000: a line\n');
      const text = `state: ${directory}/state
telemetry: {listen: "127.0.0.1:0"}
${fileInput(`${directory}/*.log`)}
outputs: {out: ${settings.replace('DIRECTORY', directory)}}`;
      const config = parseConfig(text, 'test', {}, registry);
      const ran = async (): Promise<WeakRef<object>> => {
        const probe = await Probe.start(config, silentLog);
        await until(
          () => probe.status().inputs[0]?.sources === 1,
          () => JSON.stringify(probe.status()),
        );
        await (await fetch(`http://${probe.address}/metrics`)).text();
        await probe.stop();
        return new WeakRef(probe);
      };
      const probes = [await ran(), await ran()];
      await until(
        () => {
          collect();
          // The last one may be held by what is going on.
          return probes[0]?.deref() === undefined;
        },
        () => 'it is in memory',
        5000,
      );
    });
});
