import { OPERATION_RULES } from './operation-rules.js';
import { SECURITY_RULES } from './security-rules.js';
import { TWIN_RULES } from './twin-rules.js';
/** Every alert rule. */
export const RULES = [...SECURITY_RULES, ...OPERATION_RULES, ...TWIN_RULES];
