import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { isSibling, matches, patternIn, wildcardAt } from '../core/files/patterns.ts';
import type { InputConfig, OutputConfig } from '../registry.ts';
import { withFiles } from './files.ts';
import type { TopLevel } from './schema.ts';
import type { Path, Report } from './schema-check.ts';

/** What names paths in a configuration. */
interface Settings {
  /** Undefined: something is wrong there. */
  readonly top: TopLevel | undefined;
  readonly inputs: Readonly<Record<string, InputConfig>>;
  readonly outputs: Readonly<Record<string, OutputConfig>>;
}

/** An input that reads files. */
interface Reader {
  readonly name: string;
  readonly settings: Extract<InputConfig, { type: 'file' }>;
  /** Its paths, absolute. */
  readonly patterns: readonly string[];
}

/** An output that writes a file, and keeps older ones. */
interface Writer {
  readonly name: string;
  readonly files: readonly string[];
}

/**
 * Tells paths that get in each other's way: what an output writes and an input reads, what two outputs write, and what two
 * inputs read; and paths that begin with a home directory.
 * @param directory where relative paths begin
 */
export function checkPaths(settings: Settings, directory: string, report: Report): void {
  checkHomes(settings, report);
  const readers: Reader[] = [];
  for (const [name, input] of Object.entries(settings.inputs)) {
    if (input.type !== 'file') continue;
    const patterns = input.paths.map((pattern) => patternIn(directory, pattern));
    const reader = { name, settings: input, patterns };
    const problem = readTwice(reader, readers);
    if (problem !== undefined) report(['inputs', name, 'paths'], problem);
    readers.push(reader);
  }
  const writers: Writer[] = [];
  for (const [name, output] of Object.entries(settings.outputs)) {
    if (output.type !== 'file') continue;
    const file = path.resolve(directory, output.path);
    const older = Array.from({ length: output.rotate?.keep ?? 0 }, (_, i) => `${file}.${i + 1}`);
    const writer = { name, files: [file, ...older] };
    const problem = writtenTwice(writer, writers) ?? readAgain(writer, readers);
    if (problem !== undefined) report(['outputs', name, 'path'], problem);
    writers.push(writer);
  }
}

function writtenTwice({ files }: Writer, others: readonly Writer[]): string | undefined {
  for (const other of others) {
    const common = files.find((file) => other.files.includes(file));
    if (common !== undefined) return `outputs.${other.name} writes ${common} already; choose another path`;
  }
  return undefined;
}

/** An input would make events of the events that an output has written, and these would be written again. */
function readAgain({ files }: Writer, readers: readonly Reader[]): string | undefined {
  const fix = 'the events in it would come again without end; choose another path';
  for (const { name, settings, patterns } of readers)
    for (const [i, pattern] of patterns.entries()) {
      const given = settings.paths[i];
      const read = files.find((file) => matches(file, [pattern]));
      if (read !== undefined) return `inputs.${name} reads ${read} (paths: ${given}): ${fix}`;
      const older = files.find((file) => mayBeOlder(file, pattern));
      if (older !== undefined) return `inputs.${name} takes ${older} for an older ${given}: ${fix}`;
    }
  return undefined;
}

function mayBeOlder(file: string, log: string): boolean {
  return path.dirname(file) === path.dirname(log) && isSibling(log, path.basename(file));
}

function readTwice({ patterns, settings }: Reader, others: readonly Reader[]): string | undefined {
  for (const other of others) {
    if (!isSamePart(settings, other.settings)) continue;
    const common =
      patterns.find((one) => isIn(one, other.patterns)) ?? other.patterns.find((one) => isIn(one, patterns));
    if (common !== undefined)
      return `inputs.${other.name} reads ${common} already, and its events would come twice; leave it out of one of them`;
  }
  return undefined;
}

function isIn(one: string, patterns: readonly string[]): boolean {
  return wildcardAt(one) === -1 ? matches(one, patterns) : patterns.includes(one);
}

/** False for inputs that take different parts of one log, by program or by filters: that they both read it is no mistake. */
export function isSamePart(a: InputConfig, b: InputConfig): boolean {
  return isDeepStrictEqual(partOf(a), partOf(b));
}

/** What tells which lines of a log an input makes events of, and which of these go on. */
function partOf(input: InputConfig): readonly unknown[] {
  return [input.broker, 'program' in input ? input.program : undefined, input.include, input.exclude];
}

function checkHomes({ top, inputs, outputs }: Settings, report: Report): void {
  const look = (file: string, at: Path): string => {
    if (/^~(\/|$)/.test(file))
      report(at, `"~" is no home directory here; write the whole path, or "\${HOME}${file.slice(1)}"`);
    return file;
  };
  if (top !== undefined) look(top.state, ['state']);
  if (top?.privacy !== undefined) withFiles(top.privacy, ['privacy'], look);
  for (const [name, input] of Object.entries(inputs)) {
    withFiles(input, ['inputs', name], look);
    if (input.type === 'file')
      for (const [i, pattern] of input.paths.entries()) look(pattern, ['inputs', name, 'paths', i]);
  }
  for (const [name, output] of Object.entries(outputs)) {
    withFiles(output, ['outputs', name], look);
    if (output.type === 'file') look(output.path, ['outputs', name, 'path']);
  }
}
