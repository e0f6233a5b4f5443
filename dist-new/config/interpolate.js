/** `${NAME}`, `${NAME:default}`; `$${` stands for `${`. */
const REFERENCE = /\$(\$\{)|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::([^}]*))?\}/g;
/**
 * Replaces references to environment variables in one string.
 * @returns the text, or the names that are not set and have no default
 */
export function interpolate(text, env) {
    const missing = [];
    const replaced = text.replace(REFERENCE, (_, escaped, name, fallback) => {
        if (escaped !== undefined)
            return '${';
        const value = env[name];
        if (value !== undefined && value !== '')
            return value;
        if (fallback === undefined && value === undefined)
            missing.push(name);
        return fallback ?? '';
    });
    return missing.length > 0 ? { missing } : { text: replaced };
}
