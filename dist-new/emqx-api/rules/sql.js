/**
 * The SQL of one rule. Without its WHERE a probe that also reads over MQTT would see an event of each message that it gets, of
 * which another message is made, and so on for ever.
 *
 * A comparison with a column that an event does not have is false in EMQX, with `<>` too (`emqx_rule_runtime:compare/3`): with
 * `not (… = …)` events without that column pass.
 */
export function sqlOf(events, { clients, topics }) {
    const from = events.map(({ from }) => `"${from}"`).join(', ');
    const isOfMessages = events.some(({ ofMessage }) => ofMessage);
    const conditions = [
        ...clients.map((id) => `not (clientid = ${literal(id)})`),
        // Elsewhere `topic` is what somebody subscribes to or asks for, which is worth knowing.
        ...(isOfMessages ? topics.map((filter) => `not (topic =~ ${literal(filter)})`) : []),
    ];
    return `SELECT * FROM ${from}${conditions.length === 0 ? '' : ` WHERE ${conditions.join(' and ')}`}`;
}
/** True for a text that can stand in the SQL of a rule. */
export function canBeLiteral(text) {
    return !/['"\\\p{C}]/u.test(text);
}
function literal(text) {
    return `'${text}'`;
}
