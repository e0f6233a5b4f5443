import { EMQX_EVENT } from './emqx-view.js';
/** Parameters of a question; one that is not given is NULL. */
export const PARAMETERS = {
    client: 'client id, as sender or receiver',
    user: 'user name',
    source: 'how the address of the client begins',
    topic: 'topic filter: topics that it matches',
    event: 'event.action, or the name that EMQX gives to the event',
};
const NARROWED = `(:client IS NULL OR "mqtt.client.id" = :client OR "mqtt.publisher.client.id" = :client)
  AND (:user IS NULL OR "user.name" = :user OR "mqtt.publisher.user.name" = :user)
  AND (:source IS NULL OR substr("source.ip", 1, length(:source)) = :source)
  AND (:topic IS NULL OR mqtt_match(:topic, coalesce("mqtt.topic", "mqtt.subscription.filter", "mqtt.will.topic")))
  AND (:event IS NULL OR "event.action" = :event OR ${EMQX_EVENT} = :event)`;
const WHO = `"@timestamp" AS time, "service.name" AS broker, "mqtt.client.id" AS client, "user.name" AS user,
  "source.ip" AS source`;
const drops = (stage) => `SELECT ${WHO}, "mqtt.topic" AS topic, "mqtt.qos" AS qos,
  "event.reason" AS reason, coalesce("mqtt.drop.count", 1) AS messages, "mqtt.publisher.client.id" AS publisher
FROM events
WHERE "event.action" = 'message-dropped' AND coalesce("mqtt.drop.stage", 'publish') = '${stage}'
  AND ${NARROWED}
ORDER BY "@timestamp", "event.sequence"`;
/** The questions that ship with the program, by name. */
export const QUESTIONS = {
    'authentication-failures': {
        about: 'Who could not connect, from where, and why',
        sql: `SELECT ${WHO}, "event.action" AS event, "event.reason" AS reason, "mqtt.reason_code" AS code, message
FROM events
WHERE ("event.action" IN ('client-authentication-failed', 'client-connection-rejected', 'tls-handshake-failed')
    OR ("event.action" = 'packet-sent' AND "mqtt.packet.type" = 'connack' AND "event.outcome" = 'failure'))
  AND ${NARROWED}
ORDER BY "@timestamp", "event.sequence"`,
    },
    'acl-denials': {
        about: 'Who was not allowed to publish, subscribe or receive what',
        sql: `SELECT ${WHO}, "event.action" AS event, coalesce("mqtt.topic", "mqtt.subscription.filter") AS topic,
  coalesce("mqtt.qos", "mqtt.subscription.qos") AS qos, "mqtt.acl.source" AS decided_by
FROM events
WHERE "event.action" IN ('publish-denied', 'subscribe-denied', 'deliver-denied')
  AND ${NARROWED}
ORDER BY "@timestamp", "event.sequence"`,
    },
    'publish-drops': {
        about: 'Messages that the broker took from a publisher and gave to nobody',
        sql: drops('publish'),
    },
    'delivery-drops': {
        about: 'Messages that one receiver has lost: queue full, too large, expired',
        sql: drops('delivery'),
    },
    'client-life': {
        about: 'Everything about one client, in the order in which it happened',
        needs: ['client'],
        sql: `SELECT "@timestamp" AS time, "service.name" AS broker, "event.action" AS event,
  coalesce("mqtt.topic", "mqtt.subscription.filter", "mqtt.will.topic") AS topic, "event.reason" AS reason,
  "source.ip" AS source, "user.name" AS user, message
FROM events
WHERE ${NARROWED}
ORDER BY "@timestamp", "event.sequence"`,
    },
};
