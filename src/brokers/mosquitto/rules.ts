import { acknowledgeRules } from './acknowledge.ts';
import { bridgeRules } from './bridge.ts';
import { connectionRules } from './connection.ts';
import { disconnectRules } from './disconnect.ts';
import { dynamicSecurityRules } from './dynamic-security.ts';
import { lifecycleRules } from './lifecycle.ts';
import type { Rule } from './line.ts';
import { packetRules } from './packet.ts';
import { publishRules } from './publish.ts';
import { subscriptionRules } from './subscription.ts';
import { troubleRules } from './trouble.ts';

/** All rules; of rules with the same beginning the first that reads a line wins. The busiest come first. */
const RULES: readonly Rule[] = [
  ...publishRules,
  ...acknowledgeRules,
  ...packetRules,
  ...subscriptionRules,
  ...troubleRules,
  ...connectionRules,
  ...disconnectRules,
  ...lifecycleRules,
  ...bridgeRules,
  ...dynamicSecurityRules,
];

const NO_RULES: readonly Rule[] = [];
const byFirst: Rule[][] = [];
for (const rule of RULES) {
  const first = rule.prefix.charCodeAt(0);
  byFirst[first] = [...(byFirst[first] ?? []), rule];
}

/** The rules that can read a text, by its first character. */
export function rulesFor(text: string): readonly Rule[] {
  return byFirst[text.charCodeAt(0)] ?? NO_RULES;
}
