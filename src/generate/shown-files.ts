import { elasticsearchDashboard } from '../grafana/elasticsearch.ts';
import { prometheusDashboard } from '../grafana/prometheus.ts';
import { DASHBOARDS } from '../kibana/dashboards/index.ts';
import { esqlQuery } from '../kibana/questions/esql-query.ts';
import { QUESTIONS } from '../questions/index.ts';
import { kibanaPages } from './kibana-pages.ts';

/** Queries, Grafana's dashboards and pages of documentation: what is committed and not installed, by its path. */
export function shownFiles(): Readonly<Record<string, string>> {
  const json = (value: object): string => `${JSON.stringify(value, null, 2)}\n`;
  return {
    ...Object.fromEntries(
      QUESTIONS.map((question) => [`kibana/queries/${question.name}.esql`, esqlQuery(question, '*')]),
    ),
    'grafana/probes.json': json(prometheusDashboard()),
    ...Object.fromEntries(
      DASHBOARDS.map((dashboard) => [
        `grafana/${dashboard.id}.json`,
        json(elasticsearchDashboard(dashboard)),
      ]),
    ),
    ...kibanaPages(),
  };
}
