import type { Action, EventKind, JsonObject, JsonValue, Outcome, Slot } from '../../../core/event.ts';
import { bounded } from '../../../core/json/bounded.ts';
import { defineKind } from '../../../ecs/kind.ts';
import type { Emitter } from '../emitter.ts';
import { levelOf } from '../entries/entry.ts';
import { jsonTime } from '../entries/json-entry.ts';
import { withoutPayloads } from '../secrets/payload-keys.ts';
import { hideSecretArguments, hideSecrets, hideSecretValues } from '../secrets/secrets.ts';
import { isObject, number, word } from '../values/json.ts';
import { NO_PEER, parseHost } from '../values/peer.ts';
import { inLaterKeys } from './forms.ts';

type AuditAction = Extract<Action, `audit-${string}`>;

const kinds = new Map<string, EventKind>();
for (const action of [
  'audit-created',
  'audit-changed',
  'audit-deleted',
  'audit-accessed',
  'audit-login',
  'audit-command',
] as const satisfies readonly AuditAction[])
  for (const outcome of ['success', 'failure', 'unknown'] as const)
    kinds.set(
      action + outcome,
      defineKind({
        code: 'audit.record',
        action,
        outcome,
        provider: 'emqx-audit',
        slots: [
          'event.code',
          'log.level',
          'event.category',
          'mqtt.audit.interface',
          'mqtt.audit.operation',
          'mqtt.audit.request',
          'user.name',
          'user.target.name',
          'source.ip',
          'source.address',
          'http.request.method',
          'http.response.status_code',
          'event.duration',
          'error.code',
          'error.message',
          'service.node.name',
          'service.version',
          'mqtt.log.fields',
        ],
      }),
    );

const METHODS: ReadonlyMap<string, AuditAction> = new Map([
  ['post', 'audit-created'],
  ['put', 'audit-changed'],
  ['patch', 'audit-changed'],
  ['delete', 'audit-deleted'],
  ['get', 'audit-accessed'],
  ['head', 'audit-accessed'],
]);
/** Operations on accounts and their keys: ECS category `iam`. */
const PEOPLE = /^\/?(users?|admins?|api_?keys?|apps?|sso|logout|banned)\b/;
/** A longer time in nanoseconds does not fit a field of type `long`. */
const MAX_DURATION_MS = 9e12;
/** Keys of a record that have an event field of their own, or are never told. */
const TOLD: ReadonlySet<string> = new Set([
  ...[
    'time',
    'level',
    'msg',
    'from',
    'source',
    'source_ip',
    'operation_id',
    'operation_result',
    'http_method',
  ],
  ...[
    'http_status_code',
    'duration_ms',
    'query_string',
    'failure',
    'node',
    'http_request',
    'cmd',
    'args',
    'function',
  ],
  ...['version', 'result'],
]);

/** The event of an audit record, without secrets. */
export function emitAudit(
  written: JsonObject,
  time: number,
  marks: number,
  out: Emitter,
  level?: string,
): void {
  const record = inLaterKeys(written);
  const from = word(record.from) ?? 'cli';
  const isCommand = record.cmd !== undefined || record.function !== undefined;
  const method = word(record.http_method)?.toLowerCase();
  const operation = word(record.operation_id) ?? word(record.cmd) ?? word(record.function);
  const outcome = isCommand ? 'unknown' : outcomeOf(record);
  const action = isCommand ? 'audit-command' : actionOf(method, operation);
  const kind = kinds.get(action + outcome);
  if (kind === undefined) return;
  const node = word(record.node);
  const request = isCommand ? commandOf(record) : requestOf(record);
  const operator = isCommand ? node : word(record.source);
  const failure = isObject(record.failure) ? record.failure : {};
  const address = word(record.source_ip);
  const peer = address === undefined ? NO_PEER : parseHost(address);
  const duration = number(record.duration_ms, MAX_DURATION_MS);
  const values: Slot[] = [
    `audit.${from
      .toLowerCase()
      .replace(/[^a-z0-9_]+/g, '_')
      .slice(0, 40)}`,
    levelOf(level ?? word(record.level) ?? ''),
    isPeople(record, operation) && action !== 'audit-accessed' && action !== 'audit-login'
      ? ['iam']
      : undefined,
    from,
    operation,
    request,
    operator,
    isPeople(record, operation) ? targetOf(record) : undefined,
    peer.ip,
    peer.address,
    method,
    number(record.http_status_code),
    duration === undefined ? undefined : duration * 1e6,
    word(failure.code),
    textOf(failure.message),
    node,
    word(record.version),
    rest(record),
  ];
  const message = isCommand
    ? commandSentence(operation, request)
    : `${method ?? ''} ${operation ?? ''} by ${operator ?? 'nobody'}: ${outcome}`.trim();
  out.event(kind, jsonTime(record.time) ?? time, message, values, marks);
}

