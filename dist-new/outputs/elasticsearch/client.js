import { readFileSync, statSync } from 'node:fs';
import { Client, HttpConnection, Serializer, SniffingTransport, } from '@elastic/elasticsearch';
import { BlockedError, reasonOf } from '../../core/errors.js';
import { nodeOfCloudId } from './cloud-id.js';
/** Answers stay text: a bulk answer is compared before it is parsed. */
class TextSerializer extends Serializer {
    deserialize(json) {
        return json;
    }
}
/** No look at a product header, which OpenSearch does not send and proxies take away. */
class AnyProductTransport extends SniffingTransport {
    constructor(options) {
        super({ ...options, productCheck: undefined, openTelemetry: { enabled: false } });
    }
}
/** Makes a client of what the files hold now. @param place for messages @throws BlockedError when they cannot be used */
export function makeClient(place, given) {
    const { nodes, cloudId, tls, proxy, timeoutMs } = given;
    const { ca, cert, key, fingerprint } = tls;
    const auth = authOf(given);
    const options = {
        // Not the client's own way with a Cloud ID: it knows no port of Elasticsearch, and holds TLS at 1.2.
        nodes: [...(nodes ?? [nodeOfCloudId(cloudId ?? '') ?? ''])],
        ...(auth && { auth }),
        tls: {
            ...(ca !== undefined && { ca: read(ca) }),
            ...(cert !== undefined && { cert: read(cert) }),
            ...(key !== undefined && { key: read(key) }),
            // The fingerprint is what is trusted then: the client compares it itself.
            ...(fingerprint !== undefined && ca === undefined && { rejectUnauthorized: false }),
        },
        ...(fingerprint !== undefined && { caFingerprint: fingerprint }),
        ...(proxy !== undefined && { proxy, Connection: HttpConnection }),
        Transport: AnyProductTransport,
        Serializer: TextSerializer,
        compression: false,
        maxRetries: 0,
        requestTimeout: timeoutMs,
        enableMetaHeader: false,
    };
    try {
        return new Client(options);
    }
    catch (error) {
        throw new BlockedError(`${place}: ${reasonOf(error)}`, { cause: error });
    }
}
function authOf({ apiKeyFile, user, passwordFile }) {
    if (apiKeyFile !== undefined) {
        const [id = '', key] = read(apiKeyFile).toString().trim().split(':');
        return { apiKey: key === undefined ? id : { id, api_key: key } };
    }
    if (user === undefined || passwordFile === undefined)
        return undefined;
    return {
        username: user,
        password: read(passwordFile)
            .toString()
            .replace(/\r?\n$/, ''),
    };
}
/** Changes when one of the files that a client is made of is replaced. */
export function filesMark({ apiKeyFile, passwordFile, tls }) {
    const files = [apiKeyFile, passwordFile, tls.ca, tls.cert, tls.key];
    return files.map((file) => (file === undefined ? '' : stampOf(file))).join();
}
function stampOf(file) {
    const { mtimeMs, size, ino } = statSync(file, { throwIfNoEntry: false }) ?? { mtimeMs: 0, size: 0, ino: 0 };
    return `${mtimeMs}:${size}:${ino}`;
}
function read(file) {
    try {
        return readFileSync(file);
    }
    catch (error) {
        throw new BlockedError(`${file} cannot be read (${reasonOf(error)}): check the path and the rights`, {
            cause: error,
        });
    }
}
