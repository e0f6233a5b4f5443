/** A dashboard as Grafana exports and imports it: schema 39, of Grafana 10.4 and later. */
export function grafanaDashboard(uid, title, description, type, panels, variables) {
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
