import type { JsonObject } from '../../../../core/event.ts';
import type { Emitter } from '../../emitter.ts';
import type { Entry } from '../../entries/entry.ts';
import { type Reason, readReason, wordReason } from '../../values/reason.ts';
import { LOG } from '../kinds.ts';
import { type Rule, rules } from './rule.ts';
import { reasonAt } from './said.ts';

/*
 * What Mnesia and Ekka say of a cluster. Names of nodes are the operators': no client writes any of it.
 */

const NODE = String.raw`'?(?<node>[\w.@-]{1,255})'?`;
/** Who says it: `Mnesia('emqx@10.0.0.1'): ** ERROR ** `. */
const MNESIA = /^Mnesia\('?(?<teller>[\w.@-]{1,255})'?\): (?:\*\* (?:ERROR|WARNING|FATAL) \*\* )?/;
const EKKA = /^Ekka\(\w{1,32}\): /;

/** What the words tell of another node. */
const FORMS: readonly { readonly pattern: RegExp; readonly reason: string | undefined }[] = [
  {
    pattern: new RegExp(
      String.raw`mnesia_event got \{inconsistent_database,\s{0,4}(?<word>\w{1,64}),\s{0,4}${NODE}\}`,
    ),
    reason: undefined,
  },
  {
    pattern: new RegExp(`^Network partition detected from node ${NODE}: (?<word>\\w{1,64})`),
    reason: undefined,
  },
  {
    pattern: new RegExp(`^Mnesia inconsistent_database event: (?<word>\\w{1,64}), ${NODE}`),
    reason: undefined,
  },
  {
    pattern: new RegExp(
      `^(?:!!!)?(?:Mnesia |[Nn]ode )(?:node )?(?:down: ${NODE}|up: (?<up>[\\w.@-]{1,255}))`,
    ),
    reason: undefined,
  },
  { pattern: new RegExp(`^(?:Node|Mnesia) ${NODE} (?:down|up|healing|joining|leaving)$`), reason: undefined },
  { pattern: new RegExp(`^Failed to ping ${NODE}$`), reason: undefined },
  { pattern: new RegExp(`^(?:Shutdown|Reboot) ${NODE} for autoheal: `), reason: 'autoheal' },
];

function cluster(text: string, entry: Entry, out: Emitter): boolean {
  const by = MNESIA.exec(text);
  const words = by === null ? text.replace(EKKA, '') : text.slice(by[0].length);
  const teller = by?.groups?.teller;
  for (const { pattern, reason } of FORMS) {
    const groups = pattern.exec(words)?.groups;
    if (groups === undefined) continue;
    const node = groups.node ?? groups.up;
    tell(
      entry,
      out,
      teller,
      reason === undefined ? readReason(groups.word) : wordReason(reason),
      node && { node },
    );
    return true;
  }
  if (teller === undefined) return false;
  const failed = /\bFailed to [a-z ]{1,64}: |(?:^|, )\*\* FATAL \*\* .{0,256}?: /.exec(words);
  const why = failed === null ? undefined : reasonAt(words, failed.index + failed[0].length);
  tell(entry, out, teller, why, undefined);
  return true;
}

function tell(
  entry: Entry,
  out: Emitter,
  teller: string | undefined,
  reason: Reason | undefined,
  more: JsonObject | '' | undefined,
): void {
  out.entry(LOG.node, entry, [teller], { ...(reason && { reason }), ...(more && { more }) });
}

export const clusterRules: readonly Rule[] = [
  ...rules(['Mnesia(', 'Mnesia ', 'Ekka(Monitor): ', 'Ekka(Membership): ', 'Ekka(Autoheal): '], cluster),
  // The last of bridges: `[Bridge] Node up: emqx@10.0.0.1`.
  ...rules(['!!!Mnesia node down: ', 'Node up: ', 'Node down: ', 'node down: '], cluster),
];
