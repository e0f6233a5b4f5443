import path from 'node:path';
import { Probe } from '../../src/app/probe.ts';
import { parseConfig } from '../../src/config/load.ts';
import type { Logger } from '../../src/core/log.ts';
import type { ClusterOptions } from '../../src/outputs/elasticsearch/client.ts';
import { Cluster } from '../../src/outputs/elasticsearch/cluster.ts';
import { type ElasticsearchOptions, ElasticsearchOutput } from '../../src/outputs/elasticsearch/output.ts';
import { registry } from '../../src/registry.ts';
import type { OutputStatus } from '../../src/telemetry/status.ts';
import { silentLog } from './in-process.ts';

/** What differs from a plain cluster at one address. */
export interface SearchSettings {
  readonly cluster?: Partial<ClusterOptions>;
  readonly output?: Partial<ElasticsearchOptions>;
  /** Further keys of the top level of the configuration. */
  readonly more?: string;
  readonly log?: Logger;
}

/** An output that tries again quickly. */
export function searchOutput(
  url: string,
  { cluster = {}, output = {} }: SearchSettings,
): ElasticsearchOutput {
  return new ElasticsearchOutput(
    new Cluster({
      nodes: [url],
      cloudId: undefined,
      apiKeyFile: undefined,
      user: undefined,
      passwordFile: undefined,
      tls: {},
      proxy: undefined,
      gzip: false,
      timeoutMs: 10_000,
      ...cluster,
    }),
    {
      flavor: 'auto',
      batch: { events: 500, bytes: 1024 * 1024, delayMs: 20 },
      concurrency: 2,
      backoff: { minMs: 5, maxMs: 50 },
      ...output,
    },
  );
}

/** A probe in this process that reads a log file and sends to a search server. */
export async function startSearchProbe(
  directory: string,
  file: string,
  url: string,
  settings: SearchSettings = {},
): Promise<{ probe: Probe; stop: () => Promise<void>; balance: () => OutputStatus }> {
  const text = `state: ${path.join(directory, 'state')}\nsave: 50ms\ntelemetry: {listen: "off"}\n${settings.more ?? ''}\noutputs: {none: {type: stdout}}\ninputs: {log: {type: file, broker: mosquitto, paths: "${file}"}}\n`;
  const config = { ...parseConfig(text, 'test', {}, registry), outputs: {} };
  const output = searchOutput(url, settings);
  const probe = await Probe.start(config, settings.log ?? silentLog, [
    { name: 'search', type: 'elasticsearch', output },
  ]);
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    await probe.stop();
  };
  return { probe, stop, balance: () => probe.status().outputs[0] as OutputStatus };
}
