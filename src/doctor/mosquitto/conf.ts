import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { reasonOf, UsageError, unreadable } from '../../core/errors.ts';
import type { Change } from '../doctor.ts';

/** One option as it stands in a file. */
export interface Setting {
  readonly name: string;
  /** All behind the name, without the blanks around it. */
  readonly value: string;
  readonly file: string;
  /** Counts from 1. */
  readonly line: number;
  readonly text: string;
}

/** A way into the broker, with the options that stand behind it. */
export interface Listener {
  /** Its `listener` line; undefined for the default listener. */
  readonly opened: Setting | undefined;
  readonly port: number;
  /** Address, host name or path of a Unix socket; undefined: all addresses. */
  readonly address: string | undefined;
  readonly settings: readonly Setting[];
}

const DEFAULT_PORT = 1883;
/** Options of the default listener that make it open although others are given. */
const OPENS_DEFAULT = ['port', 'bind_address'];

/**
 * A configuration of Mosquitto 1.6 to 2.1, read as the broker reads it (its conf.c): `#` begins a comment only as the first
 * character, blanks but no TABs stand around names, the last of two settings counts, options behind a `listener` line
 * belong to it, `include_dir` is read in the main file only. Unknown options are kept as they are.
 */
export class MosquittoConf {
  readonly settings: readonly Setting[];
  readonly files: readonly string[];
  readonly listeners: readonly Listener[];
  /** Files that it includes and that cannot be read, one sentence each. */
  readonly problems: readonly string[];

  private constructor(settings: readonly Setting[], files: readonly string[], problems: readonly string[]) {
    this.settings = settings;
    this.files = files;
    this.problems = problems;
    this.listeners = listenersOf(settings);
  }

  /** @throws UsageError when the main file, or another that was named, cannot be read */
  static read(paths: readonly string[]): MosquittoConf {
    const files: string[] = [];
    const problems: string[] = [];
    const settings = paths.flatMap((file) => {
      files.push(file);
      try {
        return readSettings(file).flatMap((setting) =>
          setting.name === 'include_dir' ? [setting, ...included(setting, files, problems)] : [setting],
        );
      } catch (error) {
        throw new UsageError(unreadable(file, error));
      }
    });
    return new MosquittoConf(settings, files, problems);
  }

  /** Every setting of an option, in order. */
  all(...names: readonly string[]): Setting[] {
    return this.settings.filter(({ name }) => names.includes(name));
  }

  /** The setting of a global option that counts. */
  get(name: string): Setting | undefined {
    return this.all(name).at(-1);
  }

  /** The value of a global option; `otherwise` when it is not set. */
  value(name: string, otherwise: string): string {
    return this.get(name)?.value ?? otherwise;
  }

  /** A global option that is true or false. */
  flag(name: string, otherwise: boolean): boolean {
    return isTrue(this.get(name), otherwise);
  }

  /** A global option that is a number; one that cannot be read is as if it were not there. */
  number(name: string, otherwise: number): number {
    const value = Number.parseInt(this.value(name, ''), 10);
    return Number.isNaN(value) ? otherwise : value;
  }

  /** Access options count for the listener that they stand behind, not for all. */
  get isPerListener(): boolean {
    return this.flag('per_listener_settings', false);
  }

  /** The setting of an access option that counts for a listener. */
  accessOf(listener: Listener, name: string): Setting | undefined {
    if (!this.isPerListener) return this.get(name);
    return listener.settings.findLast((setting) => setting.name === name);
  }

  /** Puts lines in the place of all settings of some options, where the last of them stands, else into the main file. */
  change(names: readonly string[], add: readonly string[]): Change[] {
    return changes(this.all(...names), add, this.files[0] ?? '');
  }
}

/** True or false as the broker reads it. */
export function isTrue(setting: Setting | undefined, otherwise: boolean): boolean {
  return setting === undefined ? otherwise : ['true', '1'].includes(setting.value.split(' ')[0] ?? '');
}

/** Takes settings out and writes lines where the last of them stands, or into `file` when there are none. */
export function changes(remove: readonly Setting[], add: readonly string[], file: string): Change[] {
  const target = remove.at(-1)?.file ?? file;
  const files = new Set([target, ...remove.map((setting) => setting.file)]);
  return [...files].map((name) => ({
    file: name,
    remove: remove
      .filter((setting) => setting.file === name)
      .map(({ line, text }) => ({ line, text: text.trim() })),
    add: name === target ? add : [],
  }));
}

function readSettings(file: string): Setting[] {
  const settings: Setting[] = [];
  for (const [i, text] of readFileSync(file, 'utf8').split('\n').entries()) {
    if (text.startsWith('#')) continue;
    const trimmed = text.replace(/\r$/, '').replace(/^ +/, '');
    const end = trimmed.indexOf(' ');
    const name = end === -1 ? trimmed : trimmed.slice(0, end);
    const value = end === -1 ? '' : trimmed.slice(end).trim();
    if (trimmed.trim() !== '') settings.push({ name, value, file, line: i + 1, text });
  }
  return settings;
}

/** In the order of `strcmp`, upper case before lower case. */
function included({ value, file }: Setting, files: string[], problems: string[]): Setting[] {
  const directory = path.resolve(path.dirname(file), value);
  try {
    const names = readdirSync(directory)
      .filter((name) => name.endsWith('.conf') && name.length > '.conf'.length)
      .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    return names.flatMap((name) => {
      const one = path.join(directory, name);
      files.push(one);
      return readSettings(one);
    });
  } catch (error) {
    problems.push(`include_dir ${value}: ${reasonOf(error)}`);
    return [];
  }
}

function listenersOf(settings: readonly Setting[]): Listener[] {
  const opened = settings.filter(({ name }) => name === 'listener');
  const first = opened[0] === undefined ? settings.length : settings.indexOf(opened[0]);
  const head = settings.slice(0, first);
  const last = (name: string): string | undefined => head.findLast((setting) => setting.name === name)?.value;
  const listeners = opened.map((setting, i): Listener => {
    const next = opened[i + 1];
    const [port = '', ...address] = setting.value.split(/ +/);
    return {
      opened: setting,
      port: Number.parseInt(port, 10) || 0,
      address: address.length === 0 ? undefined : address.join(' '),
      settings: settings.slice(
        settings.indexOf(setting) + 1,
        next === undefined ? undefined : settings.indexOf(next),
      ),
    };
  });
  if (opened.length > 0 && !OPENS_DEFAULT.some((name) => last(name) !== undefined)) return listeners;
  const isLocal = opened.length === 0 && last('port') === undefined && last('bind_address') === undefined;
  const port = Number.parseInt(last('port') ?? '', 10) || DEFAULT_PORT;
  // Without any listener the broker opens one for this machine only (2.0).
  const address = isLocal ? 'localhost' : last('bind_address');
  return [{ opened: undefined, port, address, settings: head }, ...listeners];
}
