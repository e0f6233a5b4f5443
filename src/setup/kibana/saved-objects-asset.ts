import { BlockedError } from '../../core/errors.ts';
import { ndjson, type SavedObject } from '../../kibana/saved-object.ts';
import { at, holds } from '../answer.ts';
import type { Asset, Request, State } from '../asset.ts';
import { taken } from './server.ts';

/** File of all saved objects in an export: it can be imported as it is. */
const SAVED_OBJECTS_FILE = 'saved-objects.ndjson';

/** Saved objects of one type, imported together. */
export function savedObjectsAsset(kind: string, name: string, objects: readonly SavedObject[]): Asset {
  const text = ndjson(objects);
  const pointers = objects.map(({ type, id }) => ({ type, id }));
  const put: Request = {
    method: 'POST',
    path: '/api/saved_objects/_import?overwrite=true',
    file: { name: SAVED_OBJECTS_FILE, text },
  };
  const look: Request = {
    method: 'POST',
    path: '/api/saved_objects/_export',
    body: { objects: pointers, excludeExportDetails: true },
  };
  return {
    kind,
    name,
    exported: { file: SAVED_OBJECTS_FILE, text },
    requests: [put],
    async find(server, signal): Promise<State> {
      const { status, body } = await server.send(look, signal);
      if (status >= 300) {
        // 400 with a list: these are not there.
        const missing = at(body, 'attributes', 'objects');
        return Array.isArray(missing) && missing.length < objects.length ? 'different' : 'absent';
      }
      const found = new Map<string, unknown>();
      for (const one of Array.isArray(body) ? body : [body]) found.set(String(at(one, 'id')), one);
      const same = objects.every(({ id, attributes }) =>
        holds(unpacked(at(found.get(id), 'attributes')), unpacked(attributes)),
      );
      return same ? 'same' : 'different';
    },
    async install(server, _found, signal): Promise<void> {
      const reply = await server.send(put, signal);
      taken(reply, `import of ${kind}`);
      if (at(reply.body, 'success') === true) return;
      const errors = at(reply.body, 'errors');
      const words = (Array.isArray(errors) ? errors : []).map(
        (error) => `${at(error, 'type')} ${at(error, 'id')}: ${at(error, 'error', 'type')}`,
      );
      throw new BlockedError(
        `Kibana does not take ${words.join(', ') || 'them'}; unsupported_type and a newer version mean that this Kibana is too old`,
      );
    },
    async remove(server, signal): Promise<void> {
      const path = '/api/saved_objects/_bulk_delete?force=true';
      taken(await server.send({ method: 'POST', path, body: pointers }, signal), `removal of ${kind}`);
    },
  };
}

/** The JSON that stands in texts as values: Kibana may write it in another order. */
function unpacked(value: unknown): unknown {
  if (typeof value === 'string' && /^[[{]/.test(value)) {
    try {
      return unpacked(JSON.parse(value));
    } catch {
      return value;
    }
  }
  if (Array.isArray(value)) return value.map(unpacked);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unpacked(inner)]));
}
