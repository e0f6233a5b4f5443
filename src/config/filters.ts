import { z } from 'zod';
import { LEVELS } from '../core/event.ts';
import { matchesWildcard } from '../core/text/wildcard.ts';
import { ACTIONS, DATASETS } from '../ecs/actions.ts';
import { unknown } from './schema-check.ts';
import { list } from './units.ts';

const entry = z
  .strictObject({
    action: words('action', Object.keys(ACTIONS))
      .optional()
      .meta({ description: 'event.action; * stands for any characters' }),
    dataset: words('dataset', DATASETS).optional().meta({ description: 'event.dataset' }),
    level: words('level', LEVELS).optional().meta({ description: 'log.level' }),
    client: list.optional().meta({ description: 'mqtt.client.id' }),
    topic: list.optional().meta({ description: 'MQTT topic filters' }),
  })
  .refine(
    (entry) => Object.keys(entry).length > 0,
    'give at least one of action, dataset, level, client, topic',
  );

const entries = z.array(entry, { error: 'write a list, such as [{action: packet-sent}, {topic: "$SYS/#"}]' });

/** Keys of every input and output. */
export const filterShape = {
  include: entries.optional().meta({ description: 'Only events that match one of these go on' }),
  exclude: entries.optional().meta({ description: 'Events that match one of these are left out' }),
};

/** A list of which each entry, with its wildcards, stands for words that are known: another one would match nothing. */
function words(what: string, known: readonly string[]): typeof list {
  return list.superRefine((given, context) => {
    for (const [i, word] of given.entries()) {
      if (known.some((one) => matchesWildcard(word, one))) continue;
      const parts = known.filter((one) => one.startsWith(word) || one.endsWith(`.${word}`));
      const [meant] = parts;
      const message =
        parts.length === 1
          ? `unknown ${what} "${word}"; did you mean "${meant}"?`
          : unknown(what, word, known);
      context.addIssue({ code: 'custom', path: [i], message });
    }
  });
}
