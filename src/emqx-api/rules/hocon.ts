import type { JsonValue } from '../../core/event.ts';
import { isObject } from '../../core/json/object.ts';
import type { Definition } from './definition.ts';

const INDENT = '  ';

/** Definitions as lines of `emqx.conf`. */
export function hoconOf(definitions: readonly Definition[]): string {
  return definitions.map(({ path, body }) => `${path.join('.')} ${textOf(body, '')}\n`).join('\n');
}

function textOf(value: JsonValue, indent: string): string {
  if (Array.isArray(value)) return `[${value.map((item) => textOf(item, indent)).join(', ')}]`;
  if (typeof value === 'string' && value.includes('"') && !value.includes('"""')) return `"""${value}"""`;
  if (!isObject(value)) return JSON.stringify(value);
  const inner = indent + INDENT;
  const lines = Object.entries(value).map(([key, item]) => {
    const name = /^[a-z_][a-z0-9_]*$/i.test(key) ? key : JSON.stringify(key);
    return `${inner}${name}${isObject(item) ? '' : ' ='} ${textOf(item, inner)}`;
  });
  return `{\n${lines.join('\n')}\n${indent}}`;
}
