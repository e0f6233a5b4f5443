/** Nothing of an input's earlier stream can be read. */
export function allLost(input) {
    const message = `the spool of input ${input} was damaged: what it held cannot be read`;
    return gap(input, 'spool_damaged', message, {});
}
/**
 * Records of an input are gone.
 * @param dropped to make room; else they cannot be read
 */
export function recordsLost(input, records, dropped) {
    const cause = dropped ? 'were dropped from the full spool' : 'in the spool cannot be read';
    const message = `${records} records of input ${input} ${cause}`;
    return gap(input, dropped ? 'queue_full' : 'spool_damaged', message, { 'mqtt.drop.count': records });
}
function gap(input, reason, message, fields) {
    return {
        action: 'input-gap',
        seen: Date.now(),
        reason,
        message,
        fields: { 'mqtt.probe.input.name': input, ...fields },
    };
}
