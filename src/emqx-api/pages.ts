import type { JsonObject, JsonValue } from '../core/event.ts';
import { isObject } from '../core/json/object.ts';
import { surprise } from './problem.ts';

/** One page of a list. */
export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly hasNext: boolean;
  /** Rows of the whole list, where it is told. */
  readonly count: number | undefined;
}

/** A list that never ends is no list. */
const MAX_PAGES = 10_000;
/** Pages under way while one is worked on. Answers are larger than what sockets hold: with two the server waits for us. */
const AHEAD = 3;

/**
 * The rows of the pages of a list, one after the other.
 * @param limit rows of a page
 * @param expected pages that are asked for without waiting for the first
 */
export async function* pagesOf<Row>(
  ask: (page: number) => Promise<Page<Row>>,
  limit: number,
  expected: number,
): AsyncGenerator<readonly Row[]> {
  const started = (page: number): Promise<Page<Row>> => {
    const asked = ask(page);
    // Whoever stops in between does not wait for it.
    asked.catch(() => {});
    return asked;
  };
  let page = Math.max(1, Math.min(expected, 1 + AHEAD));
  const asked = Array.from({ length: page }, (_, index) => started(index + 1));
  let counted = expected;
  for (let next = asked.shift(); next !== undefined; next = asked.shift()) {
    const { rows, hasNext, count } = await next;
    if (count !== undefined) counted = Math.min(MAX_PAGES, Math.ceil(count / limit));
    // What is behind the last page that was counted is asked for when it is known to be there.
    const isMore = (): boolean => page < counted || (page < MAX_PAGES && asked.length === 0);
    while (hasNext && asked.length < AHEAD && isMore()) asked.push(started(++page));
    yield rows;
    if (!hasNext) return;
  }
}

/** Reads an answer with a page of at most `limit` rows. @throws ApiError */
export function pageOf<Row>(
  place: string,
  answer: JsonValue,
  page: number,
  limit: number,
  rowOf: (row: JsonObject) => Row,
): Page<Row> {
  const { data, meta } = isObject(answer) ? answer : {};
  if (!Array.isArray(data)) throw surprise(place, '"data" is no list');
  const rows = data.map((row) => {
    if (!isObject(row)) throw surprise(place, 'a row is no object');
    return rowOf(row);
  });
  const { hasnext, count } = isObject(meta) ? meta : {};
  const isMore =
    typeof hasnext === 'boolean'
      ? hasnext
      : typeof count === 'number'
        ? page * limit < count
        : rows.length >= limit;
  return {
    rows,
    hasNext: isMore && rows.length > 0,
    count: typeof count === 'number' && count > 0 ? count : undefined,
  };
}
