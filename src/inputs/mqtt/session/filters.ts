import { covers } from '../../../core/mqtt/topic.ts';
import type { LabelledFilter, LevelLabel } from '../../subscriber.ts';

const NAMED = /^\{([A-Za-z_][A-Za-z0-9_]*)\}$/;

/** `plant/{site}/#` becomes `plant/+/#` with the label `site` from level 1. */
export function compileFilter(text: string): LabelledFilter {
  const labels: LevelLabel[] = [];
  const shared = text.startsWith('$share/') ? 2 : 0;
  const parts = text.split('/').map((part, i) => {
    const name = NAMED.exec(part)?.[1];
    if (name === undefined) return part;
    labels.push({ level: i - shared, name });
    return '+';
  });
  return { filter: parts.join('/'), labels };
}

/**
 * What to ask a broker for: filters without those that another one covers, because with MQTT 5 a message comes once for
 * each subscription that matches it (§3.3.4).
 */
export function withoutCovered<T extends { readonly filter: string }>(filters: readonly T[]): T[] {
  return filters.filter(
    ({ filter }, i) =>
      !filters.some(
        (other, k) => k !== i && covers(other.filter, filter) && (k < i || !covers(filter, other.filter)),
      ),
  );
}
