import type { Rule } from '../line.ts';
import { acknowledgeRules } from './acknowledge.ts';
import { bridgeConnackRules } from './bridge-connack.ts';
import { connectRules } from './connect.ts';
import { openedRule } from './connection-opened.ts';
import { droppedRules } from './dropped.ts';
import { dynamicSecurityRules } from './dynamic-security.ts';
import { lifecycleRules } from './lifecycle.ts';
import { packetRules } from './packet.ts';
import { publishRules } from './publish.ts';
import { subscriptionRules } from './subscribe.ts';
import { willRules } from './will.ts';

/** Rules with code of their own: for the busiest lines, and for those that need more than a format. */
export const RULES: Readonly<Record<string, readonly Rule[]>> = {
  Messages: publishRules,
  Acknowledgements: acknowledgeRules,
  Packets: packetRules,
  Subscriptions: subscriptionRules,
  Connections: [openedRule, ...connectRules],
  Wills: willRules,
  'Full queues': droppedRules,
  'Life of the broker': lifecycleRules,
  'Bridges that are answered': bridgeConnackRules,
  'Commands of plugins': dynamicSecurityRules,
};
