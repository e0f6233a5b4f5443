import { elasticsearchDashboard } from '../grafana/elasticsearch.js';
import { prometheusDashboard } from '../grafana/prometheus.js';
import { DASHBOARDS } from './dashboards/index.js';
import { kibanaPages } from './docs.js';
import { esqlQuery } from './questions/esql-query.js';
import { QUESTIONS } from './questions/index.js';
/** Queries, Grafana's dashboards and pages of documentation: what is committed and not installed, by its path. */
export function shownFiles() {
    const json = (value) => `${JSON.stringify(value, null, 2)}\n`;
    return {
        ...Object.fromEntries(QUESTIONS.map((question) => [`kibana/queries/${question.id}.esql`, esqlQuery(question, '*')])),
        'grafana/probes.json': json(prometheusDashboard()),
        ...Object.fromEntries(DASHBOARDS.map((dashboard) => [
            `grafana/${dashboard.id}.json`,
            json(elasticsearchDashboard(dashboard)),
        ])),
        ...kibanaPages(),
    };
}
