import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Change, Finding, Report } from '../../src/doctor/doctor.ts';
import { cli } from './cli.ts';

/** What `doctor --json` prints. */
interface Diagnosis extends Report {
  readonly ok: boolean;
  readonly code: number | null;
}

/** Runs `doctor --json`; the exit code has to fit. */
export async function diagnose(args: readonly string[]): Promise<Diagnosis> {
  const { stdout, stderr, code } = await cli(['doctor', '--json', ...args]);
  assert.ok(stdout.startsWith('{'), stderr);
  const report = JSON.parse(stdout) as Diagnosis;
  assert.equal(code, report.ok ? 0 : 1);
  return { ...report, code };
}

/** Checks of the findings that have to be acted on. */
export function wrong({ findings }: Report): string[] {
  return findings.filter(({ severity }) => severity !== 'note').map(({ check }) => check);
}

/** Does what findings say: takes lines out and writes lines, in each file once. */
export function cure(findings: readonly Finding[]): void {
  const byFile = new Map<string, Change[]>();
  for (const { severity, changes } of findings) {
    if (severity === 'note') continue;
    for (const change of changes) byFile.set(change.file, [...(byFile.get(change.file) ?? []), change]);
  }
  for (const [file, changes] of byFile) {
    const lines = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
    const before: (string | undefined)[] = lines.slice(0, lines.at(-1) === '' ? -1 : undefined);
    const behind = new Map<number, string[]>();
    for (const { remove, add, after } of changes) {
      const at = after ?? remove.at(-1)?.line ?? before.length;
      behind.set(at, [...(behind.get(at) ?? []), ...add]);
      for (const { line, text } of remove) {
        assert.equal(before[line - 1]?.trim(), text, `${file}:${line}`);
        before[line - 1] = undefined;
      }
    }
    const out = [...(behind.get(0) ?? [])];
    for (const [i, text] of before.entries()) {
      if (text !== undefined) out.push(text);
      out.push(...(behind.get(i + 1) ?? []));
    }
    writeFileSync(file, `${out.join('\n')}\n`);
  }
}
