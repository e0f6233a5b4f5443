import type { JsonObject, JsonValue } from '../../../core/event.ts';
import { termEnd } from '../printed/term-end.ts';

/** What stands in place of a secret, as in EMQX's own redaction. */
const HIDDEN = '******';

/** A key that holds one of these words has a secret value. */
const SECRET_WORDS = [
  'password',
  'passwd',
  'passphrase',
  'passcode',
  'secret',
  'token',
  'authorization',
  'cookie',
  'credential',
  'private_key',
  'privatekey',
  'api_key',
  'api-key',
  'apikey',
  'access_key',
  'keyfile',
];
/** Not `password_based`, which names a mechanism. */
const WORDS = `(?:${SECRET_WORDS.join('|')})(?!_based)`;
/** A key that is one of these words, or ends with it, has a secret value. */
const SECRET_ENDS = 'pwd|keys?|jwt|auth_data';
/** Keys of settings are names: `root_key`, `unknown_config_keys`. */
const OF_SETTINGS = '(?<!(?:root|config)_)';
const KEY = new RegExp(`${WORDS}|(?:^|[^a-z])${OF_SETTINGS}(?:${SECRET_ENDS})$`, 'i');
const KEY_END = new RegExp(`(?:${WORDS}|${OF_SETTINGS}(?:${SECRET_ENDS}))s?$`, 'i');

