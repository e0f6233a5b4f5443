import type { ServerAccess } from '../outputs/elasticsearch/client.ts';
import type { Asset, Request, Server } from './asset.ts';

/** How a server is reached. */
export interface Connection extends ServerAccess {
  /** At least one, unless there is a `cloudId`. */
  readonly urls: readonly string[];
}

/** What a user may choose. */
export interface SetupOptions {
  /** Only data streams of this namespace; undefined: of all. */
  readonly namespace: string | undefined;
  /** Days that events are kept, by dataset without `mqtt.`; what is absent has its default. */
  readonly retention: Readonly<Record<string, number>>;
  /** Index lifecycle management in place of data stream lifecycles. */
  readonly ilm: boolean;
  /** Also start what works by itself: machine-learning jobs. */
  readonly start: boolean;
}

/** Something that is left out, and why. */
export interface Skipped {
  readonly what: string;
  readonly why: string;
}

/** What would be installed, each after what it needs. */
export interface Plan {
  /** The server for people: product, version, cluster; undefined: no server was asked. */
  readonly server: string | undefined;
  readonly assets: readonly Asset[];
  readonly skipped: readonly Skipped[];
}

/** A product that things are installed on. */
export interface Target {
  /** @throws BlockedError when a file cannot be read */
  connect(connection: Connection): Server;
  /**
   * Asks the server what it is and what it can do, and says what to install there.
   * @param server undefined: one that can do everything
   * @throws BlockedError when it is another product, or too old
   */
  plan(options: SetupOptions, server: Server | undefined, signal: AbortSignal): Promise<Plan>;
  /** A key that may do what the probe does, and no more; absent: there are none. */
  readonly apiKey?: {
    request(options: SetupOptions): Request;
    /** @returns its encoded form */
    create(options: SetupOptions, server: Server, signal: AbortSignal): Promise<string>;
  };
}

/** One row of the registry: what the command line has to know before the code is loaded. */
export interface TargetRow {
  /** What `setup <name>` does, for the help. */
  readonly summary: string;
  /** Options that only some targets have. */
  readonly flags: readonly ('createApiKey' | 'retention' | 'ilm' | 'start')[];
  /** Where it is when nothing else is said: the nodes of the configuration's elasticsearch output, or only `--url`. */
  readonly address: 'output' | 'url';
  readonly load: () => Promise<{ target: Target }>;
}
