import { StateError } from '../core/errors.ts';
import type { Batch } from '../core/output.ts';
import { abortable } from '../core/waiting/abortable.ts';
import { type Delivery, Rewound } from '../pipeline/lane/delivery.ts';
import type { Settlement } from '../pipeline/lane/ledger.ts';
import type { DeadLetters } from '../state/dead-letters.ts';
import { eventOf, type Letter, letterLines } from '../state/letters.ts';

/** What became of replayed letters. */
export interface Replayed {
  /** The output took them, or had them already. */
  taken: number;
  /** Refused again: dead letters as before. */
  refused: number;
}

/** An output whose letters are replayed. */
export interface ReplayTarget {
  readonly name: string;
  readonly delivery: Delivery;
  /** So many letters of a source were taken. */
  readonly revive: (source: string, letters: number) => void;
}

type Mail = Omit<Batch, 'release' | 'waiting'>;

const BATCH_LETTERS = 1000;
const BATCH_CHARS = 1024 * 1024;

/**
 * Sends dead letters to their output again. What it refuses again is a letter again; the others count as delivered. When it
 * is cut short, by `signal` or a crash, the next replay begins with the same letters: the sink recognises them by their ids.
 * @throws the signal's reason
 */
export async function replay(
  letters: DeadLetters,
  { delivery, revive }: Pick<ReplayTarget, 'delivery' | 'revive'>,
  save: () => Promise<void>,
  signal: AbortSignal,
): Promise<Replayed> {
  const total: Replayed = { taken: 0, refused: 0 };
  const unfinished = await letters.takeForReplay();
  if (unfinished === undefined) return total;
  const taken = new Map<string, number>();
  for await (const mail of mailOf(unfinished)) {
    const { dead } = await deliver(delivery, mail, signal);
    const count = mail.ends.length - dead;
    taken.set(mail.source, (taken.get(mail.source) ?? 0) + count);
    total.taken += count;
    total.refused += dead;
  }
  // Removed first: a crash between the two leaves letters counted as dead that are delivered, never the other way round.
  await letters.replayed();
  for (const [source, count] of taken) revive(source, count);
  await save();
  return total;
}

/** Letters as batches, each of one source. */
async function* mailOf(file: string): AsyncGenerator<Mail> {
  let source = '';
  let chars = 0;
  let events: { text: string; stream: string }[] = [];
  for await (const line of letterLines(file)) {
    const letter = letterOf(line, file);
    if (letter.source !== source || events.length === BATCH_LETTERS || chars > BATCH_CHARS) {
      if (events.length > 0) yield mail(source, events);
      events = [];
      chars = 0;
    }
    source = letter.source;
    events.push({ text: `${eventOf(line)}\n`, stream: letter.stream });
    chars += line.length;
  }
  if (events.length > 0) yield mail(source, events);
}

function letterOf(line: string, file: string): Letter {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new StateError(`${file} has a line that is no letter: mend or remove it, then replay again`, {
      cause: error,
    });
  }
}

function mail(source: string, events: readonly { text: string; stream: string }[]): Mail {
  const names = [...new Set(events.map(({ stream }) => stream))];
  let end = 0;
  const ends = Uint32Array.from(events, ({ text }) => {
    end += Buffer.byteLength(text);
    return end;
  });
  return {
    bytes: Buffer.from(events.map(({ text }) => text).join('')),
    ends,
    streams: Uint8Array.from(events, ({ stream }) => names.indexOf(stream)),
    names,
    source,
    resent: true,
  };
}

/** Until the fate of every event is known, however often the output is lost meanwhile. */
async function deliver(delivery: Delivery, mail: Mail, signal: AbortSignal): Promise<Settlement> {
  for (;;) {
    await delivery.ready(signal);
    const epoch = delivery.signal;
    try {
      const settled = new Promise<Settlement>((resolve, reject) => {
        delivery.send(mail, epoch, resolve).catch(reject);
      });
      return await abortable(settled, AbortSignal.any([epoch, signal]));
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Rewound) && !epoch.aborted) throw error;
    }
  }
}