function actionOf(method: string | undefined, operation: string | undefined): AuditAction {
  // `auth_user`: 4.4.
  if (operation === '/login' || operation === 'auth_user') return 'audit-login';
  return method === undefined ? 'audit-accessed' : (METHODS.get(method) ?? 'audit-changed');
}

function outcomeOf(record: JsonObject): Outcome {
  if (record.operation_result === 'success' || record.operation_result === 'failure')
    return record.operation_result;
  const status = number(record.http_status_code);
  if (status === undefined) return 'unknown';
  return status < 400 ? 'success' : 'failure';
}

function isPeople(record: JsonObject, operation: string | undefined): boolean {
  return PEOPLE.test(operation ?? '') || PEOPLE.test(word(record.operation_type) ?? '');
}

/** The account that an operation is about. */
function targetOf(record: JsonObject): string | undefined {
  const request = isObject(record.http_request) ? record.http_request : {};
  const places = [request.bindings, request.body, request.params].filter(isObject);
  for (const place of places) {
    const name = word(place.username) ?? word(place.name);
    if (name !== undefined) return name;
  }
  return Array.isArray(record.args) && record.args.length > 1 ? word(record.args[1]) : undefined;
}

function commandOf({ cmd, function: called, args }: JsonObject): JsonObject | undefined {
  if (args === undefined) return undefined;
  const command = word(cmd) ?? word(called) ?? '';
  const shown = Array.isArray(args) ? hideSecretArguments(command, args) : hideSecretValues(args);
  return bounded({ args: shown }) as JsonObject;
}

function requestOf({ http_request: request, query_string: query }: JsonObject): JsonObject | undefined {
  const { method: _, ...told } = isObject(request) ? request : {};
  const all = { ...told, ...(isObject(query) && Object.keys(query).length > 0 && { query_string: query }) };
  const parts = Object.entries(all).filter(([, part]) => !isObject(part) || Object.keys(part).length > 0);
  if (parts.length === 0) return undefined;
  return bounded(hideSecretValues(withoutPayloads(Object.fromEntries(parts)))) as JsonObject;
}

function commandSentence(operation: string | undefined, request: JsonObject | undefined): string {
  const args = request?.args;
  const shown = Array.isArray(args) ? args.map(String).join(' ') : (textOf(args) ?? '');
  return hideSecrets(`${operation ?? ''} ${shown}`.trim().slice(0, 1024));
}

function textOf(value: JsonValue | undefined): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const safe = hideSecretValues(value);
  return typeof safe === 'string' ? safe : JSON.stringify(safe);
}

function rest(record: JsonObject): JsonObject | undefined {
  const parts = Object.entries(record).filter(
    ([key, value]) => !TOLD.has(key) && value !== null && value !== '' && value !== 'undefined',
  );
  if (parts.length === 0) return undefined;
  return bounded(hideSecretValues(Object.fromEntries(parts))) as JsonObject;
}
