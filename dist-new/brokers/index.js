/** Every kind of broker, by the word users write for `broker:`. */
export const brokers = {
    mosquitto: { load: () => import('./mosquitto/index.js') },
    emqx: { load: () => import('./emqx/index.js') },
    json: { load: () => import('./json/index.js') },
    hicap: { load: () => import('./hicap/index.js') },
};
