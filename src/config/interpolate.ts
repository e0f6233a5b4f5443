/** `${NAME}`, `${NAME:default}`; `$${` stands for `${`. */
const REFERENCE = /\$(\$\{)|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::([^}]*))?\}/g;

/**
 * Replaces references to environment variables in one string.
 * @returns the text, or the names that are not set and have no default
 */
export function interpolate(text: string, env: NodeJS.ProcessEnv): { text: string } | { missing: string[] } {
  const missing: string[] = [];
  const replaced = text.replace(
    REFERENCE,
    (_, escaped: string | undefined, name: string, fallback: string | undefined) => {
      if (escaped !== undefined) return '${';
      const value = env[name];
      if (value !== undefined && value !== '') return value;
      if (fallback === undefined && value === undefined) missing.push(name);
      return fallback ?? '';
    },
  );
  return missing.length > 0 ? { missing } : { text: replaced };
}

/** Names of the environment variables that a text refers to. */
export function referencesIn(text: string): string[] {
  return [...text.matchAll(REFERENCE)].flatMap(([, , name]) => name ?? []);
}
