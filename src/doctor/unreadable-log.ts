import type { Finding } from './doctor.ts';

/** A log of which nothing can be read. @param problem why, and what to do */
export function unreadableLog(problem: string): Finding {
  return {
    check: 'log-file',
    severity: 'error',
    title: `The log cannot be read: ${problem}`,
    lost: 'Every event that comes from the log.',
    changes: [],
  };
}
