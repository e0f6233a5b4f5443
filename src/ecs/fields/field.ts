/** One field of the event model. */
export interface Field {
  /** Elasticsearch mapping type; `labels`: an object of keywords with any keys. */
  readonly type:
    | 'keyword'
    | 'match_only_text'
    | 'long'
    | 'short'
    | 'byte'
    | 'float'
    | 'boolean'
    | 'date'
    | 'ip'
    | 'geo_point'
    | 'flattened'
    | 'constant_keyword'
    | 'labels';
  readonly description: string;
  /** `s`, `ms`, `ns`, `bytes`; absent for plain numbers and words. */
  readonly unit?: string;
  /** Datasets it occurs in; absent: all. */
  readonly datasets?: readonly string[];
  /** Several values in one event. */
  readonly array?: true;
  /** Stored, not searchable. */
  readonly unindexed?: true;
  /** How a number of `mqtt.sys` develops. */
  readonly metric?: 'counter' | 'gauge';
  /** Tells apart which broker, node and probe a sample of `mqtt.sys` is of. */
  readonly dimension?: true;
}

export type Fields = Readonly<Record<string, Field>>;
