import { createServer } from 'node:http';
import { isIP } from 'node:net';
import { reasonOf } from '../core/errors.js';
const FOLLOW = '/follow?';
/** Serves `/health/live`, `/health/ready`, `/metrics` and `/status`, and nothing else. */
export function createTelemetryServer(options) {
    const { follow } = options;
    const server = createServer((request, response) => {
        if (follow !== undefined && request.method === 'GET' && request.url?.startsWith(FOLLOW) === true) {
            const problem = follow(new URLSearchParams(request.url.slice(FOLLOW.length)), response);
            if (problem !== undefined)
                send(response, json(503, { error: problem }));
            return;
        }
        answer(options, request).then((result) => send(response, result), () => send(response, json(500, { error: 'internal error' })));
    });
    server.requestTimeout = 5000;
    server.headersTimeout = 5000;
    return server;
}
async function answer({ status, metrics, hosts, act }, request) {
    if (hosts !== undefined && !allowedHost(request.headers.host, hosts)) {
        return json(403, { error: 'this Host header is not allowed; add the name to telemetry.hosts' });
    }
    if (request.method === 'POST' && act !== undefined)
        return perform(act(request.url ?? ''));
    if (request.method !== 'GET' && request.method !== 'HEAD')
        return json(405, { error: 'only GET' });
    switch (request.url?.split('?')[0]) {
        case '/health/live':
            return json(200, { live: true });
        case '/health/ready': {
            const { ready, problems } = status();
            return json(ready ? 200 : 503, { ready, problems });
        }
        case '/metrics':
            return { code: 200, type: metrics.registry.contentType, body: await metrics.text() };
        case '/status':
            return json(200, status());
        default:
            return json(404, { error: 'not here; there are /health/live, /health/ready, /metrics and /status' });
    }
}
async function perform(act) {
    if (act === undefined)
        return json(404, { error: 'this probe has nothing of that name' });
    try {
        return json(200, await act);
    }
    catch (error) {
        return json(500, { error: reasonOf(error) });
    }
}
/** A page in a browser may only reach us by a name that its owner cannot point at us (DNS rebinding). */
function allowedHost(header, hosts) {
    if (header === undefined)
        return false;
    const name = header.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
    return isIP(name) !== 0 || name === 'localhost' || hosts.includes(name);
}
function json(code, body) {
    return { code, type: 'application/json', body: `${JSON.stringify(body)}\n` };
}
function send(response, { code, type, body }) {
    response.writeHead(code, { 'content-type': type, 'content-length': Buffer.byteLength(body) });
    response.end(body);
}
