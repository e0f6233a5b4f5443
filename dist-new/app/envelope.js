import { hostname } from 'node:os';
import { VERSION } from '../version.js';
/** What is the same in all events of one input. */
export function envelope(identity, about) {
    return {
        'ecs.version': '9.4.0',
        'agent.type': 'brokertap',
        'agent.id': identity.id,
        'agent.ephemeral_id': identity.ephemeralId,
        'agent.name': hostname(),
        'agent.version': VERSION,
        'host.name': about.host,
        'service.type': about.serviceType,
        'service.name': about.serviceName,
        ...(Object.keys(about.labels).length > 0 && { labels: about.labels }),
    };
}
