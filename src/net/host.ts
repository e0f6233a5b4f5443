import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type TlsOptions, tlsOptions } from './tls.ts';

const KEEP_ALIVE_MS = 15_000;

/** One host and its port. */
export interface Host {
  readonly host: string;
  readonly port: number;
}

/** `host:port`, an IPv6 address in brackets. */
export function placeOf({ host, port }: Host): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The host of `host:port`, whose port follows the last colon. */
export function hostOf(place: string): Host {
  const colon = place.lastIndexOf(':');
  return { host: place.slice(0, colon).replace(/^\[(.*)\]$/, '$1'), port: Number(place.slice(colon + 1)) };
}

/** A connection that begins; `connected` names the event that means success. */
export interface Opening {
  readonly socket: Socket;
  readonly connected: 'connect' | 'secureConnect';
}

/** Begins a connection. @throws BlockedError when a file of the TLS settings cannot be read */
export function openHost({ host, port }: Host, tls: TlsOptions | undefined): Opening {
  const socket =
    tls === undefined ? connect({ host, port }) : connectTls({ host, port, ...tlsOptions(tls, host) });
  socket.setNoDelay(true);
  socket.setKeepAlive(true, KEEP_ALIVE_MS);
  return { socket, connected: tls === undefined ? 'connect' : 'secureConnect' };
}

/** Resolves when the connection stands. @throws the socket's error, or when it takes longer than `timeoutMs` */
export function connected({ socket, connected }: Opening, timeoutMs: number): Promise<void> {
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
