import { moduleObjects, savedObjects } from '../../kibana/content.js';
import { indexPattern } from '../../kibana/data-views.js';
import { JOBS } from '../../kibana/jobs/index.js';
import { MODULE_ID } from '../../kibana/jobs/job.js';
import { RULES } from '../../kibana/rules/index.js';
import { transforms } from '../../kibana/transforms.js';
import { identifyKibana, OLDEST } from './identity.js';
import { calendarAsset, jobsAsset } from './machine-learning.js';
import { ruleAsset } from './rule-asset.js';
import { savedObjectsAsset } from './saved-objects-asset.js';
import { KibanaServer } from './server.js';
import { transformAsset } from './transform-asset.js';
/** What each type of saved object is called, in the order in which they need each other. */
const KINDS = [
    ['tag', 'tags'],
    ['index-pattern', 'data-views'],
    ['search', 'searches'],
    ['dashboard', 'dashboards'],
];
/** Everything for one Kibana, or for one that can do what the oldest can. */
export function kibanaPlan(options, identity) {
    const namespace = options.namespace ?? '*';
    const objects = savedObjects(namespace);
    const assets = KINDS.map(([type, kind]) => savedObjectsAsset(kind, `mqtt-${kind}`, objects.filter((object) => object.type === type)));
    assets.push(...RULES.map((rule) => ruleAsset(rule, namespace, identity)));
    assets.push(...Object.entries(transforms(namespace)).map(([id, body]) => transformAsset(id, body, options.start)));
    const words = identity === OLDEST ? undefined : identity.words;
    const { noMachineLearning } = identity;
    if (noMachineLearning !== undefined)
        return { server: words, assets, skipped: [{ what: `ml-jobs ${MODULE_ID}`, why: noMachineLearning }] };
    assets.push(savedObjectsAsset('ml-modules', MODULE_ID, moduleObjects(namespace)), jobsAsset(JOBS, indexPattern('mqtt-logs', namespace), namespace, options.start), calendarAsset(JOBS));
    return { server: words, assets, skipped: [] };
}
export const target = {
    connect: (connection) => new KibanaServer(connection),
    async plan(options, server, signal) {
        return kibanaPlan(options, server === undefined ? OLDEST : await identifyKibana(server, signal));
    },
};
