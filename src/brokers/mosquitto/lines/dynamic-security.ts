import { type EventKind, Mark } from '../../../core/event.ts';
import { defineKind, type KindDefinition } from '../../../ecs/kind.ts';
import type { LineReader, Rule } from '../line.ts';
import { MISSING } from '../text/missing.ts';

const kind = (code: string, action: KindDefinition['action'], by: string): EventKind =>
  defineKind({
    code: `mosquitto.${code}`,
    action,
    outcome: 'success',
    level: 'info',
    constants: { 'mqtt.audit.interface': by },
    slots: ['mqtt.audit.operation', 'user.name', 'mqtt.client.id', 'user.target.name', 'mqtt.audit.request'],
  });

const PLUGIN = 'dynamic_security';
const CREATED = kind('dynamic_security', 'audit-created', PLUGIN);
const CHANGED = kind('dynamic_security', 'audit-changed', PLUGIN);
const DELETED = kind('dynamic_security', 'audit-deleted', PLUGIN);
const ACCESSED = kind('dynamic_security', 'audit-accessed', PLUGIN);
const BROKER_ACCESSED = kind('broker_control', 'audit-accessed', 'broker_control');

interface Command {
  readonly kind: EventKind;
  /** Names of the `name=value` that follow, in this order. */
  readonly names: readonly string[];
}

const table = (kind: EventKind, rows: readonly string[]): [string, Command][] =>
  rows.map((row) => {
    const [command = '', ...names] = row.split(' ');
    return [command, { kind, names }];
  });

/** Commands of the dynamic-security plugin (2.0 and 2.1). */
const COMMANDS = new Map<string, Command>([
  ...table(CREATED, ['createClient username password', 'createGroup groupname', 'createRole rolename']),
  ...table(DELETED, ['deleteClient username', 'deleteGroup groupname', 'deleteRole rolename']),
  ...table(ACCESSED, [
    'getClient username',
    'getGroup groupname',
    'getRole rolename',
    'getDetails',
    'getAnonymousGroup',
    'getDefaultACLAccess',
    'listClients verbose count offset',
    'listGroups verbose count offset',
    'listRoles verbose count offset',
  ]),
  ...table(CHANGED, [
    'disableClient username',
    'enableClient username',
    'modifyClient username',
    'setClientId username clientid',
    'setClientPassword username password',
    'addClientRole username rolename priority',
    'removeClientRole username rolename',
    'modifyGroup groupname',
    'setAnonymousGroup groupname',
    'addGroupClient groupname username priority',
    'removeGroupClient groupname username',
    'addGroupRole groupname rolename priority',
    'removeGroupRole groupname rolename',
    'modifyRole rolename',
    'addRoleACL rolename acltype topic priority allow',
    'removeRoleACL rolename acltype topic',
    'setDefaultACLAccess acltype allow',
  ]),
]);
const BROKER_COMMANDS = new Map(table(BROKER_ACCESSED, ['listPlugins', 'listListeners']));

const PREFIX = 'dynsec: ';
const BROKER_PREFIX = 'Broker: ';
const BAR = ' | ';
/** At most so many readings of one line are compared. */
const MAX_READINGS = 32;

/** Lines `dynsec: CLIENT/USER | COMMAND | name=value | …`, written when a command succeeded. Values are free text. */
export const dynamicSecurityRules: readonly Rule[] = [
  {
    prefix: PREFIX,
    describes: [
      {
        text: `${PREFIX}{client}/{user} | {command}[ | {name}={value}]…`,
        versions: '2.0.0-',
        kinds: [CREATED, CHANGED, DELETED, ACCESSED],
      },
    ],
    read: (text, line) => read(text, PREFIX.length, COMMANDS, line),
  },
  {
    prefix: BROKER_PREFIX,
    describes: [
      { text: `${BROKER_PREFIX}{client}/{user} | {command}`, versions: '2.1.0-', kinds: [BROKER_ACCESSED] },
    ],
    read: (text, line) => read(text, BROKER_PREFIX.length, BROKER_COMMANDS, line),
  },
];

/** One way to read a line. */
interface Reading {
  readonly client: string;
  readonly user: string;
  readonly name: string;
  readonly command: Command;
  readonly rest: string;
}

/** Client id, user and values may hold ` | ` and `/`: the reading whose client is connected as that user wins. */
function read(
  text: string,
  start: number,
  commands: ReadonlyMap<string, Command>,
  line: LineReader,
): boolean {
  const readings = readingsOf(text, start, commands);
  const [first] = readings;
  if (first === undefined) return false;
  const live = readings.filter(({ client, user }) => {
    const session = line.live.get(client);
    return session !== undefined && (session.user ?? '') === (word(user) ?? '');
  });
  const chosen = readings.length === 1 ? first : live.length === 1 ? live[0] : undefined;
  if (chosen !== undefined && !line.cut) {
    const request = requestOf(chosen);
    const { password: _, ...shown } = request;
    line.emit(chosen.command.kind, [
      chosen.name,
      word(chosen.user),
      word(chosen.client),
      word(request.username ?? ''),
      Object.keys(shown).length === 0 ? undefined : shown,
    ]);
  } else {
    const same = readings.every(({ name }) => name === first.name);
    line.emit(first.command.kind, [same ? first.name : undefined], Mark.ambiguous);
  }
  return true;
}

function readingsOf(text: string, start: number, commands: ReadonlyMap<string, Command>): Reading[] {
  const readings: Reading[] = [];
  const firstSlash = text.indexOf('/', start);
  if (firstSlash === -1) return readings;
  for (let bar = text.indexOf(BAR, firstSlash); bar !== -1; bar = text.indexOf(BAR, bar + 1)) {
    const next = text.indexOf(BAR, bar + BAR.length);
    const name = text.slice(bar + BAR.length, next === -1 ? undefined : next);
    const command = commands.get(name);
    if (command === undefined) continue;
    const rest = next === -1 ? '' : text.slice(next + BAR.length);
    for (let slash = firstSlash; slash !== -1 && slash < bar; slash = text.indexOf('/', slash + 1)) {
      readings.push({
        client: text.slice(start, slash),
        user: text.slice(slash + 1, bar),
        name,
        command,
        rest,
      });
      if (readings.length === MAX_READINGS) return readings;
    }
  }
  return readings;
}

/** Values by their names: each ends where the next name begins. */
function requestOf({ command: { names }, rest }: Reading): Record<string, string> {
  const request: Record<string, string> = {};
  let from = 0;
  for (const [i, name] of names.entries()) {
    if (!rest.startsWith(`${name}=`, from)) break;
    const start = from + name.length + 1;
    const following = names[i + 1];
    const end = following === undefined ? -1 : rest.indexOf(`${BAR}${following}=`, start);
    request[name] = rest.slice(start, end === -1 ? undefined : end);
    if (end === -1) break;
    from = end + BAR.length;
  }
  return request;
}

function word(text: string): string | undefined {
  return text === '' || text === MISSING ? undefined : text;
}
