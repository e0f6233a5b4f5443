import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { parser } from '@prometheus-io/lezer-promql';
import { elasticsearchDashboard } from '../../../src/grafana/elasticsearch.ts';
import { prometheusDashboard } from '../../../src/grafana/prometheus.ts';
import { DASHBOARDS } from '../../../src/kibana/dashboards/index.ts';
import { Metrics } from '../../../src/telemetry/metrics.ts';
import type { Status } from '../../../src/telemetry/status.ts';
import { assertField } from '../../support/kibana/fields.ts';

interface Stored {
  readonly uid: string;
  readonly title: string;
  readonly templating: { readonly list: readonly { readonly name: string; readonly type: string }[] };
  readonly panels: readonly {
    readonly id: number;
    readonly gridPos: { x: number; y: number; w: number; h: number };
    readonly datasource: { uid: string; type: string };
    readonly targets: readonly {
      readonly refId: string;
      readonly expr?: string;
      readonly metrics?: readonly { id: string; type: string; field?: string }[];
      readonly bucketAggs?: readonly {
        id: string;
        type: string;
        field?: string;
        settings: { orderBy?: string };
      }[];
    }[];
  }[];
}

const prometheus = prometheusDashboard() as Stored;
const elastic = DASHBOARDS.map((dashboard) => elasticsearchDashboard(dashboard) as Stored);

describe('Grafana dashboards', () => {
  it('have ids of their own, panels that do not overlap, and a source that can be chosen', () => {
    const all = [prometheus, ...elastic];
    assert.equal(new Set(all.map(({ uid }) => uid)).size, all.length);
    for (const { uid, panels, templating } of all) {
      assert.ok(uid.length <= 40, uid);
      const [source] = templating.list;
      assert.deepEqual([source?.name, source?.type], ['datasource', 'datasource']);
      const taken = new Set<string>();
      assert.equal(new Set(panels.map(({ id }) => id)).size, panels.length);
      for (const { gridPos, datasource, targets } of panels) {
        assert.equal(datasource.uid, '${datasource}');
        assert.equal(new Set(targets.map(({ refId }) => refId)).size, targets.length);
        const { x, y, w, h } = gridPos;
        assert.ok(Number.isInteger(x) && Number.isInteger(w) && x + w <= 24, uid);
        for (let column = x; column < x + w; column++)
          for (let row = y; row < y + h; row++) {
            assert.ok(!taken.has(`${column},${row}`), uid);
            taken.add(`${column},${row}`);
          }
      }
    }
  });

  it('PromQL is well formed, and every metric is one that the probe gives', async () => {
    const status: Status = {
      inputs: [],
      outputs: [],
      spool: { bytes: 0, streams: [] },
    } as unknown as Status;
    const metrics = new Metrics(
      () => status,
      () => [],
      () => [],
    );
    const given = new Set(
      [...(await metrics.text()).matchAll(/^# TYPE (\S+) (\w+)$/gm)].flatMap(([, name, type]) =>
        type === 'histogram' ? [`${name}_bucket`, `${name}_sum`, `${name}_count`] : [name],
      ),
    );
    let expressions = 0;
    for (const { targets } of prometheus.panels)
      for (const { expr = '' } of targets) {
        expressions++;
        const text = expr.replaceAll('$__rate_interval', '5m');
        const names: string[] = [];
        parser.parse(text).iterate({
          enter(node) {
            assert.ok(!node.type.isError, `${text} at ${node.from}`);
            if (node.name === 'Identifier') names.push(text.slice(node.from, node.to));
          },
        });
        const metric = names.filter((name) => /^(?:brokertap|process|nodejs)_/.test(name));
        assert.ok(metric.length > 0, text);
        for (const name of metric) assert.ok(given.has(name), `${name} is given by /metrics`);
      }
    assert.ok(expressions > 15);
  });

  it('fields of the Elasticsearch panels are there and fit; what is ordered by exists', () => {
    for (const { panels } of elastic)
      for (const { targets } of panels)
        for (const { metrics = [], bucketAggs = [] } of targets) {
          for (const { type, field } of metrics)
            if (type === 'derivative') assert.ok(metrics.some(({ id }) => id === field));
            else if (field !== undefined)
              assertField(field, undefined, type === 'cardinality' ? 'term' : 'number');
          for (const { type, field, settings } of bucketAggs) {
            if (type !== 'filters') assertField(String(field), undefined, 'term');
            if (settings.orderBy) assert.ok(metrics.some(({ id }) => id === settings.orderBy));
          }
        }
  });
});
