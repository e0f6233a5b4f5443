import { isSince, RULE_EVENTS } from './events.js';
import { sqlOf } from './sql.js';
const TYPE = 'http';
const DESCRIPTION = 'Made by brokertap: events for the probe';
/** Connector, action and rules, in the order in which they can be made. */
export function ruleSet(options) {
    const { name, target, version, wants, leftOut } = options;
    const events = RULE_EVENTS.filter((event) => wants(event) && (version === undefined || isSince(version, event.since)));
    const rule = (part, some) => {
        if (some.length === 0)
            return [];
        const id = `${name}_${part}`;
        return [
            {
                table: 'rules',
                id,
                identity: { id },
                path: ['rule_engine', 'rules', id],
                body: {
                    enable: true,
                    description: DESCRIPTION,
                    sql: sqlOf(some, leftOut),
                    actions: [`${TYPE}:${name}`],
                },
            },
        ];
    };
    return [
        {
            table: 'connectors',
            id: `${TYPE}:${name}`,
            identity: { type: TYPE, name },
            path: ['connectors', TYPE, name],
            body: {
                enable: true,
                description: DESCRIPTION,
                url: target.origin,
                ...(target.protocol === 'https:' && { ssl: sslOf(options) }),
            },
        },
        {
            table: 'actions',
            id: `${TYPE}:${name}`,
            identity: { type: TYPE, name },
            path: ['actions', TYPE, name],
            body: {
                enable: true,
                description: DESCRIPTION,
                connector: name,
                parameters: {
                    method: 'post',
                    path: target.pathname + target.search,
                    headers: {
                        'content-type': 'application/json',
                        ...(options.authorization !== undefined && { authorization: options.authorization }),
                    },
                    // The whole event.
                    body: '${.}',
                },
                // While the probe is away events wait in the broker's memory; by default they would be dropped after 45 s.
                resource_opts: { request_ttl: 'infinity', max_buffer_bytes: '256MB', query_mode: 'async' },
            },
        },
        ...rule('events', events.filter(({ ofMessage }) => !ofMessage)),
        ...rule('messages', events.filter(({ ofMessage }) => ofMessage)),
    ];
}
function sslOf({ ca }) {
    return ca === undefined
        ? { enable: true, verify: 'verify_none' }
        : { enable: true, verify: 'verify_peer', cacertfile: ca };
}
