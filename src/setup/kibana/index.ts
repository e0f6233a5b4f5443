import { moduleObjects, savedObjects } from '../../kibana/content.ts';
import { indexPattern } from '../../kibana/data-views.ts';
import { JOBS } from '../../kibana/jobs/index.ts';
import { MODULE_ID } from '../../kibana/jobs/job.ts';
import { RULES } from '../../kibana/rules/index.ts';
import type { SavedObject } from '../../kibana/saved-object.ts';
import { transforms } from '../../kibana/transforms.ts';
import type { Asset } from '../asset.ts';
import type { Plan, SetupOptions, Target } from '../target.ts';
import { identifyKibana, type KibanaIdentity, OLDEST } from './identity.ts';
import { calendarAsset, jobsAsset } from './machine-learning.ts';
import { ruleAsset } from './rule-asset.ts';
import { savedObjectsAsset } from './saved-objects-asset.ts';
import { KibanaServer } from './server.ts';
import { transformAsset } from './transform-asset.ts';

/** What each type of saved object is called, in the order in which they need each other. */
const KINDS: readonly (readonly [SavedObject['type'], string])[] = [
  ['tag', 'tags'],
  ['index-pattern', 'data-views'],
  ['search', 'searches'],
  ['dashboard', 'dashboards'],
];

/** Everything for one Kibana, or for one that can do what the oldest can. */
export function kibanaPlan(options: SetupOptions, identity: KibanaIdentity): Plan {
  const namespace = options.namespace ?? '*';
  const objects = savedObjects(namespace);
  const assets: Asset[] = KINDS.map(([type, kind]) =>
    savedObjectsAsset(
      kind,
      `mqtt-${kind}`,
      objects.filter((object) => object.type === type),
    ),
  );
  assets.push(...RULES.map((rule) => ruleAsset(rule, namespace, identity)));
  assets.push(
    ...Object.entries(transforms(namespace)).map(([id, body]) => transformAsset(id, body, options.start)),
  );
  const words = identity === OLDEST ? undefined : identity.words;
  const { noMachineLearning } = identity;
  if (noMachineLearning !== undefined)
    return { server: words, assets, skipped: [{ what: `ml-jobs ${MODULE_ID}`, why: noMachineLearning }] };
  assets.push(
    savedObjectsAsset('ml-modules', MODULE_ID, moduleObjects(namespace)),
    jobsAsset(JOBS, indexPattern('mqtt-logs', namespace), namespace, options.start),
    calendarAsset(JOBS),
  );
  return { server: words, assets, skipped: [] };
}

export const target: Target = {
  connect: (connection) => new KibanaServer(connection),
  async plan(options, server, signal) {
    return kibanaPlan(options, server === undefined ? OLDEST : await identifyKibana(server, signal));
  },
};