/** A text without any of this holds no secret. Most need only this one look. */
const HINT =
  /passw|passphrase|passcode|pwd|secret|token|authorization["'\s:=\\>]|cookie|credential|key|jwt|eyJ|auth_data|:\/\/|basic |bearer |add[ "]|for Line\(|passwd|update[ "]|insert[ "]/i;

/** `["x","y"]`, as LDAP gives the values of an attribute. */
const LIST = String.raw`\[(?:(?:<<)?"(?:[^"\\]|\\.)*"(?:/utf8)?(?:>>)?(?:,\s{0,256})?){1,64}\]`;
/** What stands for a binary that is not told. */
const SIZE = String.raw`\[\d{1,10} bytes\]`;
const VALUE = String.raw`<<"(?:[^"\\]|\\.)*"(?:\.\.\.|\/utf8)?(?:>>|>?$)|<<\\"(?:[^"\\]|\\[^"])*(?:\\"(?:>>?)?|$)|\\"(?:[^"\\]|\\[^"])*\\"|"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'|(?:<<)?"(?:[^"\\]|\\[^])*$|'(?:[^'\\]|\\[^])*$|[^\s,;&"'\])}>\\]+`;
/** How a term of several values begins. */
const TERM = '(?=#?[[{])';
/**
 * `password: x`, `"password":"x"`, `password=x&`, `password = "x"`, `<<"password">> => <<"x">>`, `{password,"x"}`,
 * `{"userPassword",["x"]}`, `f("password", "x")`, `password => {plain,"x"}`; not the id of an authenticator,
 * `emqx_authn_jwt:1`.
 */
const PAIR = new RegExp(
  String.raw`(?:${WORDS}|(?<![a-z]|bad |emqx_authn_)${OF_SETTINGS}(?:${SECRET_ENDS})(?![a-z]|_[a-z]))([\w.-]{0,40})\\{0,3}["']?(?:>>)?(?:\s{0,8}(?:=>\s{0,512}|[:=]\s{0,8})|,(?=\S)(?!\{error,)|,\s{1,512}(?=["'<]|\[(?:<<)?"))(${LIST}|${SIZE}|${TERM}|${VALUE})`,
  'gi',
);
/** `Basic dXNlcjpwYXNz`, `Bearer eyJ…`; not the word `authentication`. */
const SCHEME = /\b(basic|bearer)(\s+)(?!auth)[^\s"'\\,;>)]+/gi;
/** A JSON Web Token (RFC 7519), also without a name. */
const TOKEN = /\beyJ[\w-]{6,}\.[\w-]{6,}\.[\w-]*/g;
/** `https://user:pass@host` */
const USER_INFO = /:\/\/([^\s/"'<>\\]{1,1024})@/g;
/** The same where the text is cut; not a port. */
const CUT_USER_INFO = /:\/\/([^\s/"'<>\\:@]{1,1024}):(?!\d{1,5}$)[^\s/"'<>\\@]{1,1024}$/;
const PRIVATE_KEY =
  /-----BEGIN [A-Z ]{0,30}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,30}PRIVATE KEY-----|$)/g;
/** Commands that name an account and its secret one after the other: `users add NAME PASS`. */
const COMMAND =
  /\b((?:admins?|users?|clientid|mqtt_?users?|auth\w{0,20}|mgmt|api_?keys?)["'\s,[]{1,8}(?:add|passwd|password|update|insert|create|import)["'\s,]{1,6}[^\s"',]{1,256}["'\s,]{1,6})([^\s"'\]]+)/gi;

/** The same as JSON: `["add","NAME","PASS"`. */
const ARGUMENTS =
  /("(?:add|passwd|password|update|insert|create|import)"\s?,\s?"[^"]{0,256}"\s?,\s?)"[^"]{0,4096}"?/gi;

/** A line of the file with keys of the REST API of 4.4 that could not be read: `… for Line(3): ID:KEY`. */
const KEY_LINE = /(\bapps file\([^()\n]{0,1024}\) for Line\(\d{1,9}\): ).*/s;

/** A quick look; false: there is nothing to hide in the text, nor in its values if it is JSON. */
export function mayHoldSecrets(text: string): boolean {
  return HINT.test(text);
}

/** A text without its secrets: passwords, tokens and keys with a name, logins in URLs and headers, private keys. */
export function hideSecrets(text: string): string {
  if (!HINT.test(text)) return text;
  const plain = text
    .replace(PRIVATE_KEY, HIDDEN)
    .replace(USER_INFO, (_, login: string) => {
      const colon = login.indexOf(':');
      return `://${colon === -1 ? '' : `${login.slice(0, colon)}:`}${HIDDEN}@`;
    })
    .replace(CUT_USER_INFO, `://$1:${HIDDEN}`)
    .replace(TOKEN, HIDDEN)
    .replace(SCHEME, `$1$2${HIDDEN}`)
    .replace(COMMAND, `$1${HIDDEN}`)
    .replace(KEY_LINE, `$1${HIDDEN}`)
    .replace(ARGUMENTS, `$1"${HIDDEN}"`);
  return hidePairs(plain);
}

/** A text without the values of secret keys. */
function hidePairs(text: string): string {
  let shown = '';
  let from = 0;
  PAIR.lastIndex = 0;
  for (let found = PAIR.exec(text); found !== null; found = PAIR.exec(text)) {
    const [, suffix = '', value = ''] = found;
    const start = PAIR.lastIndex - value.length;
    // `token_settings => #{…}` is no secret as a whole.
    if (value === '' && text.startsWith('#', start) && !/^s?$/i.test(suffix)) continue;
    const end = value === '' ? termEnd(text, start) : PAIR.lastIndex;
    shown += text.slice(from, start) + HIDDEN;
    from = end === -1 ? text.length : end;
    PAIR.lastIndex = from;
  }
  return shown + text.slice(from);
}

export function isSecretKey(key: string): boolean {
  return KEY.test(key);
}

/** Deeper values are left out. */
const MAX_DEPTH = 50;

/** A copy without secrets: values of secret keys at any depth, secrets in texts, `{"key": "password", "value": …}`. */
export function hideSecretValues(value: JsonValue, depth = 0): JsonValue {
  if (typeof value === 'string') return hideSecrets(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > MAX_DEPTH) return '…';
  if (Array.isArray(value))
    return value.map((item, i) => (isOption(value[i - 1]) ? HIDDEN : hideSecretValues(item, depth + 1)));
  const object = value as JsonObject;
  const named = ['key', 'name'].map((key) => object[key]).find((name) => typeof name === 'string');
  const isPair = typeof named === 'string' && 'value' in object;
  return Object.fromEntries(
    Object.entries(object).map(([key, item]): [string, JsonValue] => {
      if (isPair) {
        if (key === 'value' && isSecretKey(named)) return [key, HIDDEN];
        if (key === 'key') return [key, item];
      } else if (isSecretKey(key) && isSecret(key, item)) {
        return [hideSecrets(key), HIDDEN];
      }
      return [hideSecrets(key), hideSecretValues(item, depth + 1)];
    }),
  );
}

/** `--password`: the next argument is secret. */
function isOption(item: JsonValue | undefined): boolean {
  return typeof item === 'string' && /^--?[\w-]{1,64}$/.test(item) && isSecretKey(item);
}

/**
 * The value as a whole is secret. Of an object only if the key ends in a secret word: `credentials`, not `token_settings`.
 */
function isSecret(key: string, value: JsonValue): boolean {
  if (typeof value === 'boolean' || value === null) return false;
  return typeof value !== 'object' || KEY_END.test(key);
}

/** Commands whose third and further arguments are secret, with one of the verbs below. */
const ACCOUNT_COMMAND = /admin|user|client|mgmt|auth|api|key|token|passw|account|license|psk/i;
const ACCOUNT_VERB = /^(add|passwd|password|update|insert|create|set|import|reset)$/i;

/**
 * Arguments of a command line without secrets: `users add NAME PASS`, `--password PASS`, `--password=PASS`,
 * `license update KEY`.
 */
export function hideSecretArguments(command: string, args: readonly JsonValue[]): JsonValue[] {
  const isAccount = ACCOUNT_COMMAND.test(command) && ACCOUNT_VERB.test(String(args[0] ?? ''));
  const firstSecret = !isAccount ? args.length : /license/i.test(command) ? 1 : 2;
  return args.map((arg, i) => {
    if (i >= firstSecret) return HIDDEN;
    const before = isAccount && i === 1 ? undefined : args[i - 1];
    if (typeof before === 'string' && /^-{0,2}[\w-]{1,64}$/.test(before) && isSecretKey(before))
      return HIDDEN;
    return hideSecretValues(arg);
  });
}
