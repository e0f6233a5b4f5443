import type { JsonObject } from '../../../core/event.ts';
import type { Filter, Packet } from './packet.ts';
import { readTerm } from './term.ts';
import { termEnd } from './term-end.ts';

/** The filters of a printed SUBSCRIBE or UNSUBSCRIBE. */
export function filters(text: string, at: number, end: number): Partial<Packet> {
  const found = /(?:TopicFilters|TopicTable|Topics)=\[/.exec(text.slice(at, at + 128));
  if (found === null) return {};
  const start = at + found.index + found[0].length;
  const list = text.slice(start, text[end - 1] === ']' ? end - 1 : end);
  const read = list.startsWith('{') || list.startsWith('<<') ? termFilters(list) : printedFilters(list);
  return { filters: read.filters, isAmbiguous: read.isAmbiguous };
}

/** 4.x: `{<<"t">>,#{qos => 1,…}},…`; emqttd: `{<<"t">>,1}`; UNSUBSCRIBE: `<<"t">>,…` */
function termFilters(list: string): { filters: Filter[]; isAmbiguous: boolean } {
  const filters: Filter[] = [];
  for (let at = 0; at < list.length; ) {
    const end = termEnd(list, at);
    if (end === -1) break;
    const item = list.slice(at, end);
    const nameEnd = item.startsWith('{') ? termEnd(item, 1) : item.length;
    const name = readTerm(item.startsWith('{') ? item.slice(1, nameEnd) : item);
    const options = item.startsWith('{') ? readTerm(item.slice(nameEnd + 1, -1)) : undefined;
    filters.push(filterOf(String(name), typeof options === 'number' ? { qos: options } : asObject(options)));
    at = end + 1;
    while (list[at] === ' ') at++;
  }
  return { filters, isAmbiguous: false };
}

const OPTIONS = /\((#\{[\w =>,#{}]{0,256}\})\)(?=,|$)/g;

/** 5.x: `t(#{nl => 0,qos => 1,rap => 0,rh => 0}),…`; UNSUBSCRIBE: `t,…`. Filters are not quoted and may hold commas. */
function printedFilters(list: string): { filters: Filter[]; isAmbiguous: boolean } {
  const found: Filter[] = [];
  let at = 0;
  for (const match of list.matchAll(OPTIONS)) {
    found.push(filterOf(list.slice(at, match.index), asObject(readTerm(match[1] ?? ''))));
    at = match.index + match[0].length + 1;
  }
  if (found.length > 0) return { filters: found, isAmbiguous: at < list.length };
  const filters = list === '' ? [] : list.split(',').map((filter) => filterOf(filter.trim(), {}));
  return { filters, isAmbiguous: filters.length > 1 && list.includes(', ') };
}

function asObject(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function filterOf(filter: string, options: JsonObject): Filter {
  const number = (key: string): number | undefined => {
    const value = options[key];
    return typeof value === 'number' ? value : undefined;
  };
  const flag = (key: string): boolean | undefined => {
    const value = number(key);
    return value === undefined ? undefined : value === 1;
  };
  return {
    filter,
    qos: number('qos'),
    noLocal: flag('nl'),
    retainAsPublished: flag('rap'),
    retainHandling: number('rh'),
  };
}
