import { Mark } from '../../../../core/event.ts';
import type { Emitter } from '../../emitter.ts';
import type { Entry } from '../../entries/entry.ts';
import { readTerm } from '../../printed/term.ts';
import { termEnd } from '../../printed/term-end.ts';
import { isObject, word } from '../../values/json.ts';
import { filterValues } from '../../values/mqtt.ts';
import { NO_REASON, type Reason, wordReason } from '../../values/reason.ts';
import { LOG } from '../kinds.ts';
import { type Rule, rules } from './rule.ts';
import { reasonAt } from './said.ts';

/*
 * What the plugins of emqttd, 3.x and 4.x for authentication and access control say. The login that one of them refuses is told
 * as such by the broker's own entry.
 */

/** The user stands last, or before what only the plugin writes: a user name may hold anything. */
const USER_FORMS: readonly RegExp[] = [
  /^(?:HTTP Auth failure|(?:Dashboard )?Authorization Failure): username=(?<user>.*), reason=(?<reason>.*)$/s,
  /^Deny connection from (?:path|url): \S{1,1024}, username: (?<user>.*), due to request http-server failed: (?<reason>.*)$/s,
  /^Deny connection from (?:path|url): \S{1,1024}, (?:username: (?<user>.*), )?(?:http response code|response http code): (?<status>\d{3})$/s,
  /^Auth (?:succeeded from|ignored,) path: \S{1,1024}, username: (?<user>.*)$/s,
];

function ofUser(text: string, entry: Entry, out: Emitter): boolean {
  for (const form of USER_FORMS) {
    const groups = form.exec(text)?.groups;
    if (groups === undefined) continue;
    const { user, reason, status } = groups;
    out.entry(LOG.log, entry, [], {
      user: word(user),
      reason: reason !== undefined ? reasonAt(reason, 0) : ofStatus(status),
    });
    return true;
  }
  return false;
}

/** `Auth succeeded, Client: #{…}`, `Auth ignored, <<"token">> not_token, Client: #{…}`, `ACL ignored, Topic: <<"t">>, …`. */
const OF_CLIENT = /^(?:Auth (?:from \w{1,16} )?(?:succeeded|ignored), |ACL ignored, Topic: )/;

