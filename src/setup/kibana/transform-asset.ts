import { BlockedError } from '../../core/errors.ts';
import type { TransformBody } from '../../kibana/transforms.ts';
import { at } from '../answer.ts';
import type { Asset, Request, State } from '../asset.ts';
import { taken } from './server.ts';

const TRANSFORMS = '/internal/transform';

/** A transform; one that is there stays as it is. @param start also start it */
export function transformAsset(id: string, body: TransformBody, start: boolean): Asset {
  const path = `${TRANSFORMS}/transforms/${id}`;
  const put: Request = { method: 'PUT', path, body };
  const begin: Request = { method: 'POST', path: `${TRANSFORMS}/start_transforms`, body: [{ id }] };
  return {
    kind: 'transforms',
    name: id,
    exported: { file: `transforms/${id}.json`, text: `${JSON.stringify(body, null, 2)}\n` },
    requests: start ? [put, begin] : [put],
    async find(server, signal): Promise<State> {
      const reply = await server.send({ method: 'GET', path }, signal);
      if (reply.status === 404 || at(reply.body, 'count') === 0) return 'absent';
      if (!start) return 'same';
      const { body: stats } = await server.send({ method: 'GET', path: `${path}/_stats` }, signal);
      const state = at(stats, 'transforms', 0, 'state');
      return state === 'stopped' || state === 'failed' ? 'different' : 'same';
    },
    async install(server, found, signal): Promise<void> {
      if (found === 'absent') {
        const { body: made } = taken(await server.send(put, signal), `PUT ${path}`);
        const errors = at(made, 'errors');
        if (Array.isArray(errors) && errors.length > 0)
          throw new BlockedError(
            `Kibana could not make ${id}: ${at(errors, 0, 'error', 'message') ?? 'without a reason'}`,
          );
      }
      if (!start) return;
      const { body: started } = taken(await server.send(begin, signal), begin.path);
      if (at(started, id, 'success') === false)
        throw new BlockedError(
          `Kibana could not start ${id}: ${at(started, id, 'error', 'reason') ?? 'without a reason'}`,
        );
    },
    async remove(server, signal): Promise<void> {
      const { body: stats } = await server.send({ method: 'GET', path: `${path}/_stats` }, signal);
      const state = at(stats, 'transforms', 0, 'state') ?? 'stopped';
      const target = `${TRANSFORMS}/delete_transforms`;
      const content = { transformsInfo: [{ id, state }], deleteDestIndex: false, forceDelete: true };
      taken(await server.send({ method: 'POST', path: target, body: content }, signal), target);
    },
  };
}
