import { elasticsearchOutputSchema } from './elasticsearch/config.js';
import { fileOutputSchema } from './file/config.js';
import { logstashOutputSchema } from './logstash/config.js';
import { stdoutOutputSchema } from './stdout/config.js';
/** Every type of output, by the word users write for `type:`. */
export const outputs = {
    elasticsearch: { config: elasticsearchOutputSchema, load: () => import('./elasticsearch/index.js') },
    logstash: { config: logstashOutputSchema, load: () => import('./logstash/index.js') },
    file: { config: fileOutputSchema, load: () => import('./file/index.js') },
    stdout: { config: stdoutOutputSchema, load: () => import('./stdout/index.js') },
};
