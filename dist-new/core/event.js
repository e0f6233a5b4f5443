/**
 * An event is a kind and a few values. The kind holds all that is the same for every event of one parser rule and is
 * encoded once; the values fill its slots.
 */
/** Bits of `Mark`: facts about the record an event came from, or about how it was read. */
export const Mark = {
    none: 0,
    /** Bytes that are not UTF-8 were replaced: tag `invalid_utf8`. */
    invalidUtf8: 1,
    /** The broker or the probe cut the text: `mqtt.truncated`. */
    truncated: 2,
    /** More than one reading was possible: `mqtt.ambiguous`. */
    ambiguous: 4,
    /** Inferred, not said by the record: `mqtt.derived`. */
    derived: 8,
    /** The stamp's wall-clock time comes twice and nothing tells which: tag `ambiguous_time`. */
    ambiguousTime: 16,
};
