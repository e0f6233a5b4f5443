import type { NumberField, Query, TermField } from '../questions/query/query.ts';
import type { View } from './data-views.ts';

/** A number made of many events. */
export type Measure =
  | { readonly kind: 'count'; readonly label: string; readonly where?: Query }
  | {
      readonly kind: 'unique';
      readonly field: TermField;
      readonly label: string;
      readonly where?: Query;
    }
  | {
      readonly kind: 'sum' | 'average' | 'max';
      readonly field: NumberField;
      readonly label: string;
      readonly where?: Query;
    };

/** What a counter has counted in a second, from how far it was in the moments before; a restart is no fall. */
export interface Rate {
  readonly kind: 'rate';
  /** One whose `metric` is `counter`. */
  readonly field: NumberField;
  readonly label: string;
}

/** How a panel shows its numbers. */
type Chart =
  | { readonly type: 'number'; readonly of: Measure }
  | {
      readonly type: 'timeline';
      readonly style: 'line' | 'bar_stacked' | 'area_stacked';
      readonly of: readonly (Measure | Rate)[];
      /** One line or colour for each value. */
      readonly by?: TermField;
    }
  | { readonly type: 'donut'; readonly of: Measure; readonly by: TermField }
  | {
      readonly type: 'table';
      readonly rows: readonly [TermField, ...TermField[]];
      readonly of: readonly [Measure, ...Measure[]];
      readonly size?: number;
      /** A click on a client shows all about it. */
      readonly toClient?: true;
    };

/** A chart of a dashboard, in words that fit Kibana and Grafana alike. */
export interface ChartPanel {
  /** Unique in its dashboard. */
  readonly id: string;
  readonly title: string;
  /** What it answers, for the documentation. */
  readonly question: string;
  readonly view: View;
  readonly where?: Query;
  readonly chart: Chart;
  /** Of 48 columns. */
  readonly width: number;
  readonly height: number;
}

/** A saved search in a dashboard. */
export interface SearchPanel {
  readonly id: string;
  readonly title: string;
  readonly question: string;
  /** Id of the saved search. */
  readonly search: string;
  readonly width: number;
  readonly height: number;
}

export type Panel = ChartPanel | SearchPanel;

/** A drop-down list over a dashboard, or the time slider. */
export type Control = { readonly field: TermField; readonly title: string } | { readonly time: true };

export interface Dashboard {
  readonly id: string;
  readonly title: string;
  /** What it is for, in a sentence or two. */
  readonly description: string;
  /** Its narrowest data view: where the lists of the controls come from. */
  readonly view: View;
  readonly controls: readonly Control[];
  readonly security?: true;
  readonly panels: readonly Panel[];
}

export const count = (label: string, where?: Query): Measure => ({
  kind: 'count',
  label,
  ...(where !== undefined && { where }),
});
export const unique = (field: TermField, label: string, where?: Query): Measure => ({
  kind: 'unique',
  field,
  label,
  ...(where !== undefined && { where }),
});
export const number = (
  kind: 'sum' | 'average' | 'max',
  field: NumberField,
  label: string,
  where?: Query,
): Measure => ({
  kind,
  field,
  label,
  ...(where !== undefined && { where }),
});
export const rate = (field: NumberField, label: string): Rate => ({ kind: 'rate', field, label });
