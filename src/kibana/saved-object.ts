/** A pointer from one saved object to another. */
export interface Reference {
  readonly type: string;
  readonly id: string;
  readonly name: string;
}

/** An object as Kibana exports and imports it. */
export interface SavedObject {
  readonly id: string;
  readonly type: 'index-pattern' | 'search' | 'dashboard' | 'tag' | 'ml-module';
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly references: readonly Reference[];
  /** Kibana migrates older forms and refuses newer ones, so this names the oldest that holds what is used. */
  readonly typeMigrationVersion?: string;
}

/** The tags of the module. The second is the one that the Dashboards page of Elastic Security lists. */
const TAGS = { mqtt: 'mqtt', security: 'mqtt-security-solution' } as const;
type Tag = keyof typeof TAGS;

export function tagReferences(...tags: readonly Tag[]): Reference[] {
  return tags.map((tag) => ({ type: 'tag', id: TAGS[tag], name: `tag-ref-${TAGS[tag]}` }));
}

/** The saved objects of the two tags. */
export function tagObjects(): SavedObject[] {
  const tag = (id: string, name: string, description: string, color: string): SavedObject => ({
    id,
    type: 'tag',
    attributes: { name, description, color },
    references: [],
    typeMigrationVersion: '8.0.0',
  });
  return [
    tag(TAGS.mqtt, 'MQTT', 'Brokers, watched by brokertap', '#0b64dd'),
    tag(TAGS.security, 'Security Solution', 'Shown on the Dashboards page of Elastic Security', '#f04e98'),
  ];
}

/** Objects as the lines of a file that Kibana imports. */
export function ndjson(objects: readonly SavedObject[]): string {
  const lines = objects.map((object) => ({ ...object, coreMigrationVersion: '8.8.0', managed: false }));
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}
