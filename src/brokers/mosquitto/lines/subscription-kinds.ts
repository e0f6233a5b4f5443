import type { EventKind } from '../../../core/event.ts';
import { parseShare } from '../../../core/mqtt/topic.ts';
import type { FieldName } from '../../../ecs/catalogue.ts';
import { defineKind, type KindDefinition } from '../../../ecs/kind.ts';
import { DENIED_SLOTS } from './denied-client.ts';

const filterSlots = ['mqtt.client.id', 'mqtt.subscription.filter', 'mqtt.subscription.share_group'] as const;

const subscription = (
  code: string,
  action: KindDefinition['action'],
  level: 'debug' | 'notice',
  qos?: 'qos' | 'granted_qos',
): EventKind =>
  defineKind({
    code: `mosquitto.${code}`,
    action,
    level,
    slots: qos === undefined ? filterSlots : [...filterSlots, `mqtt.subscription.${qos}`],
  });

const denied = (code: string, ...slots: FieldName[]): EventKind =>
  defineKind({
    code: `mosquitto.${code}`,
    action: 'subscribe-denied',
    level: 'debug',
    constants: { 'mqtt.acl.operation': 'subscribe' },
    slots: [...filterSlots, ...slots, ...DENIED_SLOTS],
  });

/** Lines of a SUBSCRIBE or UNSUBSCRIBE and of what became of each filter. */
export const REQUESTED = subscription('subscription_requested', 'subscription-requested', 'debug', 'qos');
export const GRANTED = subscription('subscription_granted', 'subscription-added', 'notice', 'granted_qos');
export const DENIED = denied('subscription_denied');
export const NOT_GRANTED = denied('subscription_not_granted', 'mqtt.subscription.qos');
export const UNSUBSCRIPTION = subscription('unsubscription_requested', 'unsubscription-requested', 'debug');
export const REMOVED = subscription('subscription_removed', 'subscription-removed', 'notice');

/** `mqtt.subscription.share_group` of a filter. */
export function groupOf(filter: string | undefined): string | undefined {
  return filter === undefined ? undefined : parseShare(filter).group;
}
