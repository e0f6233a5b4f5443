import { accepted } from './server.js';
/** The asset of it. */
export function storedAsset(what) {
    const { kind, name, body } = what;
    const path = encoded(what.path);
    const put = { method: 'PUT', path, body };
    const get = (server, signal) => server.send({ method: 'GET', path }, signal);
    return {
        kind,
        name,
        exported: { file: `${what.path.slice(1)}.json`, text: `${JSON.stringify(body, null, 2)}\n` },
        requests: [put],
        async find(server, signal) {
            const reply = await get(server, signal);
            if (reply.status === 404)
                return 'absent';
            return holds(what.stored(reply.body), body) ? 'same' : 'different';
        },
        async install(server, found, signal) {
            const query = found === 'different' && what.replacing ? what.replacing((await get(server, signal)).body) : '';
            accepted(await server.send({ ...put, path: path + query }, signal), `PUT ${path}`);
            await what.after?.(server, signal);
        },
        async remove(server, signal) {
            const reply = await server.send({ method: 'DELETE', path }, signal);
            if (reply.status !== 404)
                accepted(reply, `DELETE ${path}`, what.kept);
        },
    };
}
/** A namespace may hold what means something else in an address. */
function encoded(path) {
    return path.split('/').map(encodeURIComponent).join('/').replaceAll('%40', '@');
}
/** A server adds its defaults to what it is given: everything wanted has to be there, equal; lists as they are. */
export function holds(found, wanted) {
    if (Array.isArray(wanted)) {
        return (Array.isArray(found) &&
            found.length === wanted.length &&
            wanted.every((value, i) => holds(found[i], value)));
    }
    if (typeof wanted !== 'object' || wanted === null)
        return Object.is(found, wanted);
    if (typeof found !== 'object' || found === null)
        return false;
    return Object.entries(wanted).every(([key, value]) => Object.hasOwn(found, key) && holds(found[key], value));
}
