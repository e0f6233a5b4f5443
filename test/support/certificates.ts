import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';

/** How to get the program that makes certificates. */
export const OPENSSL = ['openssl', 'apt-get install openssl'] as const;

/** Paths of PEM files. */
export interface Certificates {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  readonly clientCert: string;
  readonly clientKey: string;
}

/** A certificate authority of its own, and by it a server for `localhost` and 127.0.0.1, and a client `the-probe`. */
export function makeCertificates(directory: string): Certificates {
  const at = (name: string): string => path.join(directory, name);
  const openssl = (...args: string[]): void => void execFileSync('openssl', args, { stdio: 'pipe' });
  const request = ['req', '-newkey', 'rsa:2048', '-nodes'];
  openssl(
    ...request,
    '-x509',
    '-days',
    '2',
    '-subj',
    '/CN=test CA',
    '-keyout',
    at('ca.key'),
    '-out',
    at('ca.pem'),
  );
  writeFileSync(at('server.ext'), 'subjectAltName=DNS:localhost,IP:127.0.0.1\n');
  for (const [name, subject] of [
    ['server', '/CN=localhost'],
    ['client', '/CN=the-probe'],
  ] as const) {
    openssl(...request, '-subj', subject, '-keyout', at(`${name}.key`), '-out', at(`${name}.csr`));
    const issuer = ['-CA', at('ca.pem'), '-CAkey', at('ca.key'), '-CAcreateserial', '-days', '2'];
    const extra = name === 'server' ? ['-extfile', at('server.ext')] : [];
    openssl('x509', '-req', '-in', at(`${name}.csr`), ...issuer, ...extra, '-out', at(`${name}.pem`));
  }
  return {
    ca: at('ca.pem'),
    cert: at('server.pem'),
    key: at('server.key'),
    clientCert: at('client.pem'),
    clientKey: at('client.key'),
  };
}