function ofClient(text: string, entry: Entry, out: Emitter): boolean {
  const start = OF_CLIENT.exec(text)?.[0].length;
  if (start === undefined) return false;
  const user = userOf(text, /^[<"]/.test(text.slice(start)) ? termEnd(text, start) : start);
  if (user === undefined) return false;
  out.entry(LOG.log, entry, [], { user });
  return true;
}

/** Words of the plugins' before a client, which is printed last: `#{clientid => <<"c">>,username => <<"u">>}`. */
const BEFORE_CLIENT = /[\w,: ]{0,64}?\bClient: (?=#\{)/y;

/** @param at behind what a client may have written */
function userOf(text: string, at: number): string | undefined {
  BEFORE_CLIENT.lastIndex = at;
  if (at === -1 || !BEFORE_CLIENT.test(text)) return undefined;
  const start = BEFORE_CLIENT.lastIndex;
  const client = termEnd(text, start) === text.length ? readTerm(text.slice(start)) : undefined;
  return isObject(client) ? word(client.username) : undefined;
}

/** LDAP of 4.0: `LDAP Search State: {device_dn,"…"}, uid: <<"u">>, result:[…]`. */
function searched(text: string, entry: Entry, out: Emitter): boolean {
  const start = 'LDAP Search State: '.length;
  const end = termEnd(text, start);
  const at = end + ', uid: '.length;
  if (end === -1 || !text.startsWith(', uid: <<"', end)) return false;
  const userEnd = termEnd(text, at);
  out.entry(LOG.log, entry, [], {
    user: userEnd === -1 ? undefined : word(readTerm(text.slice(at, userEnd))),
  });
  return true;
}

function ofStatus(status: string | undefined): Reason {
  return status === undefined ? NO_REASON : wordReason(`http_${status}`);
}

/** `Deny publish to topic T, username: U, http response code: 403` of 4.4's `emqx_auth_http`. */
const HTTP_ACL =
  /^(?<answer>Allow|Deny) (?<action>publish|subscribe) to topic (?<topic>.*), username: (?<user>.*?)(?:, http response code: (?<status>\d{3})|, due to request http server failure, path: [^ ]{1,1024}, error: (?<reason>.*))?$/s;
/** `Deny Topic: <<"t">>, Action: publish for Client: #{…}` of all others. */
const ACL = /^(?<answer>Allow|Deny) Topic: (?=["<])/;
/** CoAP: `publish to <<"t">> by clientid <<"c">> failed due to acl check.` */
const COAP_ACL = /^(?<action>publish|subscribe) to (?=["<])/;

function accessByHttp(text: string, entry: Entry, out: Emitter): boolean {
  const groups = HTTP_ACL.exec(text)?.groups;
  if (groups === undefined) return access(text, entry, out);
  const { answer, action, topic = '', user, status, reason } = groups;
  // A topic and a user name may both hold what stands between them.
  const isDouble = text.split(', username: ').length > 2;
  const said = {
    ...(!isDouble && { user: word(user) }),
    reason: reason !== undefined ? reasonAt(reason, 0) : ofStatus(status),
  };
  const about = isDouble ? { ...entry, marks: entry.marks | Mark.ambiguous } : entry;
  emitAccess(
    answer === 'Allow',
    action === 'subscribe',
    isDouble ? undefined : topic,
    'http',
    about,
    out,
    said,
  );
  return true;
}

function access(text: string, entry: Entry, out: Emitter): boolean {
  const found = ACL.exec(text);
  if (found === null) return false;
  const start = found[0].length;
  const end = termEnd(text, start);
  const action =
    end === -1 ? undefined : /^, Action: (publish|subscribe)\b/.exec(text.slice(end, end + 24))?.[1];
  if (action === undefined) return false;
  const topic = String(readTerm(text.slice(start, end)));
  const isAllowed = found.groups?.answer === 'Allow';
  const user = userOf(text, end);
  emitAccess(isAllowed, action === 'subscribe', topic, entry.tag?.toLowerCase(), entry, out, { user });
  return true;
}

function accessByCoap(text: string, entry: Entry, out: Emitter): boolean {
  const found = COAP_ACL.exec(text);
  if (found === null || !text.endsWith(' failed due to acl check.')) return false;
  const end = termEnd(text, found[0].length);
  if (end === -1) return false;
  const topic = String(readTerm(text.slice(found[0].length, end)));
  const client = / by clientid (<<.*>>) failed due to acl check\.$/s.exec(text.slice(end))?.[1];
  const known = client === undefined ? undefined : word(readTerm(client));
  emitAccess(false, found.groups?.action === 'subscribe', topic, undefined, entry, out, {
    client: entry.client ?? known,
    reason: wordReason('not_authorized'),
  });
  return true;
}

function emitAccess(
  isAllowed: boolean,
  isSubscribe: boolean,
  topic: string | undefined,
  source: string | undefined,
  entry: Entry,
  out: Emitter,
  said: { client?: string | undefined; user?: string | undefined; reason?: Reason },
): void {
  if (isSubscribe) {
    const kind = isAllowed ? LOG.subscribeAuthorized : LOG.subscribeDenied;
    out.entry(kind, entry, [...filterValues(topic), undefined, undefined, source], said);
    return;
  }
  const kind = isAllowed ? LOG.publishAuthorized : LOG.publishDenied;
  out.entry(kind, entry, [...out.topic(topic), undefined, undefined, source], said);
}

export const pluginRules: readonly Rule[] = [
  ...rules(['HTTP Auth failure: ', 'Authorization Failure: ', 'Deny connection from '], ofUser),
  ...rules(['Dashboard Authorization Failure: '], ofUser),
  ...rules(['Auth succeeded, ', 'Auth ignored, ', 'Auth from ', 'ACL ignored, Topic: '], ofClient),
  ...rules(['LDAP Search State: '], searched),
  ...rules(['Auth succeeded from path: ', 'Auth ignored, path: '], ofUser),
  ...rules(['Allow publish ', 'Allow subscribe ', 'Deny publish ', 'Deny subscribe '], accessByHttp),
  ...rules(['Allow Topic: ', 'Deny Topic: '], access),
  ...rules(['publish to ', 'subscribe to '], accessByCoap),
];
