import { holds } from '../answer.ts';
import type { Asset, Reply, Request, Server, State } from '../asset.ts';
import { accepted } from './server.ts';

/** What a search server keeps under a path of its own: PUT stores it, GET shows it, DELETE removes it. */
interface Stored {
  readonly kind: string;
  readonly name: string;
  /** Where it is stored; below a directory the file of its export has the same path. */
  readonly path: string;
  readonly body: unknown;
  /** What the server answers to GET holds this much of `body`. */
  readonly stored: (answer: unknown) => unknown;
  /** Query that replacing it needs. */
  readonly replacing?: (answer: unknown) => string;
  /** What has to be done once it is stored. */
  readonly after?: (server: Server, signal: AbortSignal) => Promise<void>;
  /** What a refusal to let it go means. */
  readonly kept?: string;
}

/** The asset of it. */
export function storedAsset(what: Stored): Asset {
  const { kind, name, body } = what;
  const path = encoded(what.path);
  const put: Request = { method: 'PUT', path, body };
  const get = (server: Server, signal: AbortSignal): Promise<Reply> =>
    server.send({ method: 'GET', path }, signal);
  return {
    kind,
    name,
    exported: { file: `${what.path.slice(1)}.json`, text: `${JSON.stringify(body, null, 2)}\n` },
    requests: [put],
    async find(server, signal): Promise<State> {
      const reply = await get(server, signal);
      if (reply.status === 404) return 'absent';
      return holds(what.stored(reply.body), body) ? 'same' : 'different';
    },
    async install(server, found, signal): Promise<void> {
      const query =
        found === 'different' && what.replacing ? what.replacing((await get(server, signal)).body) : '';
      accepted(await server.send({ ...put, path: path + query }, signal), `PUT ${path}`);
      await what.after?.(server, signal);
    },
    async remove(server, signal): Promise<void> {
      const reply = await server.send({ method: 'DELETE', path }, signal);
      if (reply.status !== 404) accepted(reply, `DELETE ${path}`, what.kept);
    },
  };
}

/** A namespace may hold what means something else in an address. */
function encoded(path: string): string {
  return path.split('/').map(encodeURIComponent).join('/').replaceAll('%40', '@');
}
