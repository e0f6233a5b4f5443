/** Defines a kind of event; field names are checked against the catalogue by the compiler. */
export function defineKind(definition) {
    return { constants: {}, slots: [], ...definition };
}
