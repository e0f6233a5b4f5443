import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { TestContext } from 'node:test';
import type { Capture } from './in-process.ts';
import { tempDir } from './temp.ts';
import { until } from './wait.ts';

/** One line of a log, as Mosquitto writes it. */
export const line = (n: number | string): string => `1700000000: line ${n}\n`;

/** The lines `from` to `to` - 1. */
export const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => line(from + i)).join('');

/** The messages of the same lines. */
export const numbers = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, i) => `line ${from + i}`);

/** A directory for a probe, and where in it a broker would write its log. */
export interface Scene {
  readonly directory: string;
  readonly file: string;
}

export function scene(t: TestContext): Scene {
  const directory = tempDir(t);
  mkdirSync(path.join(directory, 'log'));
  return { directory, file: path.join(directory, 'log', 'mosquitto.log') };
}

/** Resolves when so many messages have come. */
export async function arrives(capture: Capture, want: readonly string[]): Promise<void> {
  await until(
    () => capture.messages.length >= want.length,
    () => `${capture.messages.length} of ${want.length} lines: ${capture.messages.slice(-3)}`,
  );
}

/** Exactly these lines, in any order, and no id twice. */
export function exactly(capture: Capture, want: readonly string[]): void {
  assert.deepEqual([...capture.messages].sort(), [...want].sort());
  const ids = capture.events.map((e) => e.event.id);
  assert.equal(new Set(ids).size, ids.length, 'an id came twice');
}
