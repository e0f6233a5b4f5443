/** A panel as Grafana stores it. */
export interface GrafanaPanel {
  readonly id: number;
  readonly type: 'stat' | 'timeseries' | 'piechart' | 'table' | 'logs';
  readonly title: string;
  readonly description: string;
  readonly datasource: Datasource;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly object[];
  readonly options: object;
  readonly fieldConfig: { readonly defaults: object; readonly overrides: readonly object[] };
  readonly transformations?: readonly object[];
  /** Shortest moment. */
  readonly interval?: string;
}

/** The source that the user chooses at import or on the dashboard. */
export interface Datasource {
  readonly type: 'prometheus' | 'elasticsearch';
  readonly uid: '${datasource}';
}

/** A dashboard as Grafana exports and imports it: schema 39, of Grafana 10.4 and later. */
export function grafanaDashboard(
  uid: string,
  title: string,
  description: string,
  type: Datasource['type'],
  panels: readonly GrafanaPanel[],
  variables: readonly object[],
): object {
  return {
    uid,
    title,
    description,
    tags: ['mqtt', 'brokertap'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    graphTooltip: 1,
    time: { from: 'now-24h', to: 'now' },
    refresh: '1m',
    templating: {
      list: [
        { name: 'datasource', label: 'Source', type: 'datasource', query: type, hide: 0, refresh: 1 },
        ...variables,
      ],
    },
    links: [{ type: 'dashboards', title: 'MQTT', tags: ['mqtt'], asDropdown: true, keepTime: true }],
    annotations: { list: [] },
    panels,
  };
}
