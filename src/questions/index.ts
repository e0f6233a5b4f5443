import { CONNECTIONS } from './connections.ts';
import { MESSAGES } from './messages.ts';
import { OPERATION } from './operation.ts';
import type { Question } from './question.ts';

/**
 * The questions that troubleshooting begins with: searches and ES|QL of Kibana, search templates of the servers, and SQL are
 * made from them.
 */
export const QUESTIONS: readonly Question[] = [...CONNECTIONS, ...MESSAGES, ...OPERATION];
