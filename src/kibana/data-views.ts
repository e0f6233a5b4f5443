import { streamType } from '../ecs/actions.ts';
import { type SavedObject, tagReferences } from './saved-object.ts';

/** What a data view shows: its name, and the datasets behind it; none: all logs. */
const VIEWS = {
  'mqtt-logs': { name: 'MQTT: all events', dataset: undefined },
  'mqtt-broker': { name: 'MQTT: brokers', dataset: 'mqtt.broker' },
  'mqtt-connection': { name: 'MQTT: connections', dataset: 'mqtt.connection' },
  'mqtt-access': { name: 'MQTT: access and subscriptions', dataset: 'mqtt.access' },
  'mqtt-message': { name: 'MQTT: messages', dataset: 'mqtt.message' },
  'mqtt-audit': { name: 'MQTT: audit', dataset: 'mqtt.audit' },
  'mqtt-probe': { name: 'MQTT: probe', dataset: 'mqtt.probe' },
  'mqtt-sys': { name: "MQTT: the brokers' own numbers", dataset: 'mqtt.sys' },
} as const;

export type View = keyof typeof VIEWS;
export const DATA_VIEWS = Object.keys(VIEWS) as View[];

/** The one dataset of a data view; undefined: all that are logs. */
export function datasetOf(view: View): string | undefined {
  return VIEWS[view].dataset;
}

/** The data view of one dataset, or of all that are logs. */
export function viewOf(dataset: string | undefined): View {
  const view = DATA_VIEWS.find((one) => VIEWS[one].dataset === dataset);
  if (view === undefined) throw new TypeError(`no data view of ${dataset}`);
  return view;
}

/** The index pattern of a data view. @param namespace `*` for all */
export function indexPattern(view: View, namespace: string): string {
  const { dataset } = VIEWS[view];
  return dataset === undefined
    ? `logs-mqtt.*-${namespace}`
    : `${streamType(dataset)}-${dataset}-${namespace}`;
}

/** The saved objects of all data views. @param namespace `*` for all */
export function dataViewObjects(namespace: string): SavedObject[] {
  return DATA_VIEWS.map((id) => ({
    id,
    type: 'index-pattern',
    attributes: {
      title: indexPattern(id, namespace),
      name: VIEWS[id].name,
      timeFieldName: '@timestamp',
      fields: '[]',
      fieldAttrs: '{}',
      fieldFormatMap: JSON.stringify(FORMATS),
      runtimeFieldMap: '{}',
      sourceFilters: '[]',
      typeMeta: '{}',
    },
    references: tagReferences('mqtt'),
    typeMigrationVersion: '8.0.0',
  }));
}

const bytes = { id: 'bytes' };
const FORMATS = {
  'event.duration': {
    id: 'duration',
    params: { inputFormat: 'nanoseconds', outputFormat: 'humanizePrecise', outputPrecision: 1 },
  },
  'mqtt.payload.size': bytes,
  'mqtt.probe.process.resident_memory': bytes,
  'mqtt.broker.heap.current': bytes,
  'mqtt.broker.heap.maximum': bytes,
};
