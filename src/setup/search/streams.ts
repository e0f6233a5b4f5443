import { at } from '../answer.ts';
import type { Server } from '../asset.ts';
import type { Abilities } from './abilities.ts';
import { accepted } from './server.ts';
import type { Keeping } from './templates.ts';

/**
 * Makes data streams that exist follow their template, which they would do only when they are made: their next backing
 * index begins now (Elasticsearch: with the next event), and what is no part of an index is set.
 * @param pattern `logs-mqtt.message-*`
 */
export async function renewStreams(
  pattern: string,
  abilities: Abilities,
  { days, by }: Keeping,
  server: Server,
  signal: AbortSignal,
): Promise<void> {
  const found = await server.send({ method: 'GET', path: `/_resolve/index/${pattern}` }, signal);
  const list = at(found.body, 'data_streams');
  for (const stream of Array.isArray(list) ? list : []) {
    const name = encodeURIComponent(String(at(stream, 'name')));
    const lazy = abilities.product === 'elasticsearch' ? '?lazy=true' : '';
    const put = async (path: string, body: object): Promise<void> =>
      accepted(await server.send({ method: 'PUT', path, body }, signal), `PUT ${path}`);
    if (abilities.streamSettings) {
      if (by === 'lifecycle') await put(`/_data_stream/${name}/_lifecycle`, { data_retention: `${days}d` });
      if (abilities.failureStore)
        await put(`/_data_stream/${name}/_options`, { failure_store: { enabled: true } });
    }
    const path = `/${name}/_rollover${lazy}`;
    accepted(await server.send({ method: 'POST', path }, signal), `POST ${path}`);
  }
}
