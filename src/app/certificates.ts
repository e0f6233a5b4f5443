import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { connect } from 'node:tls';
import type { Config } from '../config/load.ts';
import { type InputType, inputs as inputTypes } from '../inputs/index.ts';
import { placeOf } from '../net/host.ts';
import { tlsOptions } from '../net/tls.ts';
import type { TlsEndpoint } from '../net/tls-endpoint.ts';
import { type OutputType, outputs as outputTypes } from '../outputs/index.ts';

/** Seldom: each look is one more connection to each server, which a broker logs. */
const LOOK_MS = 12 * 60 * 60 * 1000;
const TIMEOUT_MS = 10_000;

/** Watches when the certificates of the probe's own connections end: those of the servers, and its own. */
export class CertificateWatch {
  private readonly endpoints: readonly TlsEndpoint[];
  private timer: NodeJS.Timeout | undefined;
  /** What heartbeats say of it, by catalogue field: the first to end of each side. */
  fields: Readonly<Record<string, string>> = {};

  constructor(config: Config) {
    this.endpoints = endpointsOf(config);
  }

  /** Looks now, and again from time to time; resolves after the first look. */
  async start(): Promise<void> {
    if (this.endpoints.length === 0) return;
    this.timer = setInterval(() => void this.look(), LOOK_MS);
    await this.look();
  }

  stop(): void {
    clearInterval(this.timer);
  }

  private async look(): Promise<void> {
    const servers = await Promise.all(this.endpoints.map(serverEnd));
    const server = earliest(servers);
    const client = earliest(this.endpoints.map(({ tls }) => clientEnd(tls.cert)));
    this.fields = {
      ...(server !== undefined && { 'tls.server.not_after': server.toISOString() }),
      ...(client !== undefined && { 'tls.client.not_after': client.toISOString() }),
    };
  }
}

function earliest(ends: readonly (Date | undefined)[]): Date | undefined {
  const [first] = ends.filter((end) => end !== undefined).sort((a, b) => a.getTime() - b.getTime());
  return first;
}

/** Every server that the probe speaks TLS with, each once. */
export function endpointsOf({ inputs, outputs }: Config): readonly TlsEndpoint[] {
  const found = [
    ...Object.values(inputs).flatMap((input) => {
      const { endpoints }: InputType = inputTypes[input.type];
      return endpoints?.(input as never) ?? [];
    }),
    ...Object.values(outputs).flatMap((output) => {
      const { endpoints }: OutputType = outputTypes[output.type];
      return endpoints?.(output as never) ?? [];
    }),
  ];
  return [...new Map(found.map((endpoint) => [placeOf(endpoint), endpoint])).values()];
}

/** The end of a server's certificate; undefined when it cannot be had now: that it does not answer is told elsewhere. */
function serverEnd({ host, port, tls }: TlsEndpoint): Promise<Date | undefined> {
  const { promise, resolve } = Promise.withResolvers<Date | undefined>();
  try {
    // Nothing is sent, and a certificate that has ended already is what is looked for: so it need not be trusted.
    const socket = connect({ host, port, ...tlsOptions(tls, host), rejectUnauthorized: false });
    // Nothing waits for it when the probe stops.
    socket.unref();
    socket.setTimeout(TIMEOUT_MS, () => socket.destroy());
    socket.on('error', () => {});
    socket.on('close', () => resolve(undefined));
    socket.on('secureConnect', () => {
      resolve(dateOf(socket.getPeerCertificate().valid_to));
      socket.end();
    });
  } catch {
    resolve(undefined);
  }
  return promise;
}

function clientEnd(file: string | undefined): Date | undefined {
  if (file === undefined) return undefined;
  try {
    return dateOf(new X509Certificate(readFileSync(file)).validTo);
  } catch {
    return undefined;
  }
}

/** `Nov 24 18:30:00 2026 GMT`, as OpenSSL prints it. */
function dateOf(text: string | undefined): Date | undefined {
  const date = new Date(text ?? '');
  return Number.isNaN(date.getTime()) ? undefined : date;
}
