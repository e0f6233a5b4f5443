import { EVERYTHING as ELASTICSEARCH } from './elasticsearch/index.js';
import { exportedFiles } from './export.js';
import { OLDEST } from './kibana/identity.js';
import { kibanaPlan } from './kibana/index.js';
import { EVERYTHING as OPENSEARCH } from './opensearch/index.js';
import { searchPlan } from './search/plan.js';
/** Folders of the repository that hold nothing else than what `committedFiles` gives. */
export const COMMITTED_FOLDERS = [
    'pipelines/elasticsearch',
    'pipelines/elasticsearch-ilm',
    'pipelines/opensearch',
    'kibana',
];
/** What setup installs where nothing is chosen, as files for people who install it by other means: text by path. */
export function committedFiles() {
    const elasticsearch = files('pipelines/elasticsearch', ELASTICSEARCH, false);
    const opensearch = files('pipelines/opensearch', OPENSEARCH, false);
    // Of the other variant only what differs.
    const ilm = Object.entries(files('pipelines/elasticsearch-ilm', ELASTICSEARCH, true)).filter(([name, text]) => elasticsearch[name.replace('elasticsearch-ilm', 'elasticsearch')] !== text);
    const { assets } = kibanaPlan({ namespace: undefined, retention: {}, ilm: false, start: false }, OLDEST);
    const kibana = Object.entries(exportedFiles(assets)).map(([name, text]) => [`kibana/${name}`, text]);
    return { ...elasticsearch, ...Object.fromEntries(ilm), ...opensearch, ...Object.fromEntries(kibana) };
}
function files(folder, abilities, ilm) {
    const options = { namespace: undefined, retention: {}, ilm, start: false };
    const { assets } = searchPlan(options, abilities, undefined);
    return Object.fromEntries(Object.entries(exportedFiles(assets)).map(([name, text]) => [`${folder}/${name}`, text]));
}
