import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { readFileSync, renameSync } from 'node:fs';
import type { Socket } from 'node:net';
import path from 'node:path';
import { TLSSocket } from 'node:tls';

/** How to get the program that makes certificates. */
export const OPENSSL = ['openssl', 'apt-get install openssl'] as const;

/** A certificate and its key: paths and contents. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
  readonly pem: { readonly cert: Buffer; readonly key: Buffer };
}

/** An authority of its own in a folder, that signs certificates for tests. */
export class Authority {
  readonly cert: string;
  readonly key: string;
  private readonly directory: string;

  constructor(directory: string, name: string) {
    this.directory = directory;
    this.cert = path.join(directory, `${name}.pem`);
    this.key = path.join(directory, `${name}.key`);
    this.openssl(
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...['-subj', `/CN=${name}`, '-keyout', this.key, '-out', this.cert],
    );
  }

  /** @param names subjectAltName, `IP:127.0.0.1`. @param more arguments of `openssl req` */
  issue(file: string, names: string, ...more: string[]): Certificate {
    const key = path.join(this.directory, `${file}.key`);
    const cert = path.join(this.directory, `${file}.pem`);
    this.openssl(
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...['-subj', `/CN=${file}`, '-addext', `subjectAltName=${names}`],
      ...['-CA', this.cert, '-CAkey', this.key, '-keyout', key, '-out', cert],
      ...more,
    );
    return { cert, key, pem: { cert: readFileSync(cert), key: readFileSync(key) } };
  }

  /** A certificate that has ended. @param names as in `issue` */
  issueExpired(file: string, names: string): Certificate {
    const { cert, key } = this.issue(file, names);
    const request = `${cert}.csr`;
    this.openssl(
      'req',
      '-new',
      '-key',
      key,
      '-subj',
      `/CN=${file}`,
      '-addext',
      `subjectAltName=${names}`,
      '-out',
      request,
    );
    this.openssl(
      'x509',
      '-req',
      '-in',
      request,
      '-CA',
      this.cert,
      '-CAkey',
      this.key,
      '-days',
      '-1',
      '-copy_extensions',
      'copy',
      '-out',
      cert,
    );
    return { cert, key, pem: { cert: readFileSync(cert), key: readFileSync(key) } };
  }

  private openssl(...args: string[]): void {
    execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  }
}

/** Paths of an authority, a server for `localhost` and 127.0.0.1, and a client `the-probe`. */
interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly clientCert: string;
  readonly clientKey: string;
}

/** Makes them in a folder. */
export function makeCertificates(directory: string): Certificates {
  const authority = new Authority(directory, 'test-ca');
  const server = authority.issue('server', 'DNS:localhost,IP:127.0.0.1');
  const client = authority.issue('the-probe', 'DNS:the-probe');
  const { cert, key } = server;
  return { ca: authority.cert, cert, key, clientCert: client.cert, clientKey: client.key };
}

/** Encrypts a copy of a key. @returns its path */
export function withPassphrase(key: string): string {
  const locked = `${key}.locked`;
  const args = ['pkey', '-in', key, '-aes256', '-passout', 'pass:secret', '-out', locked];
  execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  return locked;
}

/** SHA-256 of a certificate, as browsers and Elasticsearch print it. */
export function fingerprintOf(certificate: string): string {
  return new X509Certificate(readFileSync(certificate)).fingerprint256;
}

/** Puts a file in another's place, as tools do that replace certificates. */
export function replace(file: string, by: string): void {
  renameSync(by, file);
}

/** Common name of the client certificate on a server's socket; undefined without. */
export function clientName(socket: Socket): string | undefined {
  const name = socket instanceof TLSSocket ? socket.getPeerCertificate().subject?.CN : undefined;
  return typeof name === 'string' ? name : undefined;
}

/** Resets a connection; one with TLS can only be closed at once. */
export function resetSocket(socket: Socket): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket.resetAndDestroy();
}
