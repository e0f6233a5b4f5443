import { acknowledgeRules } from './acknowledge.ts';
import { connectionRules } from './connection.ts';
import { Dispatch } from './dispatch.ts';
import { droppedRules } from './dropped.ts';
import { dynamicSecurityRules } from './dynamic-security.ts';
import { TABLES } from './formats/index.ts';
import { lifecycleRules } from './lifecycle.ts';
import type { Rule } from './line.ts';
import { packetRules } from './packet.ts';
import { publishRules } from './publish.ts';
import { refusalRules } from './refusal.ts';
import { subscriptionRules } from './subscription.ts';
import { willRules } from './will.ts';

/** Rules with code of their own: the busiest lines, and those that need more than a format. */
export const RULES: Readonly<Record<string, readonly Rule[]>> = {
  Messages: publishRules,
  Acknowledgements: acknowledgeRules,
  Packets: packetRules,
  Subscriptions: subscriptionRules,
  Connections: connectionRules,
  Wills: willRules,
  'Full queues': droppedRules,
  'Life of the broker': lifecycleRules,
  'Bridges that are answered': refusalRules,
  'Commands of plugins': dynamicSecurityRules,
};

export { TABLES };

export const dispatch = new Dispatch(Object.values(RULES).flat(), Object.values(TABLES).flat());
