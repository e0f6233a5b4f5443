import { readFileSync } from 'node:fs';
import { UsageError, unreadable } from '../../core/errors.ts';
import type { JsonObject } from '../../core/event.ts';
import { isObject } from '../../core/json/object.ts';
import type { Change } from '../doctor.ts';
import { readHocon } from './hocon.ts';

const MAIN = 'emqx.conf';
/** Names that only 4.x has. */
const ONLY_FOUR = /^(?:log\.to|cluster\.discovery|listener\.\w+\.\w+)$/;

interface Setting {
  readonly value: string;
  /** Undefined: the running broker says so. */
  readonly place: string | undefined;
}

/** A place for logs. */
export interface LogHandler {
  /** `log.file.default`; in 4.x `log`. */
  readonly path: string;
  readonly kind: 'file' | 'console';
  readonly isOn: boolean;
}

/** What a broker is told to do: by its configuration files, and where it can be asked, by itself. */
export class Settings {
  private readonly values = new Map<string, Setting>();
  private readonly main: string;
  /** There is a configuration of 4.x: its names differ. */
  readonly isFour: boolean;

  /**
   * @param files the main one first
   * @param running answers of `/configs/NAME`; they count more than files, which may have been changed since
   * @throws UsageError when a file cannot be read
   */
  constructor(files: readonly string[], running: Readonly<Record<string, JsonObject>>) {
    this.main = files[0] ?? MAIN;
    for (const file of files) {
      for (const [path, { value, line }] of readHocon(textOf(file)))
        this.values.set(path, { value, place: `${file}:${line}` });
    }
    this.isFour = [...this.values.keys()].some((path) => ONLY_FOUR.test(path));
    for (const [name, config] of Object.entries(running)) this.take(name, config);
  }

  /** Something is known. */
  get isKnown(): boolean {
    return this.values.size > 0;
  }

  get(path: string): string | undefined {
    return this.values.get(path)?.value;
  }

  /** `true` or `false` of a setting, in EMQX's words for them. */
  flag(path: string, byDefault: boolean): boolean {
    const value = this.get(path);
    return value === undefined ? byDefault : ['true', 'on', 'enable', 'enabled'].includes(value);
  }

  /** `log.file.level = error (emqx.conf:12)`, for people. */
  words(path: string): string {
    const setting = this.values.get(path);
    if (setting === undefined) return `${path} is not set`;
    return `${path} = ${setting.value}${setting.place === undefined ? '' : ` (${setting.place})`}`;
  }

  /** The line to add: a later one counts more than all before. */
  change(path: string, value: string): Change[] {
    return [{ file: this.main, remove: [], add: [`${path} = ${value}`] }];
  }

  /** The places to which logs go. */
  handlers(): LogHandler[] {
    if (this.isFour) {
      const to = this.get('log.to') ?? 'file';
      return (['file', 'console'] as const).map((kind) => ({
        path: 'log',
        kind,
        isOn: to === 'both' || to === kind,
      }));
    }
    return [
      ...this.handlersOf('file', ['log.file', 'log.file_handlers'], true),
      ...this.handlersOf('console', ['log.console', 'log.console_handler'], false),
    ];
  }

  private handlersOf(
    kind: LogHandler['kind'],
    roots: readonly string[],
    isOnByDefault: boolean,
  ): LogHandler[] {
    const paths = new Set<string>();
    for (const key of this.values.keys()) {
      const root = roots.find((one) => key.startsWith(`${one}.`));
      const found =
        root === undefined
          ? null
          : /^(?:(\w+)\.)?(?:enable|level|formatter|path|to|file|single_line)$/.exec(
              key.slice(root.length + 1),
            );
      if (root !== undefined && found !== null)
        paths.add(found[1] === undefined ? root : `${root}.${found[1]}`);
    }
    const [first = ''] = roots;
    return [...(paths.size === 0 ? [first] : paths)].map((path) => ({
      path,
      kind,
      isOn: this.flag(`${path}.enable`, isOnByDefault),
    }));
  }

  private take(prefix: string, config: JsonObject): void {
    for (const [key, value] of Object.entries(config)) {
      const path = `${prefix}.${key}`;
      if (isObject(value)) this.take(path, value);
      else
        this.values.set(path, {
          value: typeof value === 'string' ? value : JSON.stringify(value),
          place: undefined,
        });
    }
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UsageError(unreadable(file, error));
  }
}
