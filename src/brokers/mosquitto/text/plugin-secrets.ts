/** How the lines of mosquitto-auth-plug begin (log.c), and those of the plugins that were made from it. */
const PLUGIN = '|-- ';
/** The body of the request that its back end http makes (be-http.c), and what others write of a login. */
const SECRET = /\b(pass(?:word|wd)?|pw|secret|token|psk)=[^&\s]*|\b(Bearer|Basic) \S+/gi;

/** They may come past the broker's log, then behind epoch seconds whatever its stamps are. */
const PRINTED = /^\d{9,11}: (?=\|-- )/;

/** Where the words of a plugin begin behind epoch seconds; 0: the line is none of those. */
export function printedStamp(text: string): number {
  return PRINTED.exec(text)?.[0].length ?? 0;
}

/** A line of a plugin about logins. Clients write in other lines, never at the beginning of one. */
export function isPluginLine(text: string): boolean {
  return text.startsWith(PLUGIN);
}

/** A text without the passwords that a plugin has written behind its mark; the whole text may have a stamp before it. */
export function withoutPasswords(text: string): string {
  const at = text.indexOf(PLUGIN);
  if (at === -1) return text;
  const said = text
    .slice(at)
    .replace(SECRET, (_, key?: string, scheme?: string) =>
      key === undefined ? `${scheme} ***` : `${key}=***`,
    );
  return text.slice(0, at) + said;
}
