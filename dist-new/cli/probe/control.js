import { request } from 'node:http';
import { hasCode, StateError } from '../../core/errors.js';
import { controlSocketPath } from '../../state/control-socket.js';
/**
 * Asks the probe that uses a state directory.
 * @returns the body of its answer; undefined when no probe runs there
 * @throws StateError when it refuses
 */
export function askProbe(state, method, path) {
    return new Promise((resolve, reject) => {
        const socketPath = controlSocketPath(state);
        const asked = request({ socketPath, method, path, headers: { host: 'localhost' } }, (response) => {
            let body = '';
            response.setEncoding('utf8');
            response.on('data', (part) => {
                body += part;
            });
            response.on('end', () => {
                if (response.statusCode === 200)
                    resolve(body);
                else
                    reject(new StateError(`the running probe refuses: ${JSON.parse(body).error}`));
            });
        });
        asked.on('error', (error) => {
            if (hasCode(error, 'ENOENT', 'ECONNREFUSED'))
                resolve(undefined);
            else
                reject(new StateError(error.message, { cause: error }));
        });
        asked.end();
    });
}
