import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import { placeOf } from '../net/host.js';
import { tlsOptions } from '../net/tls.js';
/** Seldom: each look is one more connection to each server, which a broker logs. */
const LOOK_MS = 12 * 60 * 60 * 1000;
const TIMEOUT_MS = 10_000;
/** Watches when the certificates of the probe's own connections end: those of the servers, and its own. */
export class CertificateWatch {
    endpoints;
    timer;
    /** What heartbeats say of it, by catalogue field: the first to end of each side. */
    fields = {};
    constructor(config) {
        this.endpoints = endpointsOf(config);
    }
    /** Looks now, and again from time to time; resolves after the first look. */
    async start() {
        if (this.endpoints.length === 0)
            return;
        this.timer = setInterval(() => void this.look(), LOOK_MS);
        await this.look();
    }
    stop() {
        clearInterval(this.timer);
    }
    async look() {
        const servers = await Promise.all(this.endpoints.map(serverEnd));
        const server = earliest(servers);
        const client = earliest(this.endpoints.map(({ tls }) => clientEnd(tls.cert)));
        this.fields = {
            ...(server !== undefined && { 'tls.server.not_after': server.toISOString() }),
            ...(client !== undefined && { 'tls.client.not_after': client.toISOString() }),
        };
    }
}
function earliest(ends) {
    const [first] = ends.filter((end) => end !== undefined).sort((a, b) => a.getTime() - b.getTime());
    return first;
}
/** Every server that the probe speaks TLS with, each once. */
export function endpointsOf({ inputs, outputs }) {
    const found = new Map();
    const add = (host, tls) => {
        found.set(placeOf(host), { ...host, tls: tls ?? {} });
    };
    const addUrl = (text, tls) => {
        const port = PORTS[new URL(text).protocol];
        if (port !== undefined)
            add(hostOf(text, port), tls);
    };
    for (const input of Object.values(inputs))
        if (input.type === 'mqtt')
            addUrl(input.url, input.tls);
    for (const output of Object.values(outputs)) {
        if (output.type === 'elasticsearch')
            for (const node of output.nodes ?? [])
                addUrl(node, output.tls);
        if (output.type === 'logstash' && output.tls !== undefined)
            for (const host of output.hosts)
                add(host, output.tls);
    }
    return [...found.values()];
}
/** Schemes with TLS, and their ports where none is written. */
const PORTS = { 'mqtts:': 8883, 'wss:': 443, 'https:': 443 };
function hostOf(text, port) {
    const url = new URL(text);
    return { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) || port };
}
/** The end of a server's certificate; undefined when it cannot be had now: that it does not answer is told elsewhere. */
function serverEnd({ host, port, tls }) {
    const { promise, resolve } = Promise.withResolvers();
    try {
        // Nothing is sent, and a certificate that has ended already is what is looked for: so it need not be trusted.
        const socket = connect({ host, port, ...tlsOptions(tls, host), rejectUnauthorized: false });
        // Nothing waits for it when the probe stops.
        socket.unref();
        socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
        socket.on('error', () => { });
        socket.on('close', () => resolve(undefined));
        socket.on('secureConnect', () => {
            resolve(dateOf(socket.getPeerCertificate().valid_to));
            socket.end();
        });
    }
    catch {
        resolve(undefined);
    }
    return promise;
}
function clientEnd(file) {
    if (file === undefined)
        return undefined;
    try {
        return dateOf(new X509Certificate(readFileSync(file)).validTo);
    }
    catch {
        return undefined;
    }
}
/** `Nov 24 18:30:00 2026 GMT`, as OpenSSL prints it. */
function dateOf(text) {
    const date = new Date(text ?? '');
    return Number.isNaN(date.getTime()) ? undefined : date;
}
