import type { Slot } from '../../../core/event.ts';
import type { FieldName } from '../../../ecs/catalogue.ts';
import type { LineReader } from '../line.ts';

/** What a denial tells of the client's connection, where its connect line was seen. */
export const DENIED_SLOTS: readonly FieldName[] = ['source.ip', 'source.port', 'user.name'];

/**
 * Values of `DENIED_SLOTS`.
 * @param client its id; undefined: the line does not tell it
 */
export function deniedClient(client: string | undefined, { live }: LineReader): Slot[] {
  const session = client === undefined || live.mayBe(client) ? undefined : live.certain(client);
  return [session?.ip, session?.port, session?.user];
}
