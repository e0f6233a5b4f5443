/** Collects the values of an option that may be given several times. */
export function collect(value, before = []) {
    return [...before, value];
}
