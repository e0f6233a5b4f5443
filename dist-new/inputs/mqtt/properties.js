/** The properties of a PUBLISH as MQTT.js has them; undefined when there are none. */
export function propertiesOf(given) {
    const ids = given.subscriptionIdentifier;
    const properties = {
        ...(given.payloadFormatIndicator !== undefined && {
            payloadFormatIndicator: given.payloadFormatIndicator,
        }),
        ...(given.messageExpiryInterval !== undefined && { messageExpiryInterval: given.messageExpiryInterval }),
        ...(given.responseTopic !== undefined && { responseTopic: given.responseTopic }),
        ...(given.correlationData !== undefined && { correlationData: given.correlationData.toString('base64') }),
        ...(given.contentType !== undefined && { contentType: given.contentType }),
        ...(ids !== undefined && { subscriptionIdentifiers: Array.isArray(ids) ? ids : [ids] }),
        ...(given.userProperties !== undefined && { userProperties: given.userProperties }),
    };
    return Object.keys(properties).length === 0 ? undefined : properties;
}
