import type { FieldName } from '../../ecs/catalogue.ts';
import type { View } from '../data-views.ts';
import type { Query, TermField } from '../query/query.ts';

/** What the person who asks may say; an empty one leaves it open. */
export type Parameter = 'client' | 'user' | 'source' | 'topic' | 'event';

/** Fields that a parameter is compared with; `prefix`: the field begins with it. */
export const PARAMETERS: Readonly<
  Record<
    Parameter,
    { readonly fields: readonly TermField[]; readonly prefix: boolean; readonly meaning: string }
  >
> = {
  client: { fields: ['mqtt.client.id'], prefix: false, meaning: 'client id' },
  user: { fields: ['user.name'], prefix: false, meaning: 'user name; in audit events the operator' },
  source: { fields: ['source.ip'], prefix: true, meaning: 'begin of the address, as in 192.0.2.' },
  topic: {
    fields: ['mqtt.topic', 'mqtt.subscription.filter'],
    prefix: true,
    meaning: 'begin of the topic or filter',
  },
  event: { fields: ['event.action'], prefix: false, meaning: 'the event, as in client-connected' },
};

/** A question about brokers: a saved search for Discover, and a query in ES|QL. */
export interface Question {
  readonly id: string;
  readonly title: string;
  /** What it answers, and how to read the answer. */
  readonly question: string;
  readonly view: View;
  readonly where: Query;
  readonly parameters: readonly Parameter[];
  /** Columns of the list, beside the time. */
  readonly columns: readonly FieldName[];
  /** Oldest first, where the order of things tells the story. */
  readonly oldestFirst?: true;
}
