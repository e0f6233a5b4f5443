const DENIALS = ['publish-denied', 'subscribe-denied', 'deliver-denied'];
const stage = (value) => ({ term: { 'mqtt.drop.stage': value } });
/** The questions that troubleshooting begins with. */
export const QUESTIONS = [
    {
        name: 'authentication-failures',
        question: 'Which logins were refused, and of whom?',
        actions: ['client-authentication-failed'],
        by: ['source.ip', 'user.name', 'mqtt.client.id', 'event.reason'],
    },
    {
        name: 'acl-denials',
        question: 'Who was not allowed to do what?',
        actions: DENIALS,
        by: ['mqtt.client.id', 'user.name', 'event.action', 'mqtt.topic', 'mqtt.subscription.filter'],
    },
    {
        name: 'publish-drops',
        question: 'Which published messages did nobody get?',
        actions: ['message-dropped'],
        filter: [stage('publish')],
        by: ['event.reason', 'mqtt.topic', 'mqtt.client.id'],
    },
    {
        name: 'delivery-drops',
        question: 'Which receivers lost messages?',
        actions: ['message-dropped'],
        filter: [stage('delivery')],
        by: ['event.reason', 'mqtt.client.id', 'mqtt.topic'],
    },
    {
        name: 'client-life',
        question: 'What happened to this client, from the beginning?',
        actions: [],
        oldestFirst: true,
        by: ['event.action', 'event.reason', 'source.ip', 'user.name'],
    },
    {
        name: 'why-disconnected',
        question: 'Why did this client disconnect?',
        actions: [
            'client-disconnected',
            'session-taken-over',
            'protocol-error',
            'client-connection-rejected',
            'broker-stopped',
        ],
        by: ['event.reason', 'event.action', 'mqtt.client.id'],
    },
    {
        name: 'why-not-delivered',
        question: 'Why was this message not delivered?',
        actions: ['message-dropped', ...DENIALS, 'subscription-removed', 'session-expired'],
        by: ['event.action', 'event.reason', 'mqtt.client.id'],
    },
    {
        name: 'why-not-receiving',
        question: 'Why does this client not receive?',
        actions: [
            'subscription-added',
            'subscription-removed',
            'subscribe-denied',
            'deliver-denied',
            'message-dropped',
            'client-disconnected',
            'session-expired',
            'session-taken-over',
        ],
        by: ['event.action', 'event.reason', 'mqtt.subscription.filter'],
    },
    {
        name: 'logins',
        question: 'Who logged in from where, and who failed?',
        actions: [
            'client-connected',
            'client-authenticated',
            'client-authentication-failed',
            'client-connection-rejected',
            'audit-login',
        ],
        by: ['event.outcome', 'user.name', 'source.ip', 'mqtt.client.id'],
    },
    {
        name: 'operator-changes',
        question: 'What did this operator change?',
        actions: ['audit-created', 'audit-changed', 'audit-deleted', 'audit-command', 'audit-login'],
        by: ['user.name', 'source.ip', 'mqtt.audit.operation', 'event.action', 'event.outcome'],
    },
    {
        name: 'sessions-taken-over',
        question: 'Which session was taken over by another connection?',
        actions: [],
        // Mosquitto says it at the moment, EMQX as the reason for the end of the one before.
        filter: [
            {
                bool: {
                    should: [
                        { term: { 'event.action': 'session-taken-over' } },
                        { terms: { 'event.reason': ['session_taken_over', 'discarded'] } },
                    ],
                },
            },
        ],
        by: ['mqtt.client.id', 'source.ip', 'user.name'],
    },
];
/** What every question can be narrowed to: parameter, and the fields one of which has it. */
const PARAMETERS = {
    client: { query: 'term', fields: ['mqtt.client.id', 'mqtt.publisher.client.id'] },
    user: { query: 'term', fields: ['user.name'] },
    // An address, or a prefix such as 10.1.0.0/16.
    source: { query: 'term', fields: ['source.ip'] },
    topic: { query: 'wildcard', fields: ['mqtt.topic', 'mqtt.subscription.filter'] },
    event: { query: 'term', fields: ['event.action'] },
};
/**
 * The search as a mustache template. Parameters, all optional: those above, `from` (now-24h) and `to` (now) in the date
 * mathematics of the server, `size` (100). Mustache writes them as JSON has to have them.
 */
export function searchTemplate({ actions, filter, oldestFirst, by }) {
    const fixed = [
        { range: { '@timestamp': { gte: '{{from}}{{^from}}now-24h{{/from}}', lte: '{{to}}{{^to}}now{{/to}}' } } },
        ...(actions.length > 0 ? [{ terms: { 'event.action': actions } }] : []),
        ...(filter ?? []),
    ];
    const optional = Object.entries(PARAMETERS).map(([name, { query, fields }]) => {
        const should = fields.map((field) => ({ [query]: { [field]: { value: `{{${name}}}` } } }));
        return `{{#${name}}},${JSON.stringify({ bool: { should } })}{{/${name}}}`;
    });
    const conditions = `[${fixed.map((one) => JSON.stringify(one)).join()}${optional.join('')}]`;
    const order = oldestFirst === true ? 'asc' : 'desc';
    const sort = JSON.stringify([
        { '@timestamp': order },
        { 'event.sequence': { order, unmapped_type: 'long' } },
    ]);
    const counts = Object.fromEntries(by.map((field) => [field, { terms: { field, size: 20 } }]));
    return `{"size":{{size}}{{^size}}100{{/size}},"sort":${sort},"query":{"bool":{"filter":${conditions}}},"aggs":${JSON.stringify(counts)}}`;
}
