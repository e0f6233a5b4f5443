import { streamType } from '../../ecs/actions.js';
import { CATALOGUE } from '../../ecs/catalogue.js';
/**
 * Most characters of a searchable keyword. Lucene refuses terms above 32,766 bytes, and a character has at most 4; what
 * is longer stays in the document.
 */
const IGNORE_ABOVE = 8191;
/** Fields of a dataset, by full name. @param dataset with `mqtt.` */
export function fieldsOf(dataset) {
    const all = Object.entries(CATALOGUE);
    return Object.fromEntries(all.filter(([, { datasets }]) => datasets?.includes(dataset) ?? true));
}
/** Mappings of a data stream: every field of its dataset, and nothing else becomes one unless the server has ECS rules. */
export function mappingsOf(dataset, abilities) {
    const properties = {};
    for (const [name, field] of Object.entries(fieldsOf(dataset)))
        insert(properties, name.split('.'), parameters(name, field, dataset, abilities));
    return {
        ...(!abilities.ecsMappings && { dynamic: false }),
        dynamic_templates: [
            { labels: { path_match: 'labels.*', mapping: { type: 'keyword', ignore_above: IGNORE_ABOVE } } },
        ],
        properties,
    };
}
/** The fields that tell time series apart. */
export function dimensionsOf(dataset) {
    return Object.entries(fieldsOf(dataset)).flatMap(([name, { dimension }]) => dimension === true ? [name] : []);
}
function parameters(name, field, dataset, abilities) {
    const inSeries = abilities.timeSeries && streamType(dataset) === 'metrics';
    switch (field.type) {
        case 'keyword':
            if (field.unindexed === true)
                return { type: 'keyword', index: false, doc_values: false };
            if (inSeries && field.dimension === true)
                return { type: 'keyword', time_series_dimension: true };
            return { type: 'keyword', ignore_above: IGNORE_ABOVE };
        case 'constant_keyword':
            return constant(name, dataset, abilities);
        case 'flattened':
            return abilities.product === 'opensearch'
                ? { type: 'flat_object' }
                : { type: 'flattened', ignore_above: IGNORE_ABOVE };
        case 'labels':
            return { type: 'object', dynamic: true };
        default:
            return {
                type: field.type,
                ...(inSeries && field.metric !== undefined && { time_series_metric: field.metric }),
            };
    }
}
/** OpenSearch wants the value of a constant_keyword in the mapping, and a namespace is known to the events only. */
function constant(name, dataset, { product }) {
    const values = { 'data_stream.type': streamType(dataset), 'data_stream.dataset': dataset };
    if (values[name] !== undefined)
        return { type: 'constant_keyword', value: values[name] };
    return product === 'opensearch'
        ? { type: 'keyword', ignore_above: IGNORE_ABOVE }
        : { type: 'constant_keyword' };
}
function insert(tree, path, leaf) {
    const [key = '', ...rest] = path;
    if (rest.length === 0) {
        tree[key] = leaf;
        return;
    }
    tree[key] ??= { properties: {} };
    insert(tree[key].properties, rest, leaf);
}
