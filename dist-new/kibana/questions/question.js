/** Fields that a parameter is compared with; `prefix`: the field begins with it. */
export const PARAMETERS = {
    client: { fields: ['mqtt.client.id'], prefix: false, meaning: 'client id' },
    user: { fields: ['user.name'], prefix: false, meaning: 'user name; in audit events the operator' },
    source: { fields: ['source.ip'], prefix: true, meaning: 'begin of the address, as in 192.0.2.' },
    topic: {
        fields: ['mqtt.topic', 'mqtt.subscription.filter'],
        prefix: true,
        meaning: 'begin of the topic or filter',
    },
    event: { fields: ['event.action'], prefix: false, meaning: 'the event, as in client-connected' },
};
