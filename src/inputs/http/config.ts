import { z } from 'zod';
import { exposureProblem, listenAddress, listenerShape } from '../../config/listening.ts';
import { payload } from '../../config/payload.ts';
import { inputShape } from '../../config/schema.ts';
import { duration, size } from '../../config/units.ts';

/** Bodies are held in memory until they are in the spool. */
const MAX_LIMIT = 64 * 2 ** 20;

const auth = z
  .union(
    [
      z.literal('none'),
      z.strictObject({ token_file: z.string().meta({ description: 'File that holds the bearer token' }) }),
      z.strictObject({
        user: z.string().min(1).meta({ description: 'User of basic authentication' }),
        password_file: z.string().meta({ description: 'File that holds the password' }),
      }),
    ],
    { error: 'write "none", {token_file: FILE}, or {user: NAME, password_file: FILE}' },
  )
  .meta({
    description:
      'What a request has to show: nothing (none), a bearer token (token_file), or basic authentication (user, password_file)',
  });

export const httpInputSchema = z
  .strictObject({
    type: z.literal('http'),
    ...inputShape,
    broker: z
      .string()
      .default('emqx')
      .meta({ description: 'How the broker speaks', examples: ['emqx'] }),
    listen: listenAddress,
    path: z
      .string()
      .regex(/^\/[^?#\s]*$/, 'write a path such as "/emqx"')
      .default('/')
      .meta({ description: 'Path of the requests; others are answered with 404', examples: ['/emqx'] }),
    auth: auth.optional(),
    ...listenerShape,
    limit: size
      .default(8 * 2 ** 20)
      .refine((bytes) => bytes >= 1024 && bytes <= MAX_LIMIT, 'write a size from 1KiB to 64MiB')
      .meta({ description: 'Largest body; larger ones are refused with 413' }),
    timeout: duration
      .default(30_000)
      .refine((ms) => ms >= 100, 'write at least "100ms"')
      .meta({ description: 'Time in which a request has to be there whole' }),
    payload,
  })
  .superRefine((input, context) => {
    const message = exposureProblem(input, '"auth: {token_file: FILE}", "allow: [ADDRESS]"');
    if (message !== undefined) context.addIssue({ code: 'custom', path: ['listen'], message });
  });

export type HttpInputConfig = z.infer<typeof httpInputSchema>;
