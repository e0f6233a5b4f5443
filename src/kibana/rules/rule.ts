import type { NumberField, Query, TermField, WordField } from '../../questions/query/query.ts';
import type { View } from '../data-views.ts';

/** When a rule speaks. Times are of the server; windows end now. */
export type Trigger =
  /** More than so many events in the window, for each value of a field. */
  | { readonly kind: 'count'; readonly by?: TermField; readonly over: number; readonly minutes: number }
  /** Seen within the last hours, and not within the last minutes. */
  | {
      readonly kind: 'quiet';
      readonly by: WordField;
      readonly minutes: number;
      readonly hours: number;
    }
  /** Seen for the first time in the last minutes, by what is remembered of so many days; `within`: where others have been before. */
  | {
      readonly kind: 'fresh';
      readonly who: WordField;
      readonly within?: TermField;
      readonly minutes: number;
      readonly days: number;
    }
  /** So many times what is usual over the last hours, and not too little to matter; of the events, or of the average of a field. */
  | {
      readonly kind: 'surge';
      readonly by: WordField;
      readonly average?: NumberField;
      readonly factor: number;
      readonly atLeast: number;
      readonly minutes: number;
      readonly hours: number;
    }
  /** More different values than that, for each value of a field. */
  | {
      readonly kind: 'breadth';
      readonly by: TermField;
      readonly different: TermField;
      readonly over: number;
      readonly minutes: number;
    }
  /** Events that took longer from the probe to the server. */
  | { readonly kind: 'late'; readonly by: WordField; readonly seconds: number; readonly minutes: number };

/** An alert rule. */
export interface Rule {
  readonly id: string;
  readonly name: string;
  readonly view: View;
  readonly where?: Query;
  readonly trigger: Trigger;
  /** What it means, and what to do. */
  readonly advice: string;
  /** Id of the dashboard that shows more. */
  readonly dashboard: string;
  /** Off until somebody switches it on: what it reports is normal on some brokers, or it stands in for a job of machine learning. */
  readonly off?: true;
  readonly security?: true;
}
