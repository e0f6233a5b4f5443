import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/*
 * Runs the steps of a Dockerfile without a container engine: each stage in a folder that stands for the root of its file
 * system. Knows what our Dockerfile uses; anything else is an error.
 */

/** What the last stage of a Dockerfile has become. */
export interface Image {
  /** The folder that stands for `/`. */
  readonly root: string;
  readonly env: Readonly<Record<string, string>>;
  readonly user: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly healthcheck: readonly string[];
}

interface Stage {
  readonly root: string;
  readonly env: Record<string, string>;
  workdir: string;
  user: string;
  entrypoint: readonly string[];
  command: readonly string[];
  healthcheck: readonly string[];
}

const IGNORED = new Set(['LABEL', 'VOLUME', 'EXPOSE']);
const PLACES = /(^|[\s"'=])\/(app|var|usr)(?=[/\s"']|$)/g;

/**
 * @param context folder with the Dockerfile
 * @param directory an empty one, for the stages
 * @param tools environment of RUN: PATH, and where npm may keep its cache
 * @param owner `uid:gid` that stands for the user of the image
 */
export function buildImage(
  context: string,
  directory: string,
  tools: Readonly<Record<string, string | undefined>>,
  owner: string,
): Image {
  const stages = new Map<string, Stage>();
  let stage: Stage | undefined;
  for (const { word, rest } of instructions(readFileSync(path.join(context, 'Dockerfile'), 'utf8'))) {
    if (word === 'FROM') {
      const [, , name = `${stages.size}`] = rest.split(/\s+/);
      stage = {
        root: path.join(directory, name),
        env: {},
        workdir: '/',
        user: 'root',
        entrypoint: [],
        command: [],
        healthcheck: [],
      };
      // What every base image has.
      mkdirSync(path.join(stage.root, 'usr/local/bin'), { recursive: true });
      stages.set(name, stage);
      continue;
    }
    if (stage === undefined) throw new Error(`${word} before FROM`);
    step(stage, word, rest, { context, stages, tools, owner });
  }
  if (stage === undefined) throw new Error('no FROM');
  const { root } = stage;
  const placed = (words: readonly string[]): string[] => words.map((text) => place(text, root));
  return {
    ...stage,
    env: Object.fromEntries(Object.entries(stage.env).map(([name, value]) => [name, place(value, root)])),
    entrypoint: placed(stage.entrypoint),
    command: placed(stage.command),
    healthcheck: stage.healthcheck,
  };
}

function step(
  stage: Stage,
  word: string,
  rest: string,
  at: {
    context: string;
    stages: ReadonlyMap<string, Stage>;
    tools: Readonly<Record<string, string | undefined>>;
    owner: string;
  },
): void {
  switch (word) {
    case 'WORKDIR':
      stage.workdir = rest;
      mkdirSync(path.join(stage.root, rest), { recursive: true });
      return;
    case 'COPY':
      copy(stage, rest, at.context, at.stages);
      return;
    case 'RUN': {
      const script = place(rest, stage.root).replaceAll('node:node', at.owner);
      const cwd = path.join(stage.root, stage.workdir);
      execFileSync('sh', ['-ec', script], { cwd, env: { ...at.tools, ...stage.env }, stdio: 'pipe' });
      return;
    }
    case 'ENV':
      for (const pair of rest.split(/\s+/)) {
        const equals = pair.indexOf('=');
        stage.env[pair.slice(0, equals)] = pair.slice(equals + 1);
      }
      return;
    case 'USER':
      stage.user = rest;
      return;
    case 'ENTRYPOINT':
      stage.entrypoint = JSON.parse(rest);
      return;
    case 'CMD':
      stage.command = JSON.parse(rest);
      return;
    case 'HEALTHCHECK':
      stage.healthcheck = JSON.parse(rest.slice(rest.indexOf(' CMD ') + 5));
      return;
    default:
      if (!IGNORED.has(word)) throw new Error(`an instruction that this test does not know: ${word}`);
  }
}

function copy(stage: Stage, rest: string, context: string, stages: ReadonlyMap<string, Stage>): void {
  const words = rest.split(/\s+/);
  const from = /^--from=(.+)$/.exec(words[0] ?? '')?.[1];
  const base = from === undefined ? context : stages.get(from)?.root;
  if (base === undefined) throw new Error(`COPY --from=${from}: no such stage`);
  const sources = words.slice(from === undefined ? 0 : 1, -1);
  const to = path.resolve(stage.workdir, words.at(-1) ?? '.');
  const into = rest.endsWith('/');
  for (const source of sources) {
    if (from === undefined && !allowed(context, source))
      throw new Error(`.dockerignore leaves ${source} out`);
    const target = path.join(stage.root, to, into ? path.basename(source) : '');
    const origin = path.join(base, source);
    if (!existsSync(origin)) throw new Error(`COPY ${source}: not there`);
    cpSync(origin, target, { recursive: true });
  }
}

/** Our .dockerignore leaves out everything but what it names. */
function allowed(context: string, source: string): boolean {
  return readFileSync(path.join(context, '.dockerignore'), 'utf8').split('\n').includes(`!${source}`);
}

function place(text: string, root: string): string {
  return text.replace(PLACES, (_, before: string, top: string) => `${before}${root}/${top}`);
}

function instructions(text: string): { word: string; rest: string }[] {
  return text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => {
      const space = line.indexOf(' ');
      return { word: line.slice(0, space), rest: line.slice(space + 1).trim() };
    });
}
