const LARGEST = '50gb';
/** How often a new backing index begins: an index is deleted as a whole, this long after its youngest event. */
function rolloverDays(days) {
    if (days <= 14)
        return 1;
    return days <= 90 ? 7 : 30;
}
/** An ILM policy that keeps events for at least so many days. */
export function ilmPolicy(days) {
    return {
        policy: {
            phases: {
                hot: {
                    min_age: '0ms',
                    actions: { rollover: { max_age: `${rolloverDays(days)}d`, max_primary_shard_size: LARGEST } },
                },
                delete: { min_age: `${days}d`, actions: { delete: {} } },
            },
            _meta: { description: 'MQTT events of brokertap', managed_by: 'brokertap' },
        },
    };
}
/** The same for OpenSearch's index state management, which attaches it to new backing indices of the data streams. */
export function ismPolicy(streams, days, priority) {
    return {
        policy: {
            description: `MQTT events of brokertap: ${days} days`,
            default_state: 'open',
            states: [
                {
                    name: 'open',
                    actions: [
                        { rollover: { min_index_age: `${rolloverDays(days)}d`, min_primary_shard_size: LARGEST } },
                    ],
                    transitions: [{ state_name: 'deleted', conditions: { min_rollover_age: `${days}d` } }],
                },
                { name: 'deleted', actions: [{ delete: {} }], transitions: [] },
            ],
            ism_template: [{ index_patterns: [streams], priority }],
        },
    };
}
