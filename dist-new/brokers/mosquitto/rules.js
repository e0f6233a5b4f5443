import { acknowledgeRules } from './acknowledge.js';
import { connectionRules } from './connection.js';
import { Dispatch } from './dispatch.js';
import { droppedRules } from './dropped.js';
import { dynamicSecurityRules } from './dynamic-security.js';
import { TABLES } from './formats/index.js';
import { lifecycleRules } from './lifecycle.js';
import { packetRules } from './packet.js';
import { publishRules } from './publish.js';
import { refusalRules } from './refusal.js';
import { subscriptionRules } from './subscription.js';
import { willRules } from './will.js';
/** Rules with code of their own: the busiest lines, and those that need more than a format. */
export const RULES = {
    Messages: publishRules,
    Acknowledgements: acknowledgeRules,
    Packets: packetRules,
    Subscriptions: subscriptionRules,
    Connections: connectionRules,
    Wills: willRules,
    'Full queues': droppedRules,
    'Life of the broker': lifecycleRules,
    'Bridges that are answered': refusalRules,
    'Commands of plugins': dynamicSecurityRules,
};
export { TABLES };
export const dispatch = new Dispatch(Object.values(RULES).flat(), Object.values(TABLES).flat());
