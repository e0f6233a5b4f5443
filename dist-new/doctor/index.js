/** Doctors by the word users write for `broker:`; their code is loaded only when it is needed. */
export const doctors = {
    mosquitto: { load: () => import('./mosquitto/index.js') },
    emqx: { load: () => import('./emqx/index.js') },
};
