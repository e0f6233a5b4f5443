import type { JsonObject } from '../../../../core/event.ts';
import type { Emitter } from '../../emitter.ts';
import type { Entry } from '../../entries/entry.ts';
import { readTerm } from '../../printed/term.ts';
import { termEnd } from '../../printed/term-end.ts';
import { filterValues } from '../../values/mqtt.ts';
import { LOG } from '../kinds.ts';
import { type Rule, rules } from './rule.ts';

interface Listed {
  readonly filter: string;
  readonly qos: number | undefined;
}

/** Filters that are printed as a list of terms: `[{<<"t">>,1}]`, `[{<<"t">>,#{qos => 1}}]`, `[{<<"t">>,[{qos,1}]}]`, `[<<"t">>]`. */
export function listedFilters(text: string, start: number): readonly Listed[] {
  const found: Listed[] = [];
  const stop = termEnd(text, start);
  for (let at = start + 1; at < stop - 1; ) {
    const end = termEnd(text, at);
    if (end === -1) break;
    const isPair = text.startsWith('{', at);
    const nameEnd = isPair ? termEnd(text, at + 1) : end;
    const options = text.slice(nameEnd + 1, end - 1);
    const qos = isPair ? Number(/\bqos(?: => |,)(\d)/.exec(options)?.[1] ?? options) : Number.NaN;
    const filter = String(readTerm(text.slice(isPair ? at + 1 : at, nameEnd)));
    found.push({ filter, qos: Number.isInteger(qos) ? qos : undefined });
    at = end + 1;
    while (/\s/.test(text.charAt(at))) at++;
  }
  return found;
}

/** The one filter that an event can tell of, and what is to be said of several. */
export function oneOf(filters: readonly Listed[]): { one: Listed | undefined; more: JsonObject | undefined } {
  if (filters.length < 2) return { one: filters[0], more: undefined };
  return {
    one: undefined,
    more: { filters: filters.map(({ filter, qos }) => ({ filter, qos: qos ?? null })) },
  };
}

/** emqttd, of a session: `Subscribe [{<<"t">>,1}]`, `unsubscribe [<<"t">>]`; of 0.6: `Client ID subscribe [{<<"t">>,1}]. Granted QoS: [1]`. */
const ASKED = /^(?:Client (?<id>\S{1,1024}) )?(?<un>[Uu]n)?[Ss]ubscribe (?=\[)/;
/** All that stands behind the filters. */
const REST = /^(?:\.|,? ?\.? Granted Qo[Ss]: \[[\d,]{0,1024}\])?$/;

function asked(text: string, entry: Entry, out: Emitter): boolean {
  const found = ASKED.exec(text);
  if (found === null) return false;
  const start = found[0].length;
  const end = termEnd(text, start);
  if (end === -1 || !REST.test(text.slice(end))) return false;
  const { one, more } = oneOf(listedFilters(text, start));
  const kind = found.groups?.un === undefined ? LOG.subscriptionRequested : LOG.unsubscriptionRequested;
  out.entry(kind, entry, [...filterValues(one?.filter), one?.qos], {
    client: entry.client ?? found.groups?.id,
    more,
  });
  return true;
}

export const subscriptionRules: readonly Rule[] = rules(
  ['Subscribe [', 'subscribe [', 'Unsubscribe [', 'unsubscribe [', 'Client '],
  asked,
);
