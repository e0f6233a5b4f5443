import { open, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { Checkpoint, Counters, Cursor } from '../core/cursor.ts';
import { hasCode, reasonOf, StateError } from '../core/errors.ts';
import type { JsonObject } from '../core/event.ts';
import type { Logger } from '../core/log.ts';
import { conceal, reveal } from './hidden-positions.ts';
import { syncDirectory } from './sync-directory.ts';
import type { Vault } from './vault.ts';

/*
 * positions.json, version 1: one JSON object, written as a whole to positions.json.new, synced, renamed over the old one,
 * and the directory synced. So there is always one whole file: the old one or the new one.
 *
 *   version   1; with encrypted parts 2 (hidden-positions.ts). A larger one: written by a newer program; refused.
 *   agent     agent.id of this probe
 *   sources   by source id (24 hex digits, one per file generation):
 *     input, path             where it was found first
 *     target                  the file in which it was found last, behind all links
 *     head                    base64 of up to the first 1 KiB, as it was when last looked at
 *     device, inode           break ties between files with the same head
 *     seen                    ISO time; forgotten after 30 days without a file, of more than 2,000 earlier
 *     cursors                 by output: how far it has got (see Cursor of the pipeline)
 *   streams   by source id, one per stream of the spool:
 *     input                   whose records it holds
 *     cursors                 as above
 *   inputs    by name: facts that an input keeps for its next run
 *   totals    by output: the counters of all sources there have ever been; absent: those of the cursors
 *
 * A file that cannot be read as this is set aside as positions.json.damaged-<time>, and every log file is read again from
 * its beginning under new ids: events may come twice, none is missed. That is logged as an error.
 */

const jsonObject = z.custom<JsonObject>((value) => typeof value === 'object' && value !== null);
const checkpoint: z.ZodType<Checkpoint> = z.object({
  offset: z.number(),
  sequence: z.number(),
  state: jsonObject.exactOptional(),
  passing: z.boolean().exactOptional(),
});
const counters: z.ZodType<Counters> = z.object({
  delivered: z.number(),
  duplicates: z.number(),
  filtered: z.number(),
  dead: z.number(),
  dropped: z.number(),
});
const cursor: z.ZodType<Cursor> = z.object({
  offset: z.number(),
  before: z.string(),
  checkpoint,
  counters,
  cuts: z.array(z.number()).exactOptional(),
});
const generation = z.object({
  input: z.string(),
  path: z.string(),
  target: z.string().exactOptional(),
  head: z.string(),
  device: z.number(),
  inode: z.number(),
  seen: z.iso.datetime(),
  cursors: z.record(z.string(), cursor),
});
const stream = z.object({ input: z.string(), cursors: z.record(z.string(), cursor) });
const positionsFile = z.object({
  version: z.literal(1),
  agent: z.string(),
  sources: z.record(z.string(), generation),
  inputs: z.record(z.string(), jsonObject).default({}),
  streams: z.record(z.string(), stream).default({}),
  totals: z.record(z.string(), counters).exactOptional(),
});

/** How far the outputs are in the spool; can be read without a secret. */
const readableStreams = z.object({
  streams: z.record(
    z.string(),
    z.object({
      cursors: z.record(z.string(), z.object({ offset: z.number(), before: z.string() })),
    }),
  ),
});

const readableInputs = z.object({ inputs: z.record(z.string(), jsonObject) });

/** What is known of one file generation. */
export type Generation = z.infer<typeof generation>;
/** What positions.json holds. */
export type PositionsFile = z.infer<typeof positionsFile>;

const FILE = 'positions.json';

/**
 * Reads the positions of a state directory.
 * @returns undefined: there are none; `damaged`: they were set aside
 * @param vault decrypts what can tell of clients
 * @throws StateError when they belong to another version or secret, or cannot be read
 */
export async function readPositions(
  directory: string,
  log: Logger,
  vault: Vault | undefined,
): Promise<PositionsFile | 'damaged' | undefined> {
  const file = path.join(directory, FILE);
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw new StateError(
      `${file} cannot be read (${reasonOf(error)}): give it to the user that runs brokertap`,
    );
  }
  const value = reveal(text, vault, file);
  const version = z.object({ version: z.number() }).safeParse(value);
  if (version.success && version.data.version > 2) {
    throw new StateError(
      `${file} has version ${version.data.version} and this brokertap knows versions 1 and 2: ` +
        'use the version that wrote it, or another state directory',
    );
  }
  const parsed = positionsFile.safeParse(value);
  if (parsed.success) return parsed.data;
  const aside = `${file}.damaged-${Date.now()}`;
  await rename(file, aside);
  log.error(
    { file: aside },
    'the positions are damaged and were set aside; every log file is read again from its beginning, events may come twice',
  );
  return 'damaged';
}

/** Cursors on the streams of the spool as they were last saved, by source id and output; none when nothing can be read. */
export async function savedStreams(directory: string): Promise<z.infer<typeof readableStreams>['streams']> {
  const text = await readFile(path.join(directory, FILE), 'utf8').catch(() => '');
  return readableStreams.safeParse(parse(text)).data?.streams ?? {};
}

/** What inputs have kept for their next run as it was last saved, by name; of none when it cannot be read. */
export async function savedFacts(
  directory: string,
  vault: Vault | undefined,
): Promise<Readonly<Record<string, JsonObject>>> {
  const file = path.join(directory, FILE);
  try {
    return readableInputs.parse(reveal(await readFile(file, 'utf8'), vault, file)).inputs;
  } catch {
    return {};
  }
}

/** Replaces the positions, synced. After an error the old ones are still whole. */
export async function writePositions(
  directory: string,
  data: PositionsFile,
  vault: Vault | undefined,
): Promise<void> {
  const temporary = path.join(directory, `${FILE}.new`);
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(conceal(data, vault));
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(temporary, path.join(directory, FILE));
  await syncDirectory(directory);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
