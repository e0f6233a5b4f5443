import { Cluster } from './cluster.js';
import { ElasticsearchOutput } from './output.js';
import { proxyFor } from './proxy.js';
/** Longest wait for an answer: a busy server takes its time, and an answer that is given up makes duplicates. */
const TIMEOUT_MS = 90_000;
export function create(config) {
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
