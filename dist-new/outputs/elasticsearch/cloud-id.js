const PART = /^([\w.-]+)(?::(\d{1,5}))?$/;
const HTTPS = '443';
/**
 * Address of the Elasticsearch that a Cloud ID names. A Cloud ID is a name, a colon and the base64 form of
 * `DOMAIN[:PORT]$ELASTICSEARCH[:PORT][$KIBANA[:PORT]]`; the name is for people, as in Beats.
 * @returns undefined when it is none
 */
export function nodeOfCloudId(id) {
    const encoded = id.slice(id.lastIndexOf(':') + 1).trim();
    const [cloud = '', search = ''] = Buffer.from(encoded, 'base64').toString().split('$');
    const [, domain, port] = PART.exec(cloud) ?? [];
    const [, name, ownPort] = PART.exec(search) ?? [];
    if (domain === undefined || name === undefined)
        return undefined;
    const node = `https://${name}.${domain}:${ownPort ?? port ?? HTTPS}`;
    return URL.canParse(node) ? node : undefined;
}
