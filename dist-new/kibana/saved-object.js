/** The tags of the module. The second is the one that the Dashboards page of Elastic Security lists. */
export const TAGS = { mqtt: 'mqtt', security: 'mqtt-security-solution' };
export function tagReferences(...tags) {
    return tags.map((tag) => ({ type: 'tag', id: TAGS[tag], name: `tag-ref-${TAGS[tag]}` }));
}
/** The saved objects of the two tags. */
export function tagObjects() {
    const tag = (id, name, description, color) => ({
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
export function ndjson(objects) {
    const lines = objects.map((object) => ({ ...object, coreMigrationVersion: '8.8.0', managed: false }));
    return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}
