import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { StateError } from '../core/errors.js';
import { abortable } from '../pipeline/abortable.js';
import { Rewound } from '../pipeline/delivery.js';
import { eventOf } from '../state/dead-letters.js';
const BATCH_LETTERS = 1000;
const BATCH_CHARS = 1024 * 1024;
/**
 * Sends dead letters to their output again. What it refuses again is a letter again; the others count as delivered. When it
 * is cut short, by `signal` or a crash, the next replay begins with the same letters: the sink recognises them by their ids.
 * @throws the signal's reason
 */
export async function replay(letters, { delivery, revive }, save, signal) {
    const total = { taken: 0, refused: 0 };
    const unfinished = await letters.takeForReplay();
    if (unfinished === undefined)
        return total;
    const taken = new Map();
    for await (const mail of mailOf(unfinished)) {
        const { dead } = await deliver(delivery, mail, signal);
        const count = mail.ends.length - dead;
        taken.set(mail.source, (taken.get(mail.source) ?? 0) + count);
        total.taken += count;
        total.refused += dead;
    }
    // Removed first: a crash between the two leaves letters counted as dead that are delivered, never the other way round.
    await letters.replayed();
    for (const [source, count] of taken)
        revive(source, count);
    await save();
    return total;
}
/** Letters as batches, each of one source. */
async function* mailOf(file) {
    let source = '';
    let chars = 0;
    let events = [];
    for await (const line of createInterface({ input: createReadStream(file) })) {
        const letter = letterOf(line, file);
        if (letter.source !== source || events.length === BATCH_LETTERS || chars > BATCH_CHARS) {
            if (events.length > 0)
                yield mail(source, events);
            events = [];
            chars = 0;
        }
        source = letter.source;
        events.push({ text: `${eventOf(line)}\n`, stream: letter.stream });
        chars += line.length;
    }
    if (events.length > 0)
        yield mail(source, events);
}
function letterOf(line, file) {
    try {
        return JSON.parse(line);
    }
    catch (error) {
        throw new StateError(`${file} has a line that is no letter: mend or remove it, then replay again`, {
            cause: error,
        });
    }
}
function mail(source, events) {
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
async function deliver(delivery, mail, signal) {
    for (;;) {
        await delivery.ready(signal);
        const epoch = delivery.signal;
        try {
            const settled = new Promise((resolve, reject) => {
                delivery.send(mail, epoch, resolve).catch(reject);
            });
            return await abortable(settled, AbortSignal.any([epoch, signal]));
        }
        catch (error) {
            signal.throwIfAborted();
            if (!(error instanceof Rewound) && !epoch.aborted)
                throw error;
        }
    }
}
