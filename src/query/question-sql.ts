import type { FieldName } from '../ecs/catalogue.ts';
import { sql } from '../questions/query/sql.ts';
import { conditionOf, PARAMETERS, type Parameter, type Question } from '../questions/question.ts';
import { EMQX_EVENT } from './emqx-view.ts';

/** Short names of columns; other fields have their own without `mqtt.`. */
const NAMES: Partial<Record<FieldName, string>> = {
  'service.name': 'broker',
  'event.action': 'event',
  'event.reason': 'reason',
  'mqtt.client.id': 'client',
  'mqtt.publisher.client.id': 'publisher',
  'user.name': 'user',
  'source.ip': 'source',
};

/**
 * A question as SQL over `events`, oldest first as a log is read. Its parameters are `:client` and so on; each has to be
 * given, as NULL where it does not matter.
 */
export function questionSql(question: Question): string {
  const columns = question.columns.map(
    (field) => `"${field}" AS "${NAMES[field] ?? field.replace(/^mqtt\./, '')}"`,
  );
  return [
    `SELECT "@timestamp" AS "time", ${columns.join(', ')}`,
    `FROM events WHERE (${sql(conditionOf(question))})`,
    ...(Object.keys(PARAMETERS) as Parameter[]).map((name) => `AND (:${name} IS NULL OR ${matches(name)})`),
    'ORDER BY "@timestamp", "event.sequence"',
  ].join('\n');
}

function matches(name: Parameter): string {
  const { fields, compared } = PARAMETERS[name];
  const tests = fields.map((field) => {
    if (compared === 'topic') return `mqtt_match(:${name}, "${field}")`;
    if (compared === 'address') return `substr("${field}", 1, length(:${name})) = :${name}`;
    return `"${field}" = :${name}`;
  });
  // Events have EMQX's names too, as in the wide table.
  return [...tests, ...(name === 'event' ? [`${EMQX_EVENT} = :${name}`] : [])].join(' OR ');
}
