import { emqxApiInputSchema } from './emqx-api/config.js';
import { fileInputSchema } from './file/config.js';
import { httpInputSchema } from './http/config.js';
import { mqttInputSchema } from './mqtt/config.js';
import { stdinInputSchema } from './stdin/config.js';
import { tcpInputSchema } from './tcp/config.js';
/** Every type of input, by the word users write for `type:`. */
export const inputs = {
    file: { config: fileInputSchema, load: () => import('./file/index.js') },
    stdin: { config: stdinInputSchema, load: () => import('./stdin/index.js') },
    mqtt: { config: mqttInputSchema, load: () => import('./mqtt/index.js') },
    'emqx-api': { config: emqxApiInputSchema, load: () => import('./emqx-api/index.js') },
    http: { config: httpInputSchema, load: () => import('./http/index.js') },
    tcp: { config: tcpInputSchema, load: () => import('./tcp/index.js') },
};
