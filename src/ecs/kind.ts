import type { Action, EventKind, LogLevel, Outcome } from '../core/event.ts';
import type { FieldName } from './catalogue.ts';

export interface KindDefinition {
  readonly code: string;
  readonly action: Action;
  readonly outcome?: Outcome;
  readonly level?: LogLevel;
  readonly provider?: string;
  readonly constants?: Readonly<Partial<Record<FieldName, string | number | boolean>>>;
  readonly slots?: readonly FieldName[];
  readonly verbatim?: true;
}

/** Defines a kind of event; field names are checked against the catalogue by the compiler. */
export function defineKind(definition: KindDefinition): EventKind {
  return { constants: {}, slots: [], ...definition };
}
