import { statSync } from 'node:fs';
import path from 'node:path';
import { hasCode, StateError } from '../../core/errors.ts';
import { request } from '../../net/http.ts';
import { controlSocketPath } from '../../state/control-socket.ts';
import type { ProbePlace } from '../config.ts';

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
      else if (hasCode(error, 'EACCES')) reject(new StateError(notOurs(socketPath), { cause: error }));
      else reject(new StateError(error.message, { cause: error }));
    });
    asked.end();
  });
}

/** What the running probe says of itself, as JSON. @throws StateError, ConfigError when none runs */
export async function askStatus({ state, wrong }: ProbePlace): Promise<string> {
  const body = await askProbe(state, 'GET', '/status');
  if (body !== undefined) return body;
  throw (
    wrong ??
    new StateError(
      `no probe runs with the state directory ${path.resolve(state)}: start it with "brokertap run"`,
    )
  );
}

/** Why this user may not ask, and who may. @param place of which at least a directory above can be looked at */
function notOurs(place: string): string {
  try {
    const { uid } = statSync(place);
    return `${place} belongs to user ${uid}, who runs the probe: run this as that user (sudo -u '#${uid}') or as root`;
  } catch {
    return notOurs(path.dirname(place));
  }
}
