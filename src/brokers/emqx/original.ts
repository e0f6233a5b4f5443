import type { JsonObject, JsonValue } from '../../core/event.ts';
import { isAuditRecord } from './audit/forms.ts';
import { withoutColours } from './entries/colours.ts';
import { promptEnd } from './entries/console.ts';
import { readJsonEntry, withoutUnprinted } from './entries/json-entry.ts';
import { StampReader } from './entries/stamp.ts';
import { originalText, prefixedJson } from './entries/text.ts';
import { EVENT_PAYLOADS, LOG_PAYLOADS, withoutPayloads } from './secrets/payload-keys.ts';
import { hideSecretArguments, hideSecretValues } from './secrets/secrets.ts';
import { hideUnreadable } from './secrets/unreadable.ts';
import { isJson, isObject, parseJson, word } from './values/json.ts';

const stamps = new StampReader('UTC');

/** As in `Dialect`: a record without payloads and secrets. */
export function originalOf(text: string): string {
  const isObjectText = isJson(text);
  if (!isObjectText && !text.startsWith('"')) {
    const prompt = promptEnd(text);
    if (prompt > 0) return text.slice(0, prompt) + originalOf(text.slice(prompt));
    const first = stamps.read(text, 0, 0);
    const second = first && stamps.read(text, first.end, 0);
    const at = (second ?? first)?.end ?? 0;
    const plain = withoutColours(text, at);
    if (plain !== text) return originalOf(plain);
    const json = at > 0 && text.startsWith('{"', at) ? at : prefixedJson(text, at)?.at;
    return json === undefined ? originalText(text, at) : text.slice(0, json) + originalOf(text.slice(json));
  }
  const value = parseJson(text);
  if (isObject(value)) return JSON.stringify(originalRecord(value));
  return typeof value === 'string' && !isObjectText
    ? JSON.stringify(originalOf(value))
    : hideUnreadable(text);
}

function originalRecord(record: JsonObject): JsonValue {
  const isLog = 'level' in record && !isAuditRecord(record);
  const clean = hideSecretValues(
    withoutPayloads(withoutUnprinted(record), isLog ? LOG_PAYLOADS : EVENT_PAYLOADS),
  );
  if (!isObject(clean)) return clean;
  if (isAuditRecord(record) && Array.isArray(record.args))
    return { ...clean, args: hideSecretArguments(word(record.cmd) ?? '', record.args) };
  if (isAuditRecord(record) && Array.isArray(record.cli_args)) {
    const [command = '', ...args] = record.cli_args;
    return { ...clean, cli_args: [command, ...hideSecretArguments(String(command), args)] };
  }
  if (typeof record.msg !== 'string') return clean;
  const entry = readJsonEntry(record, 0, 0);
  return entry.name === undefined ? { ...clean, msg: entry.message } : clean;
}
