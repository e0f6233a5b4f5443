import { z } from 'zod';

/** Keys of `tls` that name PEM files, for connections that the probe opens. */
export const pemShape = {
  ca: z.string().optional().meta({ description: 'PEM file of the authority that signed the server' }),
  cert: z.string().optional().meta({ description: 'PEM file of the client certificate' }),
  key: z.string().optional().meta({ description: 'PEM file of its key' }),
};

/** Keys of `tls` for connections that the probe opens. */
export const tlsShape = {
  ...pemShape,
  server_name: z
    .string()
    .optional()
    .meta({ description: 'Name that the certificate has to have; default: the host' }),
};

/** Reports a client certificate without its key, or a key without its certificate. */
export function checkPair(
  { cert, key }: { readonly cert?: string | undefined; readonly key?: string | undefined },
  context: z.RefinementCtx,
): void {
  if ((cert === undefined) === (key === undefined)) return;
  const [given, missing] =
    key === undefined
      ? ['cert', '"key" too, the path of its key']
      : ['key', '"cert" too, the path of the certificate'];
  const message = `a client certificate is two files: write ${missing}`;
  context.addIssue({ code: 'custom', path: [given], message });
}
