/** One field of the event model. */
export interface Field {
  /** Elasticsearch mapping type. */
  readonly type:
    | 'keyword'
    | 'match_only_text'
    | 'long'
    | 'short'
    | 'byte'
    | 'boolean'
    | 'date'
    | 'ip'
    | 'flattened'
    | 'constant_keyword';
  readonly description: string;
  /** `s`, `ms`, `ns`, `bytes`, …; absent for plain numbers and words. */
  readonly unit?: string;
  /** Datasets it occurs in; absent: all. */
  readonly datasets?: readonly string[];
  /** Several values in one event. */
  readonly array?: true;
  /** Stored, not searchable. */
  readonly unindexed?: true;
  /** How a number of `mqtt.sys` develops. */
  readonly metric?: 'counter' | 'gauge';
}

export const CATALOGUE = {
  '@timestamp': {
    type: 'date',
    description: 'When it happened: the time the broker gives, else when the probe saw it',
  },
  'mqtt.client.id': { type: 'keyword', description: 'MQTT client identifier' },
} as const satisfies Readonly<Record<string, Field>>;

export type FieldName = keyof typeof CATALOGUE;
