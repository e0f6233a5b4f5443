import type { Action } from '../../core/event.ts';
import type { CATALOGUE, FieldName } from '../../ecs/catalogue.ts';

type Catalogue = typeof CATALOGUE;
type Of<Type> = { [Name in FieldName]: Catalogue[Name]['type'] extends Type ? Name : never }[FieldName];

/** Fields with numbers: can be added, averaged, compared. */
export type NumberField = Of<'long' | 'short' | 'byte' | 'float'>;
/** Fields whose values can be counted one by one: exact words, addresses, numbers. */
export type TermField = Of<'keyword' | 'ip' | 'boolean' | 'long' | 'short' | 'byte'>;
/** Fields that hold a time. */
type DateField = Of<'date'>;
/** Fields that hold words. */
export type WordField = Of<'keyword'>;

type Value = string | number | boolean;

/** A condition on one field. */
export type Condition =
  | { readonly field: TermField; readonly is: readonly Value[] }
  /** `*` stands for any characters. */
  | { readonly field: WordField; readonly like: string }
  | { readonly field: FieldName; readonly exists: true }
  /** Past, or within so many days. */
  | { readonly field: DateField; readonly withinDays: number };

/** What to look for; `kql`, `dsl`, `esql`, `lucene` and `sql` say it in the language of each reader. */
export type Query =
  | Condition
  | { readonly not: Condition }
  | { readonly and: readonly Query[] }
  | { readonly or: readonly Query[] };

/** One of the values. */
export const is = (field: TermField, ...values: readonly [Value, ...Value[]]): Condition => ({
  field,
  is: values,
});
export const like = (field: WordField, pattern: string): Condition => ({ field, like: pattern });
export const exists = (field: FieldName): Condition => ({ field, exists: true });
export const withinDays = (field: DateField, days: number): Condition => ({ field, withinDays: days });
/** Also true where the field is absent. */
export const not = (condition: Condition): Query => ({ not: condition });
export const and = (...all: readonly Query[]): Query => ({ and: all });
export const or = (...any: readonly Query[]): Query => ({ or: any });

/** Every field that a query names. */
export function fieldsOf(query: Query): FieldName[] {
  if ('and' in query) return query.and.flatMap(fieldsOf);
  if ('or' in query) return query.or.flatMap(fieldsOf);
  return ['not' in query ? query.not.field : query.field];
}

/** Events of these actions. */
export const action = (...actions: readonly [Action, ...Action[]]): Condition => ({
  field: 'event.action',
  is: actions,
});
