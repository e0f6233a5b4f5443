import { accessSync, constants, statSync } from 'node:fs';
import { reasonOf } from '../core/errors.ts';
import type { Config } from './load.ts';
import type { Path, Report } from './schema-check.ts';

/** Keys of `tls` that name files. */
const PEM_KEYS: readonly string[] = ['ca', 'cert', 'key'];

/** Reports the files of secrets and certificates that cannot be read. Opens none: a pipe can be read only once. */
export function checkFiles({ privacy, inputs, outputs }: Config, report: Report): void {
  const files = [
    ...filesIn(['privacy'], privacy ?? {}),
    ...Object.entries(inputs).flatMap(([name, input]) => filesIn(['inputs', name], input)),
    ...Object.entries(outputs).flatMap(([name, output]) => filesIn(['outputs', name], output)),
  ];
  for (const { path, file } of files) {
    const problem = problemOf(file);
    if (problem !== undefined)
      report(path, `${file} cannot be read (${problem}): check the path and the rights`);
  }
}

function filesIn(base: Path, settings: object): { path: Path; file: string }[] {
  return Object.entries(settings).flatMap(([key, value]) => {
    const path = [...base, key];
    const isGroup = (key === 'tls' || key === 'auth') && typeof value === 'object';
    if (isGroup) return filesIn(path, value);
    const isFile = /_files?$/.test(key) || (base.at(-1) === 'tls' && PEM_KEYS.includes(key));
    return isFile && value !== undefined ? [value].flat().map((file) => ({ path, file: String(file) })) : [];
  });
}

function problemOf(file: string): string | undefined {
  try {
    accessSync(file, constants.R_OK);
    return statSync(file).isDirectory() ? 'it is a directory' : undefined;
  } catch (error) {
    return reasonOf(error);
  }
}
