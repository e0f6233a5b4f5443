import type { EventKind } from '../../core/event.ts';
import { defineKind, type KindDefinition } from '../../ecs/kind.ts';
import type { LineReader, Rule } from './line.ts';

const kind = (action: KindDefinition['action']): EventKind =>
  defineKind({
    code: 'mosquitto.dynamic_security',
    action,
    outcome: 'success',
    level: 'info',
    constants: { 'mqtt.audit.interface': 'dynamic_security' },
    slots: ['mqtt.audit.operation', 'user.name', 'mqtt.client.id', 'user.target.name', 'mqtt.audit.request'],
  });

const CREATED = kind('audit-created');
const CHANGED = kind('audit-changed');
const DELETED = kind('audit-deleted');
const ACCESSED = kind('audit-accessed');

/** Kind by the first word of a command. */
const VERBS: readonly (readonly [string, EventKind])[] = [
  ['create', CREATED],
  ['delete', DELETED],
  ['get', ACCESSED],
  ['list', ACCESSED],
  ['add', CHANGED],
  ['remove', CHANGED],
  ['set', CHANGED],
  ['modify', CHANGED],
  ['enable', CHANGED],
  ['disable', CHANGED],
];
const PREFIX = 'dynsec: ';

/**
 * `dynsec: CLIENT/USER | COMMAND | name=value | …`, written when a command succeeded. Values are free text: ` | ` and `=` may
 * stand in them, so that only what stands in front of the first ` | ` of each part is a name.
 */
export const dynamicSecurityRules: readonly Rule[] = [{ prefix: PREFIX, read }];

function read(text: string, line: LineReader): boolean {
  const [who = '', command = '', ...parts] = text.slice(PREFIX.length).split(' | ');
  const found = VERBS.find(([verb]) => command.startsWith(verb));
  if (found === undefined || !/^[A-Za-z]{1,40}$/.test(command)) return false;
  const slash = who.lastIndexOf('/');
  const request: Record<string, string> = {};
  let last: string | undefined;
  for (const part of parts) {
    const equals = part.indexOf('=');
    const name = part.slice(0, Math.max(equals, 0));
    if (/^[a-z]{1,20}$/.test(name) && !Object.hasOwn(request, name)) {
      last = name;
      request[name] = part.slice(equals + 1);
    } else if (last !== undefined) {
      request[last] = `${request[last]} | ${part}`;
    }
  }
  const { password: _, ...shown } = request;
  line.emit(found[1], [
    command,
    slash === -1 ? undefined : word(who.slice(slash + 1)),
    slash === -1 ? undefined : word(who.slice(0, slash)),
    word(request.username ?? ''),
    Object.keys(shown).length === 0 ? undefined : shown,
  ]);
  return true;
}

function word(text: string): string | undefined {
  return text === '' || text === '(null)' ? undefined : text;
}
