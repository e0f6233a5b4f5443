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
