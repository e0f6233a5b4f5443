import type { IPublishPacket } from 'mqtt';
import type { MqttProperties } from '../../../core/dialect.ts';

/** Properties that are still being put together. */
type Draft = { -readonly [K in keyof MqttProperties]: MqttProperties[K] };

/** The properties of a PUBLISH as MQTT.js has them; undefined when there are none. */
export function propertiesOf(given: NonNullable<IPublishPacket['properties']>): MqttProperties | undefined {
  const { correlationData, subscriptionIdentifier: ids } = given;
  const properties: Draft = {};
  if (given.payloadFormatIndicator !== undefined)
    properties.payloadFormatIndicator = given.payloadFormatIndicator;
  if (given.messageExpiryInterval !== undefined)
    properties.messageExpiryInterval = given.messageExpiryInterval;
  if (given.responseTopic !== undefined) properties.responseTopic = given.responseTopic;
  if (correlationData !== undefined) properties.correlationData = correlationData.toString('base64');
  if (given.contentType !== undefined) properties.contentType = given.contentType;
  if (ids !== undefined) properties.subscriptionIdentifiers = Array.isArray(ids) ? ids : [ids];
  if (given.userProperties !== undefined) properties.userProperties = given.userProperties;
  return Object.keys(properties).length === 0 ? undefined : properties;
}
