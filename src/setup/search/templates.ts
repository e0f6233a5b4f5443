import { createHash } from 'node:crypto';
import { streamType } from '../../ecs/actions.ts';
import type { Abilities } from './abilities.ts';
import { dimensionsOf, type Json, mappingsOf } from './mapping.ts';
import type { Names } from './names.ts';

/** A template and what it is called. */
export interface Named {
  readonly name: string;
  readonly body: Json;
}

/** How long events of a dataset are kept, and by what. */
export interface Keeping {
  readonly days: number;
  readonly by: 'lifecycle' | 'ilm' | 'nothing';
}

/** Everything that makes the data streams of one dataset. */
interface StreamTemplates {
  readonly components: readonly Named[];
  readonly index: Named;
}

/** Settings that all data streams share. */
export function sharedSettings(names: Names, { set, product }: Abilities): Named {
  const index = {
    ...(set && { default_pipeline: names.pipeline }),
    // A value that does not fit is left out of the index; the event is kept.
    mapping: { ignore_malformed: 'true', ...(product === 'elasticsearch' && IGNORE_BEYOND) },
  };
  return component(names.component('mqtt', 'settings'), { settings: { index } });
}

/** Rather store a field that others have added without indexing it than refuse the event. */
const IGNORE_BEYOND = { total_fields: { ignore_dynamic_beyond_limit: 'true' } };

/** @param dataset with `mqtt.` */
export function streamTemplates(
  dataset: string,
  names: Names,
  abilities: Abilities,
  keeping: Keeping,
): StreamTemplates {
  const mappings = component(names.component(dataset, 'mappings'), {
    mappings: mappingsOf(dataset, abilities),
  });
  const lifecycle = lifecycleOf(dataset, names, keeping);
  const shared = sharedSettings(names, abilities);
  const custom = abilities.customComponents ? ['mqtt@custom', `${dataset}@custom`] : [];
  const own = [shared.name, mappings.name, ...(lifecycle === undefined ? [] : [lifecycle.name])];
  const rest = {
    index_patterns: [names.streams(dataset)],
    priority: names.priority,
    data_stream: {},
    composed_of: [...own, ...custom, ...(abilities.ecsMappings ? ['ecs@mappings'] : [])],
    ...(custom.length > 0 && { ignore_missing_component_templates: custom }),
    template: {
      settings: { index: modeOf(dataset, abilities) },
      ...(abilities.failureStore && { data_stream_options: { failure_store: { enabled: true } } }),
    },
  };
  const components = [mappings, ...(lifecycle === undefined ? [] : [lifecycle])];
  // What it is composed of counts too: data streams take over a change only when they roll over.
  const meta = metaOf(`MQTT events, ${dataset}`, [shared, ...components, rest]);
  return { components, index: { name: names.indexTemplate(dataset), body: { ...rest, _meta: meta } } };
}

function modeOf(dataset: string, { logsdb, timeSeries }: Abilities): Json {
  if (streamType(dataset) === 'metrics' && timeSeries)
    return { mode: 'time_series', routing_path: dimensionsOf(dataset) };
  return logsdb && streamType(dataset) === 'logs' ? { mode: 'logsdb' } : { codec: 'best_compression' };
}

function lifecycleOf(dataset: string, names: Names, { days, by }: Keeping): Named | undefined {
  const name = names.component(dataset, 'lifecycle');
  if (by === 'lifecycle') return component(name, { lifecycle: { data_retention: `${days}d` } });
  if (by === 'nothing') return undefined;
  return component(name, { settings: { index: { lifecycle: { name: names.policy(dataset) } } } });
}

function component(name: string, template: Json): Named {
  return { name, body: { template, _meta: metaOf(`MQTT events of brokertap, ${name}`, template) } };
}

/** The fingerprint tells whether what is on a server was made by this version. */
function metaOf(description: string, content: unknown): Json {
  const fingerprint = createHash('sha256').update(JSON.stringify(content)).digest('hex').slice(0, 16);
  return { description, managed_by: 'brokertap', fingerprint };
}
