import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { tlsOptions } from './tls.js';
const KEEP_ALIVE_MS = 15_000;
/** `host:port`, an IPv6 address in brackets. */
export function placeOf({ host, port }) {
    return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
/** Begins a connection. @throws BlockedError when a file of the TLS settings cannot be read */
export function openHost({ host, port }, tls) {
    const socket = tls === undefined ? connect({ host, port }) : connectTls({ host, port, ...tlsOptions(tls, host) });
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    return { socket, connected: tls === undefined ? 'connect' : 'secureConnect' };
}
/** Resolves when the connection stands. @throws the socket's error, or when it takes longer than `timeoutMs` */
export function connected({ socket, connected }, timeoutMs) {
    return new Promise((resolve, reject) => {
        const giveUp = setTimeout(() => socket.destroy(), timeoutMs);
        socket.once(connected, () => {
            clearTimeout(giveUp);
            resolve();
        });
        socket.on('error', reject);
        socket.once('close', () => {
            clearTimeout(giveUp);
            reject(new Error('closed'));
        });
    });
}
