import { TABLES } from './formats/index.ts';
import type { Rule } from './line.ts';
import { acknowledgeRules } from './lines/acknowledge.ts';
import { refusalRules } from './lines/bridge-connack.ts';
import { connectionRules } from './lines/connect.ts';
import { droppedRules } from './lines/dropped.ts';
import { dynamicSecurityRules } from './lines/dynamic-security.ts';
import { lifecycleRules } from './lines/lifecycle.ts';
import { packetRules } from './lines/packet.ts';
import { publishRules } from './lines/publish.ts';
import { subscriptionRules } from './lines/subscribe.ts';
import { willRules } from './lines/will.ts';
import { Dispatch } from './matching/dispatch.ts';

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
