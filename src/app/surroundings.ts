import type { Config } from '../config/load.ts';
import type { Logger } from '../core/log.ts';
import type { Lane } from '../pipeline/lane/lane.ts';
import type { Privacy } from '../pipeline/normalizer/privacy.ts';
import type { PositionStore } from '../state/positions.ts';
import type { Spool, StreamSettings } from '../state/spool/spool.ts';
import type { SpoolStream } from '../state/spool/stream.ts';
import type { Identity } from './envelope.ts';

/** What all inputs share. */
export interface Surroundings {
  readonly config: Config;
  readonly log: Logger;
  readonly lanes: readonly Lane[];
  readonly store: PositionStore;
  readonly spool: Spool;
  readonly identity: Identity;
  readonly privacy: Privacy | undefined;
  /** Aborted when files and the spool are no longer read. */
  readonly stopReading: AbortSignal;
  /** Aborted when what is in memory only is no longer read either. */
  readonly stopCarrying: AbortSignal;
}

/** A stream of the spool, with the cursors of all outputs on it. @param name as `Spool.open` takes it */
export async function openStream(
  name: string,
  { spool, store, lanes }: Surroundings,
  settings: StreamSettings,
): Promise<SpoolStream> {
  const stream = await spool.open(name, (id) => store.streamCursors(id), settings);
  store.addStream(stream.id, name, stream.beginning);
  for (const { name: output } of lanes) {
    const cursor = store.cursor(stream.id, output);
    if (cursor !== undefined) stream.settled(output, cursor.offset, cursor.checkpoint.offset);
  }
  return stream;
}
