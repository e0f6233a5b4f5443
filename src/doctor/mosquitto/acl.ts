import { reasonOf } from '../../core/errors.ts';
import { overlaps } from '../../core/mqtt/topic.ts';
import { compileFilter } from '../../inputs/mqtt/session/filters.ts';
import type { Change, Finding, MirrorPlace } from '../doctor.ts';
import { type AclEntry, AclFile, covers } from './acl-file.ts';
import type { Listener, MosquittoConf } from './conf.ts';

/** A stand-in for the user that the probe should have. */
const USER = 'brokertap';
const SYSTEM = '$SYS/#';
const EVERYTHING = '#';
/** Filters that a title names. */
const MAX_NAMED = 4;

/** Whether the ACL file lets the mirror read what it subscribes to; the broker itself never says. */
export function checkAcl(
  conf: MosquittoConf,
  listener: Listener | undefined,
  mirror: MirrorPlace | undefined,
): Finding[] {
  const setting = listener && conf.accessOf(listener, 'acl_file');
  if (setting === undefined) return [];
  let file: AclFile;
  try {
    file = AclFile.read(setting.value);
  } catch (error) {
    return [
      {
        check: 'acl',
        severity: 'note',
        title: `The ACL file cannot be read here: ${reasonOf(error)}`,
        lost: 'Whether the mirror may read everything is not known; give --url to see what it really gets.',
        changes: [],
      },
    ];
  }
  const clientId = mirror?.clientId ?? '%c';
  const topics = mirror?.isConfigured === true ? mirror.settings.topics : [{ filter: EVERYTHING }];
  const wanted = topics.map(({ filter }) => compileFilter(filter).filter);
  const user = mirror === undefined ? likelyUser(file) : mirror.settings.user;
  const entries = file.entriesOf(user, clientId);
  const granted = readable(entries);
  const missing = wanted.filter((filter) => !granted.some((one) => covers(one, filter)));
  const seesSystem = granted.some((filter) => covers(filter, SYSTEM));
  return [
    ...unreadable(file, user, granted, missing, seesSystem),
    ...denials(file, entries, wanted),
    ...(seesSystem || missing.length > 0 ? [] : [systemUnreadable(file, user)]),
  ];
}

/** Where nobody says which user the mirror has: one that may read everything, if there is one. */
function likelyUser(file: AclFile): string | undefined {
  const canRead = (user: string, wanted: readonly string[]): boolean => {
    const granted = readable(file.entriesOf(user, ''));
    return wanted.every((filter) => granted.some((one) => covers(one, filter)));
  };
  const users = [...file.users.keys()];
  return (
    users.find((user) => canRead(user, [EVERYTHING, SYSTEM])) ??
    users.find((user) => canRead(user, [EVERYTHING])) ??
    USER
  );
}

function readable(entries: readonly AclEntry[]): string[] {
  return entries
    .filter(({ access }) => access === 'read' || access === 'readwrite')
    .map(({ filter }) => filter);
}

function unreadable(
  file: AclFile,
  user: string | undefined,
  granted: readonly string[],
  missing: readonly string[],
  seesSystem: boolean,
): Finding[] {
  if (missing.length === 0) return [];
  const isMisled = user !== undefined && file.entries.some((one) => one.user === undefined && !one.isPattern);
  return [
    {
      check: 'acl',
      severity: 'error',
      title: `By the ACL ${user === undefined ? 'a mirror without a user' : `user "${user}"`} may read ${named(granted)}, and the mirror subscribes to ${named(missing)}`,
      lost: `message-mirrored of ${granted.length === 0 ? 'everything' : 'everything else'}, silently: the broker grants the subscription and leaves the messages out.${isMisled ? ' What stands before the first "user" line is for clients without a user name only.' : ''}`,
      changes: [grant(file, user, seesSystem || missing.includes(SYSTEM) ? missing : [...missing, SYSTEM])],
    },
  ];
}

function denials(file: AclFile, entries: readonly AclEntry[], wanted: readonly string[]): Finding[] {
  const denied = entries.filter(
    ({ access, filter }) => access === 'deny' && wanted.some((one) => overlaps(one, filter)),
  );
  if (denied.length === 0) return [];
  return [
    {
      check: 'acl-deny',
      severity: 'error',
      title: `The ACL hides ${named(denied.map(({ filter }) => filter))} from the mirror`,
      lost: 'message-mirrored of these topics, silently.',
      changes: [{ file: file.file, remove: denied.map(({ line, text }) => ({ line, text })), add: [] }],
    },
  ];
}

function systemUnreadable(file: AclFile, user: string | undefined): Finding {
  return {
    check: 'acl-sys',
    severity: 'warning',
    title: `By the ACL the mirror may not read "${SYSTEM}", which "#" does not include`,
    lost: 'All $SYS metrics and log topics, and the counters that show what the mirror does not see.',
    changes: [grant(file, user, [SYSTEM])],
  };
}

/** Lines that let a client read filters. */
function grant(file: AclFile, user: string | undefined, filters: readonly string[]): Change {
  const lines = filters.map((filter) => `topic read ${filter}`);
  if (user === undefined) return { file: file.file, remove: [], after: 0, add: lines };
  const line = file.users.get(user);
  if (line !== undefined) return { file: file.file, remove: [], after: line, add: lines };
  return { file: file.file, remove: [], add: [`user ${user}`, ...lines] };
}

function named(filters: readonly string[]): string {
  if (filters.length === 0) return 'nothing';
  const shown = filters.slice(0, MAX_NAMED).map((filter) => `"${filter}"`);
  const more = filters.length - shown.length;
  return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
