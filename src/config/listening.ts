import { z } from 'zod';
import { allowProblem, isLoopback } from '../net/listening.ts';
import { list } from './units.ts';

const ADDRESS = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]*/\s]+)):(\d{1,5})$/;

/** Where an input listens: `127.0.0.1:12345`, an IPv6 address in brackets; port 0: any. */
export const listenAddress = z
  .string({ error: 'write an address and a port such as "127.0.0.1:12345", or "0.0.0.0:12345" for all' })
  .transform((text, context) => {
    const [, v6, name, port] = ADDRESS.exec(text) ?? [];
    const host = v6 ?? name;
    if (host !== undefined && Number(port) < 65_536) return { host, port: Number(port) };
    const message = `"${text}" is no address to listen on; write one such as "127.0.0.1:12345", or "0.0.0.0:12345" for all`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  })
  .meta({ description: 'Address and port', examples: ['127.0.0.1:12345'] });

/** Keys of every input that listens. */
export const listenerShape = {
  allow: list
    .superRefine((entries, context) => {
      for (const [i, entry] of entries.entries()) {
        const message = allowProblem(entry);
        if (message !== undefined) context.addIssue({ code: 'custom', path: [i], message });
      }
    })
    .optional()
    .meta({ description: 'Addresses and networks that may connect', examples: [['10.0.0.0/8']] }),
  tls: z
    .strictObject({
      cert: z.string().meta({ description: "PEM file of the input's certificate" }),
      key: z.string().meta({ description: 'PEM file of its key' }),
      ca: z.string().optional().meta({
        description: 'PEM file of the authority that signs client certificates; they are then needed',
      }),
    })
    .optional()
    .meta({ description: 'TLS; files are read again when they are replaced' }),
};

interface Listener {
  readonly listen: { readonly host: string };
  readonly allow?: unknown;
  readonly auth?: unknown;
  readonly tls?: { readonly ca?: string | undefined } | undefined;
}

/**
 * An input that others reach has to know who may use it, or has to say that everybody may.
 * @param how what to write, as it stands in the configuration
 * @returns what is wrong; undefined: nothing
 */
export function exposureProblem({ listen, allow, auth, tls }: Listener, how: string): string | undefined {
  const isGuarded = allow !== undefined || auth !== undefined || tls?.ca !== undefined;
  if (isGuarded || isLoopback(listen.host)) return undefined;
  return `others reach ${listen.host}: write ${how}, or "auth: none" when everybody may send`;
}
