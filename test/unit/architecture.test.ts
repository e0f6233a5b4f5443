import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from 'node:test';

/** What each room of `src` may import besides itself. Dependencies point inward: each room stands below those that it imports. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  core: [],
  ecs: ['core'],
  framing: ['core'],
  net: ['core'],
  'emqx-api': ['core', 'net'],
  questions: ['core', 'ecs'],
  state: ['core', 'framing'],
  pipeline: ['core', 'ecs', 'framing'],
  // Of the registry only the types of settings: the schemas are handed to it.
  config: ['core', 'ecs', 'net', 'registry.ts'],
  brokers: ['core', 'ecs'],
  inputs: ['core', 'config', 'ecs', 'emqx-api', 'framing', 'net'],
  outputs: ['core', 'config', 'net', 'state'],
  'registry.ts': ['brokers', 'inputs', 'outputs'],
  telemetry: ['core', 'net', 'state'],
  query: ['core', 'ecs', 'questions'],
  kibana: ['ecs', 'questions'],
  grafana: ['kibana', 'questions'],
  setup: ['core', 'ecs', 'kibana', 'net', 'outputs', 'questions'],
  doctor: ['brokers', 'core', 'emqx-api', 'framing', 'inputs'],
  demo: [],
  'version.ts': [],
  app: [
    'brokers',
    'config',
    'core',
    'ecs',
    'inputs',
    'net',
    'outputs',
    'pipeline',
    'registry.ts',
    'state',
    'telemetry',
    'version.ts',
  ],
  cli: [
    'app',
    'brokers',
    'config',
    'core',
    'demo',
    'doctor',
    'ecs',
    'emqx-api',
    'framing',
    'inputs',
    'net',
    'outputs',
    'pipeline',
    'query',
    'questions',
    'registry.ts',
    'setup',
    'state',
    'telemetry',
    'version.ts',
  ],
  generate: [
    'brokers',
    'config',
    'ecs',
    'grafana',
    'inputs',
    'kibana',
    'questions',
    'registry.ts',
    'setup',
    'telemetry',
  ],
  'heap.ts': [],
  'main.ts': ['cli', 'heap.ts'],
};

/** Rooms whose folders are plug-ins: only the `index.ts` beside them knows more than one. */
const PLUG_INS = ['brokers', 'inputs', 'outputs'];

const EXPORT = /^export (?:abstract )?(?:async )?(?:const|function\*?|class|interface|type) (\w+)/gm;

const ROOT = path.resolve(import.meta.dirname, '../..');

/** One file takes names of another one; paths are from the top of the repository. */
interface Import {
  readonly from: string;
  readonly to: string;
  /** `*`: all that it exports. */
  readonly names: readonly string[];
}

function filesOf(folder: string): string[] {
  return readdirSync(path.join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => path.posix.join(folder, file.replaceAll(path.sep, '/')));
}

function textOf(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8');
}

function importsOf(from: string): Import[] {
  const text = textOf(from);
  const place = (file = ''): string => path.posix.join(path.posix.dirname(from), file);
  const named = text.matchAll(/(?:import|export)\s+(?:type\s+)?\{([^}]*)\}\s+from '(\.[^']+)'/g);
  const whole = text.matchAll(/(?:import \* as \w+ from |import\(|^import )'(\.[^']+)'/gm);
  return [
    ...[...named].map(([, list = '', file]) => ({ from, to: place(file), names: namesIn(list) })),
    ...[...whole].map(([, file]) => ({ from, to: place(file), names: ['*'] })),
  ];
}

/** `Probe, type Config as Settings` */
function namesIn(list: string): string[] {
  return list.split(',').map((one) =>
    one
      .trim()
      .replace(/^type /, '')
      .replace(/ as .*/, ''),
  );
}

/** `src/inputs/mqtt/mirror.ts`: the room `inputs`, the folder `mqtt`. */
function roomOf(file: string): string {
  return file.split('/')[1] ?? '';
}

function folderOf(file: string): string {
  const [, room = '', folder = ''] = file.split('/');
  return `${room}/${folder}`;
}

describe('architecture', () => {
  const files = filesOf('src');
  const imports = files.flatMap(importsOf);
  const told = ({ from, to }: Import): string => `${from} imports ${to}`;

  it('every room has its place here, and its line in CONTRIBUTING.md', () => {
    const rooms = [...new Set(files.map(roomOf))];
    const page = textOf('CONTRIBUTING.md');
    assert.deepEqual(rooms.toSorted(), Object.keys(MAY_IMPORT).toSorted());
    assert.deepEqual(
      rooms.filter((room) => !room.endsWith('.ts') && !page.includes(`\`src/${room}`)),
      [],
    );
  });

  it('a room imports only those that stand above it', () => {
    const order = Object.keys(MAY_IMPORT);
    const below = Object.entries(MAY_IMPORT).flatMap(([room, others]) =>
      others.filter((other) => order.indexOf(other) > order.indexOf(room)).map((other) => [room, other]),
    );
    assert.deepEqual(below, [['config', 'registry.ts']]);
    const outward = imports.filter(
      ({ from, to }) => roomOf(from) !== roomOf(to) && !MAY_IMPORT[roomOf(from)]?.includes(roomOf(to)),
    );
    assert.deepEqual(outward.map(told), []);
  });

  it('the vocabulary of core needs none of its folders', () => {
    const isTop = (file: string): boolean => /^src\/core\/[^/]+$/.test(file);
    const needs = imports.filter(({ from, to }) => isTop(from) && !isTop(to));
    assert.deepEqual(needs.map(told), []);
  });

  it('no plug-in knows another one', () => {
    const strangers = imports.filter(
      ({ from, to }) =>
        PLUG_INS.includes(roomOf(from)) &&
        from !== `src/${roomOf(from)}/index.ts` &&
        roomOf(to) === roomOf(from) &&
        folderOf(to) !== folderOf(from) &&
        // A file beside the folders belongs to all of them.
        !folderOf(to).endsWith('.ts'),
    );
    assert.deepEqual(strangers.map(told), []);
  });

  it('the running probe knows plug-ins only by their tables', () => {
    const known = imports.filter(
      ({ from, to }) =>
        roomOf(from) === 'app' && PLUG_INS.includes(roomOf(to)) && !folderOf(to).endsWith('.ts'),
    );
    assert.deepEqual(known.map(told), []);
  });

  it('the tests that pages name are there', () => {
    const pages = readdirSync(path.join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.md'))
      .map((file) => path.posix.join('docs', file));
    const named = [...pages, 'README.md', 'CONTRIBUTING.md'].flatMap((page) =>
      [...textOf(page).matchAll(/`((?:unit|integration|e2e)\/[\w./-]+)`/g)].map(([, name]) => `test/${name}`),
    );
    const isThere = (name: string): boolean =>
      ['', '.test.ts'].some((end) => existsSync(path.join(ROOT, name + end)));
    assert.ok(named.length > 0);
    assert.deepEqual(
      named.filter((name) => !isThere(name)),
      [],
    );
  });

  it('what no other file imports is not exported', () => {
    const all = [...files, ...filesOf('test')];
    const used = new Set(
      all.flatMap(importsOf).flatMap(({ to, names }) => names.map((name) => `${to} ${name}`)),
    );
    const exported = all
      .filter((file) => !used.has(`${file} *`))
      .flatMap((file) => [...textOf(file).matchAll(EXPORT)].map(([, name]) => `${file} ${name}`));
    assert.deepEqual(
      exported.filter((one) => !used.has(one)),
      [],
    );
  });
});
