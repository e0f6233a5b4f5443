import { hasCode, StateError } from '../../core/errors.ts';
import { request } from '../../net/http.ts';
import { controlSocketPath } from '../../state/control-socket.ts';

/**
 * Asks the probe that uses a state directory.
 * @returns the body of its answer; undefined when no probe runs there
 * @throws StateError when it refuses
 */
export function askProbe(state: string, method: 'GET' | 'POST', path: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socketPath = controlSocketPath(state);
    const asked = request({ socketPath, method, path, headers: { host: 'localhost' } }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => {
        body += part;
      });
      response.on('end', () => {
        if (response.statusCode === 200) resolve(body);
        else reject(new StateError(`the running probe refuses: ${JSON.parse(body).error}`));
      });
    });
    asked.on('error', (error) => {
      if (hasCode(error, 'ENOENT', 'ECONNREFUSED')) resolve(undefined);
      else reject(new StateError(error.message, { cause: error }));
    });
    asked.end();
  });
}
