import { CLIENT_LABELS, CLIENT_SERIES } from '../inputs/emqx-api/series.ts';
import { DELIVERY, METRICS } from '../telemetry/metrics.ts';
import { table } from './markdown.ts';

/** The metrics as the page `docs/metrics.md`. */
export function metricsPage(): string {
  const rows = [...METRICS, { ...DELIVERY, type: 'histogram' }].map(({ name, type, labelNames, help }) => [
    `\`${name}\``,
    type,
    labelNames.map((label) => `\`${label}\``).join(', '),
    help,
  ]);
  const clients = CLIENT_SERIES.map(({ name, type, help }) => [`\`${name}\``, type, help]);
  return [
    '# Metrics\n\nGenerated from the code by `npm run generate`.\n',
    "`/metrics` on `telemetry.listen` (`127.0.0.1:9641`) is Prometheus's text format. What became of events (`_delivered_`, `_duplicates_`, `_filtered_`, `_dropped_`, `_dead_`) is counted over restarts, the other counters begin anew with the probe. To scrape it from another machine:\n",
    '```yaml\ntelemetry: { listen: "0.0.0.0:9641", hosts: probe-a }    # of the probe; there is neither TLS nor a password\n```\n',
    '```yaml\n# prometheus.yml\nscrape_configs:\n  - job_name: brokertap\n    static_configs: [{ targets: ["probe-a:9641"] }]\n```\n',
    'A request has to name the probe by an IP address, as `localhost`, or by a name of `telemetry.hosts`; any other `Host` is answered with 403, so that no page in a browser gets at it by a name of its own. A board for Grafana: [`grafana/probes.json`](../grafana/probes.json).\n',
    table(['metric', 'type', 'labels', 'meaning'], rows),
    '`input` and `output` are names of the configuration, `dataset` is `event.dataset`. `process_*` and `nodejs_*` are about the process: memory, CPU, event loop.\n',
    '## Clients of EMQX\n',
    `Those that [\`prometheus\`](emqx-api.md) of an input \`emqx-api\` names, with the labels ${CLIENT_LABELS.map((label) => `\`${label}\``).join(', ')}; with \`privacy\` none.\n`,
    table(['metric', 'type', 'meaning'], clients),
  ].join('\n');
}
