import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { findJdk, type Jdk, type Kind, lacking, prepare, versionFor } from './prepare.ts';

const NOBODY = 65534;
const HEAP = ['-Xms512m', '-Xmx512m'];
const START_MS = 90_000;
/** Setting of an Elasticsearch with users and API keys; the one user is this. */
export const SECURED = 'xpack.security.enabled=true';
const ADMIN = `Basic ${Buffer.from('admin:admin-password').toString('base64')}`;

/** For tests that need a real server: why they are skipped. @throws in CI, where nothing may be skipped */
export function needsSearchServer(): { skip: string | false } {
  const reason = lacking();
  if (reason !== undefined && process.env.CI !== undefined) throw new Error(reason);
  return { skip: reason ?? false };
}

/** A running OpenSearch or Elasticsearch with one node, its data in a folder of its own. */
export class SearchServer {
  readonly kind: Kind;
  url = '';
  private readonly directory: string;
  private readonly settings: readonly string[];
  private readonly secured: boolean;
  private child: ChildProcess | undefined;

  private constructor(kind: Kind, settings: readonly string[]) {
    this.kind = kind;
    this.settings = settings;
    this.secured = settings.includes(SECURED);
    this.directory = mkdtempSync(path.join(tmpdir(), 'bt-search-'));
  }

  /** @param settings `name=value` */
  static async start(kind: Kind, settings: readonly string[] = []): Promise<SearchServer> {
    const server = new SearchServer(kind, settings);
    await server.start();
    return server;
  }

  async start(): Promise<void> {
    const jdk = findJdk();
    if (jdk === undefined) throw new Error(lacking());
    const home = prepare(this.kind);
    const child = this.kind === 'opensearch' ? this.opensearch(home, jdk) : this.elasticsearch(home, jdk);
    this.child = child;
    let log = '';
    const ready = new Promise<string>((resolve, reject) => {
      // Read on: a full pipe would stop the server.
      createInterface({ input: child.stdout! }).on('line', (line) => {
        if (log.length < 100_000) log += `${line}\n`;
        const address = /^READY (\S+)/.exec(line)?.[1] ?? published(line);
        if (address !== undefined) resolve(address);
      });
      child.stderr?.on('data', (text) => {
        if (log.length < 100_000) log += text;
      });
      child.once('exit', () => reject(new Error(`the server ended:\n${log}`)));
      setTimeout(() => reject(new Error(`the server does not start:\n${log}`)), START_MS).unref();
    });
    this.url = await ready;
    await this.ask('GET', '/_cluster/health?wait_for_status=yellow');
  }

  /** In good order: closes the standard input that both wait for. */
  async stop(): Promise<void> {
    const { child } = this;
    if (child === undefined || child.exitCode !== null) return;
    child.stdin?.end();
    await once(child, 'exit');
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** A request with a JSON body. @throws when it is refused */
  async ask(method: string, target: string, body?: unknown): Promise<Record<string, unknown>> {
    const response = await fetch(this.url + target, {
      method,
      headers: { 'content-type': 'application/json', ...(this.secured && { authorization: ADMIN }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${target}: ${response.status} ${text}`);
    return JSON.parse(text);
  }

  /** Every document of some data streams. */
  async documents(pattern: string): Promise<{ _id: string; _source: Record<string, unknown> }[]> {
    await this.ask('POST', `/${pattern}/_refresh?allow_no_indices=true`);
    const all: { _id: string; _source: Record<string, unknown> }[] = [];
    let page = await this.ask('GET', `/${pattern}/_search?scroll=1m&size=10000&allow_no_indices=true`);
    for (;;) {
      const { hits } = page.hits as { hits: typeof all };
      if (hits.length === 0) return all;
      all.push(...hits);
      page = await this.ask('POST', '/_search/scroll', { scroll: '1m', scroll_id: page._scroll_id });
    }
  }

  private opensearch(home: string, jdk: Jdk): ChildProcess {
    const flags = [
      ...HEAP,
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      '--enable-native-access=ALL-UNNAMED',
    ];
    const program = [...flags, '-cp', `${home}/lib/*`, path.join(home, 'OpenSearchNode.java')];
    return spawn(path.join(jdk.home, 'bin/java'), [...program, this.directory, ...this.settings], {
      stdio: ['pipe', 'pipe', 'pipe'],
    });
  }

  /** The server refuses to run as root; a shell between ends it when our end of its standard input closes, however. */
  private elasticsearch(home: string, jdk: Jdk): ChildProcess {
    const { directory } = this;
    const server = path.join(home, 'dist', `elasticsearch-${versionFor('elasticsearch', jdk)}`);
    const config = path.join(directory, 'config');
    cpSync(path.join(server, 'config'), config, { recursive: true });
    // user admin, password admin-password (bcrypt)
    const hashed = '$2a$10$7UqSH2o49xTraN8Xvpk1F.zS/3MA7fZtahfhfNCrCTNYg2gXMaL82';
    writeFileSync(path.join(config, 'users'), `admin:${hashed}\n`);
    writeFileSync(path.join(config, 'users_roles'), 'superuser:admin\n');
    for (const name of ['data', 'logs', 'tmp']) mkdirSync(path.join(directory, name), { recursive: true });
    const uid = process.getuid?.() === 0 ? NOBODY : undefined;
    if (uid !== undefined) {
      const entries = readdirSync(directory, { recursive: true, encoding: 'utf8' });
      for (const entry of ['.', ...entries]) chownSync(path.join(directory, entry), uid, uid);
    }
    const settings = [
      'discovery.type=single-node',
      'network.host=127.0.0.1',
      'http.port=0',
      'transport.port=0',
      `path.data=${directory}/data`,
      `path.logs=${directory}/logs`,
      'cluster.routing.allocation.disk.threshold_enabled=false',
      ...(this.secured ? [] : ['xpack.security.enabled=false']),
      ...this.settings,
    ].flatMap((setting) => ['-E', setting]);
    const guard =
      'exec 3<&0; "$@" </dev/null & server=$!; { read line <&3; kill $server; } >/dev/null 2>&1 & wait $server';
    return spawn('/bin/sh', ['-c', guard, 'sh', path.join(server, 'bin/elasticsearch'), ...settings], {
      cwd: directory,
      ...(uid !== undefined && { uid, gid: uid }),
      stdio: ['pipe', 'pipe', 'pipe'],
      env: {
        ...process.env,
        ES_JAVA_HOME: jdk.home,
        ES_JAVA_OPTS: `${HEAP.join(' ')} -XX:-AlwaysPreTouch -XX:-UseG1GC -XX:+UseSerialGC -XX:TieredStopAtLevel=1`,
        ES_PATH_CONF: config,
        ES_TMPDIR: path.join(directory, 'tmp'),
      },
    });
  }
}

/** Elasticsearch logs its address shortly before it has started. */
function published(line: string): string | undefined {
  const address = /HttpServerTransport.*publish_address \{(.+?)\}/.exec(line)?.[1];
  return address === undefined ? undefined : `http://${address}`;
}
