import { DATASETS } from '../../ecs/actions.ts';
import { QUESTIONS } from '../../questions/index.ts';
import type { Question } from '../../questions/question.ts';
import { at } from '../answer.ts';
import type { Asset } from '../asset.ts';
import { retentionDays } from '../retention.ts';
import type { Plan, SetupOptions, Skipped } from '../target.ts';
import { type Abilities, missing } from './abilities.ts';
import { Names } from './names.ts';
import { ingestPipeline } from './pipeline.ts';
import { ilmPolicy, ismPolicy } from './policies.ts';
import { searchTemplate } from './search-template.ts';
import { storedAsset } from './stored.ts';
import { renewStreams } from './streams.ts';
import { type Keeping, type Named, sharedSettings, streamTemplates } from './templates.ts';

const IN_USE = 'data streams still use it: delete them first, with their events, or leave it';

/** What is installed on a search server that can do so much. @param server its words for people */
export function searchPlan(options: SetupOptions, abilities: Abilities, server: string | undefined): Plan {
  const names = new Names(options.namespace);
  const by = keepingBy(options, abilities);
  const keeping = (dataset: string): Keeping => ({
    days: retentionDays(dataset.replace(/^mqtt\./, ''), options.retention),
    by,
  });
  const streams = DATASETS.map((dataset) => ({
    pattern: names.streams(dataset),
    keeping: keeping(dataset),
    policy: names.policy(dataset),
    ...streamTemplates(dataset, names, abilities, keeping(dataset)),
  }));
  const skipped: Skipped[] = missing(abilities);
  if (options.ilm && !abilities.ilm) skipped.push({ what: 'ILM policies', why: 'this server has no ILM' });
  return {
    server,
    skipped,
    assets: [
      ...(by === 'ilm' ? streams.map(({ policy, keeping: { days } }) => ilm(policy, days)) : []),
      ...(abilities.set ? [pipeline(names, abilities)] : []),
      component(sharedSettings(names, abilities)),
      ...streams.flatMap(({ components }) => components.map(component)),
      ...streams.map(({ index, pattern, keeping: kept }) => indexTemplate(index, pattern, abilities, kept)),
      ...(abilities.ism
        ? streams.map(({ policy, pattern, keeping: { days } }) => ism(policy, pattern, days, names.priority))
        : []),
      ...(abilities.searchTemplates && options.namespace === undefined ? QUESTIONS.map(question) : []),
    ],
  };
}

/** A server without ILM is given data stream lifecycles, where it has those. */
function keepingBy(options: SetupOptions, { lifecycle, ilm: hasIlm }: Abilities): Keeping['by'] {
  if (hasIlm && options.ilm) return 'ilm';
  return lifecycle ? 'lifecycle' : 'nothing';
}

function ilm(name: string, days: number): Asset {
  return storedAsset({
    kind: 'lifecycle-policies',
    name,
    path: `/_ilm/policy/${name}`,
    body: ilmPolicy(days),
    stored: (answer) => at(answer, name),
    kept: IN_USE,
  });
}

function ism(name: string, pattern: string, days: number, priority: number): Asset {
  return storedAsset({
    kind: 'lifecycle-policies',
    name,
    path: `/_plugins/_ism/policies/${name}`,
    body: ismPolicy(pattern, days, priority),
    stored: (answer) => answer,
    replacing: (answer) =>
      `?if_seq_no=${String(at(answer, '_seq_no'))}&if_primary_term=${String(at(answer, '_primary_term'))}`,
  });
}

function pipeline(names: Names, abilities: Abilities): Asset {
  return storedAsset({
    kind: 'ingest-pipelines',
    name: names.pipeline,
    path: `/_ingest/pipeline/${names.pipeline}`,
    body: ingestPipeline(abilities),
    stored: (answer) => at(answer, names.pipeline),
    kept: IN_USE,
  });
}

function component({ name, body }: Named): Asset {
  return storedAsset({
    kind: 'component-templates',
    name,
    path: `/_component_template/${name}`,
    body,
    stored: (answer) => at(answer, 'component_templates', 0, 'component_template'),
    kept: 'take it out of your own index templates first',
  });
}

function indexTemplate(
  { name, body }: Named,
  pattern: string,
  abilities: Abilities,
  keeping: Keeping,
): Asset {
  return storedAsset({
    kind: 'index-templates',
    name,
    path: `/_index_template/${name}`,
    body,
    stored: (answer) => at(answer, 'index_templates', 0, 'index_template'),
    after: (server, signal) => renewStreams(pattern, abilities, keeping, server, signal),
    kept: IN_USE,
  });
}

function question(asked: Question): Asset {
  const source = searchTemplate(asked);
  return storedAsset({
    kind: 'search-templates',
    name: `mqtt-${asked.name}`,
    path: `/_scripts/mqtt-${asked.name}`,
    body: { script: { lang: 'mustache', source } },
    stored: (answer) => answer,
  });
}
