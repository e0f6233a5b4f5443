import type { estypes } from '@elastic/elasticsearch';
import { dsl } from '../questions/query/dsl.ts';
import { action, and, exists } from '../questions/query/query.ts';
import { indexPattern } from './data-views.ts';

export type TransformBody = Omit<estypes.TransformPutTransformRequest, 'transform_id'>;

/** Every transform, by its id. @param namespace `*` for all */
export function transforms(namespace: string): Readonly<Record<string, TransformBody>> {
  return {
    'mqtt-client-last-seen': {
      description:
        'The last sign of life of every client: one document a client, for tables and rules over the whole fleet.',
      source: {
        index: [indexPattern('mqtt-connection', namespace), indexPattern('mqtt-message', namespace)],
        query: dsl(
          and(
            exists('mqtt.client.id'),
            action('client-connected', 'client-disconnected', 'session-taken-over', 'message-published'),
          ),
        ),
      },
      latest: { unique_key: ['service.name', 'mqtt.client.id'], sort: '@timestamp' },
      dest: { index: 'mqtt-client-last-seen' },
      frequency: '1m',
      sync: { time: { field: 'event.ingested', delay: '60s' } },
      retention_policy: { time: { field: '@timestamp', max_age: '90d' } },
    },
  };
}
