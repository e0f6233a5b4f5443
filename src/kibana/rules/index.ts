import { OPERATION_RULES } from './operation-rules.ts';
import type { Rule } from './rule.ts';
import { SECURITY_RULES } from './security-rules.ts';
import { TWIN_RULES } from './twin-rules.ts';

/** Every alert rule. */
export const RULES: readonly Rule[] = [...SECURITY_RULES, ...OPERATION_RULES, ...TWIN_RULES];
