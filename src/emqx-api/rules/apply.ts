import type { JsonObject, JsonValue } from '../../core/event.ts';
import { isObject } from '../../core/json/object.ts';
import type { EmqxApi } from '../api.ts';
import { isProblem } from '../problem.ts';
import type { Definition } from './definition.ts';

/** What EMQX shows in the place of a secret. */
const HIDDEN = '******';

/** A value that is not what it should be; `is` undefined: there is none. */
interface Difference {
  /** Keys, joined by dots. */
  readonly key: string;
  readonly is: JsonValue | undefined;
  readonly wanted: JsonValue;
}

/** How a definition and the broker compare. */
interface Comparison {
  readonly definition: Definition;
  readonly there: boolean;
  /** Of what is there. */
  readonly differences: readonly Difference[];
}

/** Compares one definition with what the broker has; defaults that the broker adds do not count. @throws ApiError, RetryableError */
export async function compare(
  api: EmqxApi,
  definition: Definition,
  signal: AbortSignal,
): Promise<Comparison> {
  const found = await lookUp(api, definition, signal);
  if (found === undefined) return { definition, there: false, differences: [] };
  return { definition, there: true, differences: differencesOf(found, definition.body, '') };
}

/**
 * Makes the broker have it.
 * @returns what was done; `unchanged`: nothing was sent
 * @throws ApiError, RetryableError
 */
export async function apply(
  api: EmqxApi,
  definition: Definition,
  signal: AbortSignal,
): Promise<'created' | 'changed' | 'unchanged'> {
  const { there, differences } = await compare(api, definition, signal);
  if (!there) {
    await api.send('POST', definition.table, { ...definition.identity, ...definition.body }, signal);
    return 'created';
  }
  if (differences.length === 0) return 'unchanged';
  await api.send('PUT', pathOf(definition), definition.body, signal);
  return 'changed';
}

/** Takes it away again. @throws ApiError, RetryableError */
export async function remove(
  api: EmqxApi,
  definition: Definition,
  signal: AbortSignal,
): Promise<'removed' | 'not there'> {
  try {
    await api.send('DELETE', pathOf(definition), undefined, signal);
    return 'removed';
  } catch (error) {
    if (isProblem(error, 'not_found')) return 'not there';
    throw error;
  }
}

/** What the broker says of the state of a connector, an action or a rule; undefined: nothing. @throws ApiError, RetryableError */
export async function stateOf(
  api: EmqxApi,
  definition: Definition,
  signal: AbortSignal,
): Promise<string | undefined> {
  const found = await lookUp(api, definition, signal);
  if (typeof found?.status !== 'string') return undefined;
  const { status, status_reason: reason } = found;
  return typeof reason === 'string' && reason !== '' ? `${status}: ${reason}` : status;
}

async function lookUp(
  api: EmqxApi,
  definition: Definition,
  signal: AbortSignal,
): Promise<JsonObject | undefined> {
  try {
    const found = await api.get(pathOf(definition), {}, signal);
    return isObject(found) ? found : undefined;
  } catch (error) {
    if (isProblem(error, 'not_found')) return undefined;
    throw error;
  }
}

function pathOf({ table, id }: Definition): string {
  return `${table}/${encodeURIComponent(id)}`;
}

function differencesOf(is: JsonValue | undefined, wanted: JsonValue, key: string): Difference[] {
  if (isObject(wanted)) {
    const there = isObject(is) ? is : {};
    return Object.entries(wanted).flatMap(([name, value]) =>
      differencesOf(there[name], value, key === '' ? name : `${key}.${name}`),
    );
  }
  if (is === HIDDEN || JSON.stringify(is) === JSON.stringify(wanted)) return [];
  return [{ key, is, wanted }];
}
