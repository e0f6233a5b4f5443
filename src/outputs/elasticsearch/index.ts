import type { Output } from '../../core/output.ts';
import { Cluster } from './cluster.ts';
import type { ElasticsearchConfig } from './config.ts';
import { ElasticsearchOutput } from './output.ts';
import { proxyFor } from './proxy.ts';

/** Longest wait for an answer: a busy server takes its time, and an answer that is given up makes duplicates. */
const TIMEOUT_MS = 90_000;

/**
 * Elasticsearch and OpenSearch by the bulk API. The way of a batch:
 *
 * 1. `output.ts`: its events are copied into bulks (`bulk.ts`); a ticket counts what becomes of them (`ticket.ts`).
 * 2. `courier.ts`: a bulk travels until every item has its end. `answer.ts` reads what the server says of each, `outcome.ts`
 *    brings it back to the tickets.
 *
 * `cluster.ts` makes the requests, with what `client.ts` makes of the settings; `server.ts` knows what stands at the other end.
 */
export function create(config: ElasticsearchConfig): Output {
  const { nodes, cloud_id: cloudId, user, batch } = config;
  const cluster = new Cluster({
    nodes,
    cloudId,
    user,
    passwordFile: config.password_file,
    apiKeyFile: config.api_key_file,
    tls: config.tls ?? {},
    proxy: config.proxy ?? proxyFor(nodes, process.env),
    gzip: config.gzip,
    timeoutMs: TIMEOUT_MS,
  });
  return new ElasticsearchOutput(cluster, {
    flavor: config.flavor,
    batch: { events: batch.events, bytes: batch.bytes, delayMs: batch.delay },
    concurrency: config.concurrency,
  });
}
