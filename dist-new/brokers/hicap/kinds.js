import { defineKind } from '../../ecs/kind.js';
import { PAYLOAD_SLOTS } from '../../ecs/payload.js';
/** Slots of every record about a client. */
const CLIENT = [
    'mqtt.client.id',
    'source.ip',
    'source.address',
    'destination.port',
];
const CERTIFICATE = [
    'tls.client.x509.serial_number',
    'tls.client.x509.subject.common_name',
];
const REFUSAL = [...CLIENT, 'mqtt.reason_code', 'event.reason'];
const mqtt = { 'network.protocol': 'mqtt' };
/** Kinds by what has happened. */
export const KIND = {
    started: defineKind({ code: 'hicap.startup', action: 'broker-started', slots: ['mqtt.log.fields'] }),
    stopped: defineKind({ code: 'hicap.shutdown', action: 'broker-stopped', slots: ['mqtt.log.fields'] }),
    connected: defineKind({
        code: 'hicap.connect',
        action: 'client-connected',
        constants: mqtt,
        slots: CLIENT,
    }),
    loginRefused: defineKind({
        code: 'hicap.connect',
        action: 'client-authentication-failed',
        constants: mqtt,
        slots: REFUSAL,
    }),
    connectionRefused: defineKind({
        code: 'hicap.connect',
        action: 'client-connection-rejected',
        constants: mqtt,
        slots: REFUSAL,
    }),
    disconnected: defineKind({
        code: 'hicap.disconnect',
        action: 'client-disconnected',
        constants: mqtt,
        slots: CLIENT,
    }),
    subscribe: defineKind({
        code: 'hicap.subscribe',
        action: 'subscription-requested',
        constants: mqtt,
        slots: [...CLIENT, ...CERTIFICATE, 'mqtt.subscription.filter', 'mqtt.subscription.share_group'],
    }),
    publish: defineKind({
        code: 'hicap.publish',
        action: 'message-published',
        constants: { ...mqtt, 'network.direction': 'ingress', 'mqtt.packet.type': 'publish' },
        slots: [
            ...CLIENT,
            ...CERTIFICATE,
            'mqtt.topic',
            'mqtt.topic_root',
            'mqtt.topic_depth',
            'mqtt.payload.size',
            ...PAYLOAD_SLOTS,
        ],
    }),
    other: defineKind({ code: 'hicap.other', action: 'broker-log', slots: ['mqtt.log.fields'] }),
};
