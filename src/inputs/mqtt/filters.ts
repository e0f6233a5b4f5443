/** A level of a topic that becomes a label. */
export interface LevelLabel {
  readonly level: number;
  readonly name: string;
}

/** A topic filter as the broker gets it, and the labels that its named levels give. */
export interface CompiledFilter {
  readonly filter: string;
  readonly labels: readonly LevelLabel[];
}

const NAMED = /^\{([A-Za-z_][A-Za-z0-9_]*)\}$/;

/** `plant/{site}/#` becomes `plant/+/#` with the label `site` from level 1. */
export function compileFilter(text: string): CompiledFilter {
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
