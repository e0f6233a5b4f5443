import { CATALOGUE } from '../ecs/catalogue.js';
import { kql } from './query/kql.js';
const LAYER = 'layer';
const TABLE_ROWS = 20;
const SPLIT_VALUES = 10;
/** The chart of a panel. */
export function lens(panel) {
    const { chart } = panel;
    const columns = new Map();
    const measures = chart.type === 'number' || chart.type === 'donut' ? [chart.of] : chart.of;
    const splits = chart.type === 'table' ? chart.rows : 'by' in chart && chart.by ? [chart.by] : [];
    const size = chart.type === 'table' ? (chart.size ?? TABLE_ROWS) : SPLIT_VALUES;
    if (chart.type === 'timeline')
        columns.set('time', timeColumn());
    for (const [i, field] of splits.entries())
        columns.set(`by${i}`, termsColumn(field, size));
    const accessors = measures.map((measure, i) => addMeasure(columns, `of${i}`, measure));
    const buckets = [...columns.keys()].filter((id) => id.startsWith('by'));
    return {
        title: panel.title,
        type: 'lens',
        visualizationType: TYPES[chart.type],
        state: {
            datasourceStates: {
                formBased: {
                    layers: {
                        [LAYER]: {
                            columnOrder: [...columns.keys()],
                            columns: Object.fromEntries(columns),
                            incompleteColumns: {},
                        },
                    },
                },
            },
            visualization: visualization(panel, buckets, accessors),
            query: query(panel.where),
            filters: [],
            internalReferences: [],
            adHocDataViews: {},
        },
        references: [{ type: 'index-pattern', id: panel.view, name: `indexpattern-datasource-layer-${LAYER}` }],
    };
}
const TYPES = {
    number: 'lnsMetric',
    timeline: 'lnsXY',
    donut: 'lnsPie',
    table: 'lnsDatatable',
};
/** A query as Kibana stores it. */
export function query(where) {
    return { language: 'kuery', query: where === undefined ? '' : kql(where) };
}
function visualization({ chart }, buckets, accessors) {
    const layer = { layerId: LAYER, layerType: 'data' };
    switch (chart.type) {
        case 'number':
            return { ...layer, metricAccessor: accessors[0] };
        case 'table':
            return { ...layer, columns: [...buckets, ...accessors].map((columnId) => ({ columnId })) };
        case 'donut':
            return {
                shape: 'donut',
                layers: [
                    {
                        ...layer,
                        primaryGroups: buckets,
                        metrics: accessors,
                        numberDisplay: 'value',
                        categoryDisplay: 'default',
                        legendDisplay: 'default',
                    },
                ],
            };
        case 'timeline':
            return {
                preferredSeriesType: chart.style,
                legend: { isVisible: true, position: 'right' },
                valueLabels: 'hide',
                fittingFunction: 'None',
                layers: [
                    {
                        ...layer,
                        seriesType: chart.style,
                        xAccessor: 'time',
                        accessors,
                        ...(buckets[0] && { splitAccessor: buckets[0] }),
                    },
                ],
            };
    }
}
function timeColumn() {
    return {
        operationType: 'date_histogram',
        dataType: 'date',
        isBucketed: true,
        scale: 'interval',
        label: '@timestamp',
        sourceField: '@timestamp',
        params: { interval: 'auto', includeEmptyRows: true, dropPartials: false },
    };
}
function termsColumn(field, size) {
    const { type } = CATALOGUE[field];
    return {
        operationType: 'terms',
        dataType: type === 'keyword' ? 'string' : type === 'ip' || type === 'boolean' ? type : 'number',
        isBucketed: true,
        scale: 'ordinal',
        label: field,
        customLabel: true,
        sourceField: field,
        params: {
            size,
            orderBy: { type: 'column', columnId: 'of0' },
            orderDirection: 'desc',
            otherBucket: false,
            missingBucket: false,
            parentFormat: { id: 'terms' },
        },
    };
}
/** @returns the column that shows the measure */
function addMeasure(columns, id, measure) {
    const base = {
        dataType: 'number',
        isBucketed: false,
        scale: 'ratio',
        label: measure.label,
        customLabel: true,
        ...(measure.where && { filter: query(measure.where) }),
    };
    switch (measure.kind) {
        case 'count':
            columns.set(id, { ...base, operationType: 'count', sourceField: '___records___' });
            break;
        case 'unique':
            columns.set(id, { ...base, operationType: 'unique_count', sourceField: measure.field });
            break;
        default:
            columns.set(id, { ...base, operationType: measure.kind, sourceField: measure.field });
    }
    return id;
}
