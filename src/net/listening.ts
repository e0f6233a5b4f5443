import { BlockList, createServer, isIP, type Server, type Socket } from 'node:net';
import { createSecureContext, type TlsOptions as ServerTlsOptions, type Server as TlsServer } from 'node:tls';
import { BlockedError, hasCode, reasonOf } from '../core/errors.ts';
import { configuredFile } from './configured-file.ts';
import { type Host, placeOf } from './host.ts';
import { tlsFilesMark } from './tls.ts';

/** Pause between two looks at the files of certificates. */
const LOOK_MS = 1000;

/** Who has not said who it is for so long gives its place to others. */
const HANDSHAKE_MS = 10_000;

/** TLS of a server as configured: paths of PEM files. With `ca` clients need a certificate that it has signed. */
export interface ListenerTls {
  readonly cert: string;
  readonly key: string;
  readonly ca?: string | undefined;
}

/** An error of OpenSSL has its reason in a few words, and a message for those who have its source. */
type TlsError = Error & { readonly reason?: string };

/** Options of a TLS server. @throws BlockedError when a file cannot be read, or holds no certificate or key */
export function listenerTlsOptions({ cert, key, ca }: ListenerTls): ServerTlsOptions {
  const options = {
    handshakeTimeout: HANDSHAKE_MS,
    cert: configuredFile('tls.cert', cert),
    key: configuredFile('tls.key', key),
    ...(ca !== undefined && {
      ca: configuredFile('tls.ca', ca),
      requestCert: true,
      rejectUnauthorized: true,
    }),
  };
  try {
    createSecureContext(options);
  } catch (error) {
    const message = `tls.cert ${cert} and tls.key ${key} cannot be used (${reasonOf(error)}): write a PEM certificate and its key`;
    throw new BlockedError(message, { cause: error });
  }
  return options;
}

/**
 * Uses certificates that were replaced: looks at the files when somebody connects.
 * @param failed told when the new ones cannot be used; the old ones are then used on
 */
export function followFiles(server: TlsServer, tls: ListenerTls, failed: (sentence: string) => void): void {
  let mark = tlsFilesMark(tls);
  let lookedAt = performance.now();
  server.prependListener('connection', () => {
    if (performance.now() - lookedAt < LOOK_MS) return;
    lookedAt = performance.now();
    const now = tlsFilesMark(tls);
    if (now === mark) return;
    try {
      server.setSecureContext(listenerTlsOptions(tls));
      mark = now;
    } catch (error) {
      failed(`the new certificate is not used: ${reasonOf(error)}`);
    }
  });
}

/** True for an address that only this machine reaches. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}

/**
 * Closes connections that are too many, or from elsewhere, at once.
 * @param allow addresses, or networks as `10.0.0.0/8`; undefined: everybody
 * @param closed gets one sentence for each, and a word for its kind
 */
export function guard(
  server: Server,
  allow: readonly string[] | undefined,
  maxConnections: number,
  closed: (kind: string, sentence: string) => void,
): void {
  const list = allow && allowList(allow);
  server.maxConnections = maxConnections;
  server.on('drop', () => closed('drop', `a connection was closed: there are ${maxConnections} already`));
  server.prependListener('connection', (socket: Socket) => {
    const { remoteAddress: from = '' } = socket;
    if (list === undefined || admits(list, from)) return;
    closed('allow', `a connection from ${from} was closed: it is not in "allow"`);
    socket.destroy();
  });
  server.on('tlsClientError', (error: TlsError, socket: Socket) => {
    closed('tls', `a TLS handshake with ${socket.remoteAddress} failed: ${error.reason ?? error.message}`);
    // Node.js leaves one open that has only taken too long.
    socket.destroy();
  });
}

/** Why an entry of an allow list is none; undefined when it is one. */
export function allowProblem(entry: string): string | undefined {
  const [address = '', bits, ...rest] = entry.split('/');
  const most = isIP(address) === 4 ? 32 : 128;
  const isNetwork = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
  if (isIP(address) !== 0 && isNetwork && rest.length === 0) return undefined;
  return `"${entry}" is no address; write one such as 10.0.0.7, or a network such as 10.0.0.0/8`;
}

/** Why it cannot be listened on, from the error. */
export function whyNoListening(error: Error): string {
  return hasCode(error, 'EADDRINUSE') ? 'something else listens there' : reasonOf(error);
}

/** Begins to listen on what `listen` of the configuration says. @throws BlockedError when that cannot be */
export function listenOn(server: Server, host: Host): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const message = `listen ${placeOf(host)}: ${whyNoListening(error)}; choose another address`;
      reject(new BlockedError(message, { cause: error }));
    });
    server.listen({ host: host.host, port: host.port }, resolve);
  });
}

/** True for an address that the running probe has: it is taken, but not for the one that follows. */
export type IsOwn = (host: Host) => boolean;

/** Why an input could not listen; undefined when it could. @throws BlockedError when the files cannot be used */
export async function listenerProblem(
  host: Host,
  tls: ListenerTls | undefined,
  isOwn: IsOwn,
): Promise<string | undefined> {
  if (tls !== undefined) listenerTlsOptions(tls);
  const problem = await listeningProblem(host, isOwn);
  return problem && `${placeOf(host)}: ${problem}; choose another address`;
}

/** Why it could not be listened on now, found by listening for a moment; undefined when it could. */
export async function listeningProblem(host: Host, isOwn: IsOwn): Promise<string | undefined> {
  const error = await listeningError(host);
  const isFree = error === undefined || (hasCode(error, 'EADDRINUSE') && isOwn(host));
  return isFree ? undefined : whyNoListening(error);
}

function listeningError({ host, port }: Host): Promise<Error | undefined> {
  const server = createServer();
  return new Promise((resolve) => {
    server.once('error', resolve);
    server.listen({ host, port }, () => server.close(() => resolve(undefined)));
  });
}

function allowList(entries: readonly string[]): BlockList {
  const list = new BlockList();
  for (const entry of entries) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

/** @param address as a socket has it: IPv4 addresses may come mapped, `::ffff:10.0.0.1` */
function admits(list: BlockList, address: string): boolean {
  const bare = address.startsWith('::ffff:') && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
  const [plain = ''] = bare.split('%');
  return list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
}
