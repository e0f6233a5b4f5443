import { AUDIT_FIELDS, BROKER_FIELDS, PROBE_FIELDS } from './fields/broker.js';
import { ENRICHMENT_FIELDS } from './fields/enrichment.js';
import { ENVELOPE_FIELDS } from './fields/envelope.js';
import { MQTT_FIELDS } from './fields/mqtt.js';
import { SYS_FIELDS } from './fields/sys.js';
/** Every field of the event model, by its full name: the one source for names, types, documents and templates. */
export const CATALOGUE = {
    ...ENVELOPE_FIELDS,
    ...MQTT_FIELDS,
    ...BROKER_FIELDS,
    ...SYS_FIELDS,
    ...AUDIT_FIELDS,
    ...PROBE_FIELDS,
    ...ENRICHMENT_FIELDS,
};
const FIELDS = CATALOGUE;
/** Type of a field with one value; undefined for arrays and for what is no field. */
export function fieldType(name) {
    const field = FIELDS[name];
    return field?.array === true ? undefined : field?.type;
}
