import { hostname } from 'node:os';
import type { Envelope } from '../ecs/template.ts';
import { VERSION } from '../version.ts';

/** Who the probe is. */
export interface Identity {
  /** Survives restarts. */
  readonly id: string;
  /** New with each start. */
  readonly ephemeralId: string;
}

/** The broker that events are about. */
interface About {
  readonly host: string;
  readonly serviceType: string;
  readonly serviceName: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** What is the same in all events of one input. */
export function envelope(identity: Identity, about: About): Envelope {
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
