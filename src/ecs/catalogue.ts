import { AUDIT_FIELDS, BROKER_FIELDS, PROBE_FIELDS } from './fields/broker.ts';
import { CLIENT_FIELDS } from './fields/client.ts';
import { ENRICHMENT_FIELDS } from './fields/enrichment.ts';
import { ENVELOPE_FIELDS } from './fields/envelope.ts';
import type { Field } from './fields/field.ts';
import { MQTT_FIELDS } from './fields/mqtt.ts';
import { SYS_FIELDS } from './fields/sys.ts';

/** Every field of the event model, by its full name: the one source for names, types, documents and templates. */
export const CATALOGUE = {
  ...ENVELOPE_FIELDS,
  ...CLIENT_FIELDS,
  ...MQTT_FIELDS,
  ...BROKER_FIELDS,
  ...SYS_FIELDS,
  ...AUDIT_FIELDS,
  ...PROBE_FIELDS,
  ...ENRICHMENT_FIELDS,
};

export type FieldName = keyof typeof CATALOGUE;

const FIELDS: Readonly<Record<string, Field | undefined>> = CATALOGUE;

/** Type of a field with one value; undefined for arrays and for what is no field. */
export function fieldType(name: string): Field['type'] | undefined {
  const field = FIELDS[name];
  return field?.array === true ? undefined : field?.type;
}
