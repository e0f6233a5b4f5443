import { type IsOwn, listenerProblem } from '../../net/listening.ts';
import type { HttpInputConfig } from './config.ts';
import { Credentials } from './credentials.ts';

/** As in `InputType`: reads the files, and listens for a moment. */
export async function check(
  { auth, tls, listen }: HttpInputConfig,
  _: string,
  isOwn: IsOwn,
): Promise<string | undefined> {
  if (auth !== undefined && auth !== 'none') new Credentials(auth);
  return listenerProblem(listen, tls, isOwn);
}
