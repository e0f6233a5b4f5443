import { z } from 'zod';
import { filterShape } from '../config/filters.ts';
import { type JsonSchema, jsonSchemaOf } from '../config/json-schema.ts';
import { inputShape, topLevel } from '../config/schema.ts';
import { registry } from '../registry.ts';
import { table } from './markdown.ts';

/** Pages that say more of a type. */
const PAGES: Readonly<Record<string, string>> = {
  file: 'file.md',
  mqtt: 'mqtt.md',
  http: 'web-hooks.md',
  tcp: 'hicap.md',
  'emqx-api': 'emqx-api.md',
  logstash: 'logstash.md',
  elasticsearch: 'elasticsearch.md',
};

/** The settings as the page `docs/settings.md`. */
export function settingsPage(): string {
  return [
    '# Settings\n\nGenerated from the schema by `npm run generate`. Editors read the same from [`brokertap.schema.json`](../brokertap.schema.json).\n',
    '`a.b` is the key `b` of the mapping `a`, `a[].b` of each mapping in the list `a`. A duration is a number and `ms`, `s`, `m`, `h` or `d`; a size is a number and `KiB`, `MiB`, `GiB`, `kB`, `MB` or `GB`, or bytes; a text with commas is a list. Relative paths begin at the directory of the configuration. What is needed in a mapping that may be left out is needed where the mapping is there.\n',
    '## Top level\n',
    settings(jsonSchemaOf(topLevel)),
    '## Every input\n\n`name`, `host` and `namespace` stand in the place of those of the top level, `labels` beside them. `include` and `exclude`: [filters](file.md#filters).\n',
    settings(jsonSchemaOf(z.strictObject(inputShape))),
    ...types('input', registry.inputs, inputShape),
    '## Every output\n',
    settings(jsonSchemaOf(z.strictObject(filterShape))),
    ...types('output', registry.outputs, filterShape),
  ].join('\n');
}

/** @param common keys of every type; those that mean the same are left out */
function types(
  what: 'input' | 'output',
  all: Readonly<Record<string, { readonly config: z.ZodObject }>>,
  common: z.ZodRawShape,
): string[] {
  return Object.entries(all).flatMap(([type, { config }]) => {
    const isOwn = ([key]: readonly [string, unknown]): boolean =>
      key !== 'type' && config.shape[key] !== common[key as keyof typeof common];
    const schema = jsonSchemaOf(config);
    const properties = Object.fromEntries(Object.entries(schema.properties ?? {}).filter(isOwn));
    const page = PAGES[type];
    const title = `### The ${what} \`${type}\`\n${page === undefined ? '' : `\nMore: [${page}](${page}).\n`}`;
    return Object.keys(properties).length === 0 ? [title] : [title, settings({ ...schema, properties })];
  });
}

function settings(schema: JsonSchema): string {
  return table(['key', 'value', 'default', 'meaning'], rows(schema, ''));
}

/** @param place of the mapping, with the dot behind it */
function rows({ properties = {}, required = [] }: JsonSchema, place: string): string[][] {
  return Object.entries(properties).flatMap(([key, property]) => {
    if (typeof property === 'boolean') return [];
    const row = [
      `\`${place}${key}\``,
      form(property),
      required.includes(key) ? 'needed' : defaultOf(property),
      plain(property.description ?? ''),
    ];
    return [row, ...mappings(property, `${place}${key}`).flatMap((one) => rows(one.schema, one.place))];
  });
}

/** The mappings that a value can be, or that a list of it holds. */
function mappings(schema: JsonSchema, key: string): { schema: JsonSchema; place: string }[] {
  const inside = (one: JsonSchema['items'], name: string): { schema: JsonSchema; place: string }[] =>
    typeof one !== 'object' || Array.isArray(one) ? [] : mappings(one, name);
  return [
    ...(schema.properties === undefined ? [] : [{ schema, place: `${key}.` }]),
    ...(schema.anyOf ?? []).flatMap((one) => inside(one, key)),
    ...inside(schema.items, `${key}[]`),
  ];
}

/** What may be written. */
function form(schema: JsonSchema): string {
  const { title, anyOf, enum: words, const: word, type } = schema;
  if (title !== undefined) return title;
  if (words !== undefined) return words.map((one) => `\`${one}\``).join(', ');
  if (word !== undefined) return `\`${word}\``;
  if (anyOf !== undefined)
    return [...new Set(anyOf.map((one) => (typeof one === 'boolean' ? '' : form(one))))].join(', or ');
  if (Array.isArray(type)) return 'text';
  return { string: 'text', object: 'mapping', array: 'list', boolean: 'true or false' }[String(type)] ?? '';
}

function defaultOf({ default: value }: JsonSchema): string {
  if (value === undefined || typeof value === 'object') return '';
  return `\`${value}\``;
}

/** A text of which Markdown makes nothing else. */
function plain(text: string): string {
  return text.replace(/[*<]/g, '\\$&');
}
