import type { FieldName } from '../ecs/catalogue.ts';
import { and, is, type Query, type TermField } from './query/query.ts';

/** What the person who asks may say; what is not said leaves it open. */
export type Parameter = 'client' | 'user' | 'source' | 'topic' | 'event';

/** The fields one of which has what a parameter says. */
export const PARAMETERS: Readonly<
  Record<
    Parameter,
    {
      readonly fields: readonly TermField[];
      /** `word`: it is the same. `address` and `topic`: as far as each language can, which `docs/questions.md` tells. */
      readonly compared: 'word' | 'address' | 'topic';
      readonly meaning: string;
    }
  >
> = {
  client: {
    fields: ['mqtt.client.id', 'mqtt.publisher.client.id'],
    compared: 'word',
    meaning: 'client id, as sender or receiver',
  },
  user: {
    fields: ['user.name', 'mqtt.publisher.user.name'],
    compared: 'word',
    meaning: 'user name; in audit events the operator',
  },
  source: { fields: ['source.ip'], compared: 'address', meaning: 'address of the client' },
  topic: {
    fields: ['mqtt.topic', 'mqtt.subscription.filter', 'mqtt.will.topic'],
    compared: 'topic',
    meaning: 'topic of the message or will, or filter of the subscription',
  },
  event: { fields: ['event.action'], compared: 'word', meaning: 'the event, as in client-connected' },
};

/** Something that people ask of the events, in no language yet. */
export interface Question {
  /** `why-disconnected`; what is installed on a server has `mqtt-` before it. */
  readonly name: string;
  readonly question: string;
  /** How to read the answer. */
  readonly reading: string;
  /** The dataset that has every answer; absent: any. */
  readonly dataset?: string;
  readonly where: Query;
  /** The parameter without which it makes no sense. */
  readonly needs?: Parameter;
  /** What is shown of each event, beside its time. */
  readonly columns: readonly FieldName[];
  /** What answers are counted by. */
  readonly by: readonly TermField[];
  /** Oldest first, where the order of things tells the story. */
  readonly oldestFirst?: true;
}

/** Which of all events answer a question. */
export function conditionOf({ dataset, where }: Question): Query {
  return dataset === undefined ? where : and(is('event.dataset', dataset), where);
}
