import type { Query } from '../../../src/questions/query/query.ts';

/** A condition as the text has it: any field, any value. */
type Parsed =
  | { field: string; is: (string | number | boolean)[] }
  | { field: string; like: string }
  | { field: string; exists: true }
  | { field: string; withinDays: number }
  | { not: Parsed }
  | { and: Parsed[] }
  | { or: Parsed[] };

/**
 * Reads the part of the Kibana Query Language that the assets use, by the grammar that Kibana documents: `or`, `and`,
 * `not`, parentheses, `field: value`, `field: (a or b)`, `field < "now+21d"`, `*`, quotes, backslash.
 * @throws SyntaxError where the text is none
 */
export function parseKql(text: string): Query {
  const tokens = [
    ...text.matchAll(/\s*(?:("(?:[^"\\]|\\.)*")|(>=|<=|[():<>])|((?:\\.|[^\s():<>"\\{}])+))/gy),
  ].map(([, quoted, sign, word]) => ({ quoted, sign, word }));
  const length = [
    ...text.matchAll(/\s*(?:"(?:[^"\\]|\\.)*"|>=|<=|[():<>]|(?:\\.|[^\s():<>"\\{}])+)/gy),
  ].reduce((sum, [all]) => sum + all.length, 0);
  if (length !== text.trimEnd().length)
    throw new SyntaxError(`${text}: cannot be read after ${length} characters`);
  let at = 0;
  const is = (word: string): boolean => tokens[at]?.word?.toLowerCase() === word;
  const sign = (wanted: string): void => {
    if (tokens[at++]?.sign !== wanted) throw new SyntaxError(`${text}: ${wanted} is missing`);
  };
  const list = (word: 'or' | 'and', part: () => Parsed): Parsed => {
    const parts = [part()];
    while (is(word)) {
      at++;
      parts.push(part());
    }
    return parts.length === 1 ? parts[0]! : word === 'or' ? { or: parts } : { and: parts };
  };
  const any = (): Parsed => list('or', all);
  const all = (): Parsed => list('and', negation);
  const negation = (): Parsed => {
    if (!is('not')) return primary();
    at++;
    return { not: primary() };
  };
  const primary = (): Parsed => {
    if (tokens[at]?.sign === '(') {
      at++;
      const inner = any();
      sign(')');
      return inner;
    }
    const field = tokens[at++]?.word;
    if (field === undefined) throw new SyntaxError(`${text}: a field is missing`);
    if (tokens[at]?.sign === '<') {
      at++;
      const [, days] = /^"now\+(\d+)d"$/.exec(tokens[at++]?.quoted ?? '') ?? [];
      return { field, withinDays: Number(days) };
    }
    sign(':');
    if (tokens[at]?.sign !== '(') return value(field);
    at++;
    const values: (string | number | boolean)[] = [];
    for (;;) {
      const one = value(field);
      if (!('is' in one)) throw new SyntaxError(`${text}: only plain values stand in a list`);
      values.push(...one.is);
      if (!is('or')) break;
      at++;
    }
    sign(')');
    return { field, is: values };
  };
  const value = (field: string): Parsed => {
    const token = tokens[at++];
    if (token?.quoted !== undefined) return { field, is: [JSON.parse(token.quoted)] };
    const word = token?.word;
    if (word === undefined) throw new SyntaxError(`${text}: a value is missing`);
    if (word === '*') return { field, exists: true };
    if (word.includes('*')) return { field, like: word.replace(/\\(.)/g, '$1') };
    if (word === 'true' || word === 'false') return { field, is: [word === 'true'] };
    return { field, is: [Number.isNaN(Number(word)) ? word : Number(word)] };
  };
  const parsed = any();
  if (at !== tokens.length) throw new SyntaxError(`${text}: something follows its end`);
  return parsed as Query;
}
