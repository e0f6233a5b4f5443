import type { JsonObject } from '../../../core/event.ts';

/** A record of the audit log (4.4, 5.3 and later): dashboard, REST API, command line, Erlang console. */
export function isAuditRecord(record: JsonObject): boolean {
  const { from, msg, source_type: origin, operation_name: operation } = record;
  if (msg === 'from_cli' || (typeof origin === 'string' && typeof operation === 'string')) return true;
  if (isMark(record)) return true;
  return (
    typeof from === 'string' &&
    ['operation_id', 'operate_id', 'http_request', 'cmd', 'function'].some((key) => key in record)
  );
}

/** That the node has started or stops, in 5.3: `{"from":"cli","event":"emqx_start"}`, early with `"msg":"from_cli"`. */
function isMark({ from, msg, cmd, event }: JsonObject): boolean {
  if (typeof event !== 'string' || cmd !== undefined) return false;
  return msg === 'from_cli' || (from === 'cli' && event.startsWith('emqx_'));
}

/** A record of 4.4 or 5.3, whose keys are others, as later versions write it. */
export function inLaterKeys(record: JsonObject): JsonObject {
  if ('source_type' in record) return of44(record);
  if (isMark(record)) {
    const { event, ...rest } = record;
    return { ...rest, cmd: event ?? null };
  }
  if (!('operate_id' in record)) return record;
  const { operate_id, method, code, username, headers, body, bindings, ...rest } = record;
  return {
    ...rest,
    operation_id: operate_id ?? null,
    http_method: method ?? null,
    http_status_code: code ?? null,
    source: username ?? null,
    http_request: { headers: headers ?? {}, bindings: bindings ?? {}, body: body ?? {} },
  };
}

/** The first of a command's arguments is its name. Keys that do not apply have empty values where the REST API gives them. */
function of44(record: JsonObject): JsonObject {
  const { source_type: from, operation_name: operation, created_at, cli_args: args, ...others } = record;
  const { failure_reason: failure, ...rest } = others;
  const about = {
    ...rest,
    from: from ?? null,
    time: created_at ?? null,
    ...(failure !== 'ok' && failure !== '' && { failure: { message: failure ?? null } }),
  };
  if (from !== 'cli') return { ...about, operation_id: operation ?? null };
  const [command, ...given] = Array.isArray(args) ? args : [];
  return { ...about, cmd: command ?? operation ?? null, args: given };
}
