import { type IsOwn, listenerProblem } from '../../net/listening.ts';
import type { TcpInputConfig } from './config.ts';

/** As in `InputType`: reads the files, and listens for a moment. */
export function check({ tls, listen }: TcpInputConfig, _: string, isOwn: IsOwn): Promise<string | undefined> {
  return listenerProblem(listen, tls, isOwn);
}
