import { EVERYTHING as ELASTICSEARCH } from '../setup/elasticsearch/index.ts';
import { exportedFiles } from '../setup/export.ts';
import { OLDEST } from '../setup/kibana/identity.ts';
import { kibanaPlan } from '../setup/kibana/index.ts';
import { EVERYTHING as OPENSEARCH } from '../setup/opensearch/index.ts';
import type { Abilities } from '../setup/search/abilities.ts';
import { searchPlan } from '../setup/search/plan.ts';

/** Folders of the repository that hold nothing else than what `setupFiles` gives. */
export const SETUP_FOLDERS = [
  'pipelines/elasticsearch',
  'pipelines/elasticsearch-ilm',
  'pipelines/opensearch',
  'kibana',
] as const;

/** What setup installs where nothing is chosen, as files for people who install it by other means: text by path. */
export function setupFiles(): Readonly<Record<string, string>> {
  const elasticsearch = files('pipelines/elasticsearch', ELASTICSEARCH, false);
  const opensearch = files('pipelines/opensearch', OPENSEARCH, false);
  // Of the other variant only what differs.
  const ilm = Object.entries(files('pipelines/elasticsearch-ilm', ELASTICSEARCH, true)).filter(
    ([name, text]) => elasticsearch[name.replace('elasticsearch-ilm', 'elasticsearch')] !== text,
  );
  const { assets } = kibanaPlan({ namespace: undefined, retention: {}, ilm: false, start: false }, OLDEST);
  const kibana = Object.entries(exportedFiles(assets)).map(([name, text]) => [`kibana/${name}`, text]);
  return { ...elasticsearch, ...Object.fromEntries(ilm), ...opensearch, ...Object.fromEntries(kibana) };
}

function files(folder: string, abilities: Abilities, ilm: boolean): Record<string, string> {
  const options = { namespace: undefined, retention: {}, ilm, start: false };
  const { assets } = searchPlan(options, abilities, undefined);
  return Object.fromEntries(
    Object.entries(exportedFiles(assets)).map(([name, text]) => [`${folder}/${name}`, text]),
  );
}
