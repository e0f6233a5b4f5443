import {
  Client,
  type ClientOptions,
  HttpConnection,
  Serializer,
  SniffingTransport,
} from '@elastic/elasticsearch';
import { BlockedError, reasonOf } from '../../core/errors.ts';
import { configuredFile, configuredSecret, configuredToken, fileMark } from '../../net/configured-file.ts';
import { nodeOfCloudId } from './cloud-id.ts';

/** By what a server lets the probe in; paths are of files. */
export interface ServerAccess {
  readonly cloudId: string | undefined;
  readonly apiKeyFile: string | undefined;
  readonly user: string | undefined;
  readonly passwordFile: string | undefined;
  readonly tls: {
    readonly ca?: string | undefined;
    readonly fingerprint?: string | undefined;
    readonly cert?: string | undefined;
    readonly key?: string | undefined;
  };
  readonly proxy: string | undefined;
}

/** How a cluster is reached; the files are read again when they are replaced. */
export interface ClusterOptions extends ServerAccess {
  readonly nodes: readonly string[] | undefined;
  readonly gzip: boolean;
  readonly timeoutMs: number;
}

/** Largest answer: more is said of no bulk, and what answers without an end is no search server. */
const MOST_BYTES = 64 * 2 ** 20;

/** Answers stay text: a bulk answer is compared before it is parsed. */
class TextSerializer extends Serializer {
  override deserialize<T>(json: string): T {
    return json as T;
  }
}

/** No look at a product header, which OpenSearch does not send and proxies take away. */
class AnyProductTransport extends SniffingTransport {
  constructor(options: ConstructorParameters<typeof SniffingTransport>[0]) {
    super({ ...options, productCheck: undefined as never, openTelemetry: { enabled: false } });
  }
}

/**
 * Makes a client of what the files hold now.
 * @param place for messages
 * @param authority certificate with the fingerprint that is given in the place of `ca`
 * @throws BlockedError when they cannot be used
 */
export function makeClient(place: string, given: ClusterOptions, authority: string | undefined): Client {
  const { tls, proxy, timeoutMs } = given;
  const { ca, cert, key } = tls;
  const auth = authOf(given);
  const options: ClientOptions = {
    // Not the client's own way with a Cloud ID: it knows no port of Elasticsearch, and holds TLS at 1.2.
    nodes: nodesOf(given),
    ...(auth && { auth }),
    tls: {
      ...(ca !== undefined && { ca: configuredFile('tls.ca', ca) }),
      ...(cert !== undefined && { cert: configuredFile('tls.cert', cert) }),
      ...(key !== undefined && { key: configuredFile('tls.key', key) }),
      // Not the client's own way with a fingerprint: it looks whether the authority is shown, not what it has signed. The authority
      // is a cluster's own, which names its servers as it likes.
      ...(authority !== undefined && { ca: authority, checkServerIdentity: () => undefined }),
    },
    ...(proxy !== undefined && { proxy, Connection: HttpConnection }),
    Transport: AnyProductTransport,
    Serializer: TextSerializer,
    compression: false,
    maxRetries: 0,
    maxResponseSize: MOST_BYTES,
    maxCompressedResponseSize: MOST_BYTES,
    requestTimeout: timeoutMs,
    enableMetaHeader: false,
  };
  try {
    return new Client(options);
  } catch (error) {
    throw new BlockedError(`${place}: ${reasonOf(error)}`, { cause: error });
  }
}

/** Addresses of the cluster. */
export function nodesOf({ nodes, cloudId }: ClusterOptions): string[] {
  return [...(nodes ?? [nodeOfCloudId(cloudId ?? '') ?? ''])];
}

function authOf({ apiKeyFile, user, passwordFile }: ClusterOptions): ClientOptions['auth'] | undefined {
  if (apiKeyFile !== undefined) {
    const [id = '', key] = configuredToken('api_key_file', apiKeyFile).split(':');
    return { apiKey: key === undefined ? id : { id, api_key: key } };
  }
  if (user === undefined || passwordFile === undefined) return undefined;
  return {
    username: user,
    password: configuredSecret('password_file', passwordFile),
  };
}

/** Changes when one of the files that a client is made of is replaced. */
export function filesMark({ apiKeyFile, passwordFile, tls }: ClusterOptions): string {
  const files = [apiKeyFile, passwordFile, tls.ca, tls.cert, tls.key];
  return files.map((file) => (file === undefined ? '' : fileMark(file))).join();
}
