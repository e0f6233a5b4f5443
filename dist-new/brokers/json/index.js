import { JsonSession } from './session.js';
/** Any sender of JSON objects, one a line, whose keys the configuration names (`fields`). */
export const dialect = {
    name: 'json',
    provider: 'json',
    original: () => '',
    open: (stream, emit) => new JsonSession(stream, emit),
};
