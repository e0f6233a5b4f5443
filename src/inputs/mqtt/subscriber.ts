import { hostname } from 'node:os';
import type { JsonObject } from '../../core/event.ts';
import type { Subscriber } from '../subscriber.ts';
import { clientIdOf } from './client-id.ts';
import type { MqttInputConfig } from './config.ts';
import { compileFilter } from './session/filters.ts';

/** As in `InputType`. */
export function subscriberOf(
  config: MqttInputConfig,
  input: string,
  facts: JsonObject | undefined,
): Subscriber {
  const { own_traffic: ownTraffic, events = [], topics, payload } = config;
  return {
    clientId: clientIdOf(config, hostname(), input, facts),
    isLeftOut: ownTraffic === 'drop',
    wantsLog: topics.some(({ filter }) => filter.startsWith('$SYS/broker/log/')),
    events,
    labelled: topics.map(({ filter }) => compileFilter(filter)).filter(({ labels }) => labels.length > 0),
    payload,
  };
}
