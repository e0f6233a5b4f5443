/*
 * The wide table of EMQX's "full-link observability" guide (one row for each event of the rule engine), from events of any
 * broker.
 */
/** The name that EMQX's rule engine gives to an event; NULL: it has none. */
export const EMQX_EVENT = `CASE "event.action"
  WHEN 'client-connected' THEN 'client.connected'
  WHEN 'client-disconnected' THEN 'client.disconnected'
  WHEN 'client-connection-rejected' THEN 'client.connack'
  WHEN 'client-authenticated' THEN 'client.check_authn_complete'
  WHEN 'client-authentication-failed' THEN 'client.check_authn_complete'
  WHEN 'publish-authorized' THEN 'client.check_authz_complete'
  WHEN 'publish-denied' THEN 'client.check_authz_complete'
  WHEN 'subscribe-authorized' THEN 'client.check_authz_complete'
  WHEN 'subscribe-denied' THEN 'client.check_authz_complete'
  WHEN 'deliver-denied' THEN 'client.check_authz_complete'
  WHEN 'subscription-added' THEN 'session.subscribed'
  WHEN 'subscription-removed' THEN 'session.unsubscribed'
  WHEN 'message-published' THEN 'message.publish'
  WHEN 'message-mirrored' THEN 'message.publish'
  WHEN 'message-delivered' THEN 'message.delivered'
  WHEN 'message-acknowledged' THEN 'message.acked'
  WHEN 'message-dropped' THEN iif("mqtt.drop.stage" = 'delivery', 'delivery.dropped', 'message.dropped')
  WHEN 'alarm-raised' THEN 'alarm.activated'
  WHEN 'alarm-cleared' THEN 'alarm.deactivated'
  WHEN 'packet-sent' THEN iif("mqtt.packet.type" = 'connack', 'client.connack', NULL)
  WHEN 'packet-received' THEN iif("event.code" = 'emqx.client.ping', 'client.ping', NULL)
END`;
/** Milliseconds since 1970, as EMQX has times besides the first. */
const milliseconds = (time) => `CAST(round(unixepoch(${time}, 'subsec') * 1000) AS INTEGER)`;
const address = (side) => `iif("${side}.port" IS NULL, "${side}.ip", "${side}.ip" || ':' || "${side}.port")`;
/** 25 columns with the names, types and units of the table. */
export const FULL_LINK_VIEW = `CREATE VIEW emqx_full_link_events AS SELECT
  replace(substr("@timestamp", 1, 23), 'T', ' ') AS "timestamp",
  ${EMQX_EVENT} AS "event",
  "mqtt.client.id" AS "clientid",
  "user.name" AS "username",
  ${address('source')} AS "peername",
  ${address('destination')} AS "sockname",
  coalesce("service.node.name", "service.name") AS "node",
  coalesce("mqtt.topic", iif("mqtt.subscription.share_group" IS NULL, "mqtt.subscription.filter",
    '$share/' || "mqtt.subscription.share_group" || '/' || "mqtt.subscription.filter")) AS "topic",
  "mqtt.message.id" AS "id",
  "mqtt.publisher.client.id" AS "from_clientid",
  "mqtt.publisher.user.name" AS "from_username",
  coalesce("mqtt.qos", "mqtt.subscription.granted_qos", "mqtt.subscription.qos") AS "qos",
  coalesce("mqtt.payload.text", "mqtt.payload.base64") AS "payload",
  iif("event.action" IN ('packet-sent', 'client-connection-rejected', 'client-authenticated',
    'client-authentication-failed'), NULL, "event.reason") AS "reason",
  iif("event.action" IN ('packet-sent', 'client-connection-rejected', 'client-authenticated',
    'client-authentication-failed'), coalesce("event.reason", iif("event.outcome" = 'failure', NULL, 'success')),
    NULL) AS "reason_code",
  coalesce("mqtt.acl.operation", CASE "event.action" WHEN 'publish-authorized' THEN 'publish'
    WHEN 'publish-denied' THEN 'publish' WHEN 'subscribe-authorized' THEN 'subscribe'
    WHEN 'subscribe-denied' THEN 'subscribe' WHEN 'deliver-denied' THEN 'read' END) AS "action",
  CASE WHEN "event.action" IN ('publish-authorized', 'subscribe-authorized') THEN 'allow'
    WHEN "event.action" IN ('publish-denied', 'subscribe-denied', 'deliver-denied') THEN 'deny' END AS "result",
  "mqtt.acl.source" AS "authz_source",
  "mqtt.keep_alive" AS "keepalive",
  "mqtt.clean_start" AS "clean_start",
  "mqtt.session.expiry_interval" AS "expiry_interval",
  ${milliseconds(`coalesce("mqtt.connection.connected_at", iif("event.action" = 'client-connected', "@timestamp", NULL))`)} AS "connected_at",
  ${milliseconds(`coalesce("mqtt.connection.disconnected_at", iif("event.action" = 'client-disconnected', "@timestamp", NULL))`)} AS "disconnected_at",
  ${milliseconds(`coalesce("mqtt.message.received_at", iif("event.action" = 'message-published', "@timestamp", NULL))`)} AS "publish_received_at",
  "mqtt.client.attributes" AS "client_attrs"
FROM events WHERE ${EMQX_EVENT} IS NOT NULL`;
