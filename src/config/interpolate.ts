/** `${NAME}`, `${NAME:default}`, as shells write it `${NAME:-default}` too; `$${` stands for `${`. Last what looks like one and is none. */
const REFERENCE = /\$(\$\{)|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-?([^}]*))?\}|(\$\{[^}]*\}?)/g;

/**
 * Replaces references to environment variables in one string.
 * @returns the text, or why there is none: names that are not set and have no default, or what is no reference
 */
export function interpolate(
  text: string,
  env: NodeJS.ProcessEnv,
): { text: string } | { missing: string[]; wrong: string[] } {
  const missing: string[] = [];
  const wrong: string[] = [];
  const replaced = text.replace(
    REFERENCE,
    (_, escaped?: string, name?: string, fallback?: string, none?: string) => {
      if (escaped !== undefined) return '${';
      if (name === undefined) {
        wrong.push(none ?? '');
        return '';
      }
      const value = env[name];
      if (value !== undefined && value !== '') return value;
      if (fallback === undefined && value === undefined) missing.push(name);
      return fallback ?? '';
    },
  );
  return missing.length + wrong.length > 0 ? { missing, wrong } : { text: replaced };
}

/** Names of the environment variables that a text refers to. */
export function referencesIn(text: string): string[] {
  return [...text.matchAll(REFERENCE)].flatMap(([, , name]) => name ?? []);
}
