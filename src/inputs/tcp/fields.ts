import { z } from 'zod';
import { hint } from '../../core/text/suggest.ts';
import { BROKER_ACTIONS } from '../../ecs/actions.ts';
import { CATALOGUE } from '../../ecs/catalogue.ts';

const GIVEN: ReadonlySet<string> = new Set([
  '@timestamp',
  'message',
  'event.action',
  'event.reason',
  'error.code',
  'error.message',
  'log.logger',
  'service.node.name',
  'user.name',
]);
const ROOMS = ['mqtt.', 'source.', 'destination.', 'tls.client.', 'network.'];
/** What the probe itself says of an event, and what is made of the fields that are given. */
const OURS =
  /^mqtt\.(probe|sys|broker|log|audit|throttled|truncated|ambiguous|derived|correlation|drop|topic_|payload\.(?!text$|base64$))/;

/** Catalogue fields that a record of another sender may give. */
const NAMES: readonly string[] = Object.keys(CATALOGUE).filter(
  (name) => GIVEN.has(name) || (ROOMS.some((room) => name.startsWith(room)) && !OURS.test(name)),
);
/** A kind has at most 52 slots; some are made of the others. */
const MAX_FIELDS = 40;
const WORDS: readonly string[] = [...BROKER_ACTIONS];

const key = z.string().min(1, 'write a key of the records, or a path of keys joined by dots');

/** How records of other senders are read: catalogue field to key. */
export const fields = z
  .record(
    z.string(),
    z.union([key, z.strictObject({ key, words: z.record(z.string(), z.string()) })], {
      error: 'write a key of the records, or {key: KEY, words: {THEIRS: OURS}}',
    }),
  )
  .superRefine((table, context) => {
    const report = (path: string[], message: string): void =>
      context.addIssue({ code: 'custom', path, message });
    for (const [name, given] of Object.entries(table)) {
      if (!NAMES.includes(name)) report([name], unknown('field that a record can give', name, NAMES));
      if (name !== 'event.action' || typeof given === 'string') continue;
      for (const [theirs, ours] of Object.entries(given.words))
        if (!WORDS.includes(ours)) report([name, 'words', theirs], unknown('action', ours, WORDS));
    }
    if (Object.keys(table).length > MAX_FIELDS) report([], `at most ${MAX_FIELDS} fields`);
    if (table['event.action'] === undefined)
      report(
        [],
        'event.action is missing: write the key that tells what happened, or an action for all records',
      );
  })
  .meta({
    description: 'Fields of the events, and the keys that the records of "broker: json" have for them',
    examples: [{ 'event.action': { key: 'kind', words: { pub: 'message-published' } }, 'mqtt.topic': 't' }],
  });

function unknown(what: string, word: string, known: readonly string[]): string {
  return `no ${what}; ${hint(word, known, 'see docs/fields.md')}`;
}
