import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** A search server for tests, from the artefacts of Maven Central. */
export type Kind = 'opensearch' | 'elasticsearch';

export interface Jdk {
  readonly home: string;
  readonly major: number;
}

const HERE = fileURLToPath(new URL('.', import.meta.url));
/** Must be open to every user: Elasticsearch refuses to run as root. */
const CACHE = path.join(tmpdir(), 'brokertap-search-servers');

/** The JDK that JAVA_HOME names, else the newest of the machine. */
export function findJdk(): Jdk | undefined {
  const homes = [process.env.JAVA_HOME ?? '', ...list('/usr/lib/jvm').map((name) => `/usr/lib/jvm/${name}`)];
  const found = homes.flatMap((home): Jdk[] => {
    if (!existsSync(path.join(home, 'bin/javac')) || !existsSync(path.join(home, 'release'))) return [];
    const version = /JAVA_VERSION="(\d+)/.exec(readFileSync(path.join(home, 'release'), 'utf8'))?.[1];
    return [{ home, major: Number(version) }];
  });
  const named = found.find(({ home }) => home === process.env.JAVA_HOME);
  return named ?? found.sort((a, b) => b.major - a.major)[0];
}

/** The newest version that runs on a JDK. */
export function versionFor(kind: Kind, jdk: Jdk): string {
  if (jdk.major >= 21) return kind === 'opensearch' ? '3.8.0.0' : '9.5.3';
  return kind === 'opensearch' ? '2.19.1.0' : '8.19.21';
}

/** Why a server cannot be had here; undefined when it can. */
export function lacking(): string | undefined {
  const jdk = findJdk();
  const maven = (process.env.PATH ?? '')
    .split(path.delimiter)
    .some((place) => existsSync(path.join(place, 'mvn')));
  if (jdk !== undefined && jdk.major >= 17 && maven) return undefined;
  return 'a JDK (17, better 21 or newer) or Maven is missing: apt-get install maven default-jdk-headless';
}

/** Fetches a server unless it is there. @returns its folder */
export function prepare(kind: Kind): string {
  const jdk = findJdk();
  if (jdk === undefined) throw new Error(lacking());
  const version = versionFor(kind, jdk);
  const folder = path.join(CACHE, `${kind}-${version}`);
  if (existsSync(folder)) return folder;
  mkdirSync(CACHE, { recursive: true });
  const work = mkdtempSync(path.join(CACHE, 'new-'));
  try {
    execFileSync('chmod', ['755', work]);
    cpSync(path.join(HERE, kind), work, { recursive: true });
    const goal = kind === 'opensearch' ? 'copy-dependencies' : 'unpack-dependencies';
    const env = { ...process.env, JAVA_HOME: jdk.home };
    execFileSync('mvn', ['-B', '-q', `-Dserver.version=${version}`, `dependency:${goal}`], {
      cwd: work,
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    if (kind === 'elasticsearch' && jdk.major >= 21) addPlugin(work, version, jdk);
    renameSync(work, folder);
  } catch (error) {
    // Another test file was faster.
    if (!existsSync(folder)) throw error;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return folder;
}

/** What the integration-test zip lacks; compiles against this one version. */
function addPlugin(work: string, version: string, jdk: Jdk): void {
  const server = path.join(work, 'dist', `elasticsearch-${version}`);
  const plugin = path.join(server, 'plugins/test-support');
  const classes = path.join(work, 'classes');
  const services = path.join(classes, 'META-INF/services');
  mkdirSync(plugin, { recursive: true });
  mkdirSync(services, { recursive: true });
  const javac = [
    '--release',
    '21',
    '-cp',
    `${server}/lib/*`,
    '-d',
    classes,
    path.join(work, 'TestSupportPlugin.java'),
  ];
  execFileSync(path.join(jdk.home, 'bin/javac'), javac, { stdio: 'pipe' });
  writeFileSync(
    path.join(services, 'org.elasticsearch.features.FeatureSpecification'),
    'testsupport.TestSupportPlugin$Features\n',
  );
  const jar = ['--create', '--file', path.join(plugin, 'test-support.jar'), '-C', classes, '.'];
  execFileSync(path.join(jdk.home, 'bin/jar'), jar);
  writeFileSync(
    path.join(plugin, 'plugin-descriptor.properties'),
    `name=test-support
description=what the integration-test zip lacks
version=1
classname=testsupport.TestSupportPlugin
java.version=21
elasticsearch.version=${version}
`,
  );
}

function list(directory: string): string[] {
  return existsSync(directory) ? readdirSync(directory) : [];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const kind of ['opensearch', 'elasticsearch'] as const) process.stdout.write(`${prepare(kind)}\n`);
}
