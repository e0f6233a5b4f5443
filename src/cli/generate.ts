import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mosquittoMarkdown } from '../brokers/mosquitto/format-docs.ts';
import { configJsonSchema } from '../config/json-schema.ts';
import { catalogueMarkdown } from '../ecs/catalogue-docs.ts';
import { shownFiles } from '../kibana/committed.ts';
import { questionsMarkdown } from '../questions/docs.ts';
import { registry } from '../registry.ts';
import { COMMITTED_FOLDERS, committedFiles } from '../setup/committed.ts';

/** Files that are made from the code and committed, by their path from the top level. */
export const GENERATED: Readonly<Record<string, () => string>> = {
  'docs/fields.md': catalogueMarkdown,
  'docs/mosquitto.md': mosquittoMarkdown,
  'docs/questions.md': questionsMarkdown,
  'brokertap.schema.json': () => configJsonSchema(registry),
  ...Object.fromEntries(
    Object.entries({ ...committedFiles(), ...shownFiles() }).map(([file, text]) => [file, () => text]),
  ),
};

/** Folders that hold generated files and nothing else. */
export const GENERATED_FOLDERS: readonly string[] = [...COMMITTED_FOLDERS, 'grafana', 'docs/kibana'];

if (import.meta.main) {
  const place = (file: string): URL => new URL(`../../${file}`, import.meta.url);
  for (const folder of GENERATED_FOLDERS) rmSync(place(folder), { recursive: true, force: true });
  for (const [file, make] of Object.entries(GENERATED)) {
    mkdirSync(new URL('.', place(file)), { recursive: true });
    writeFileSync(place(file), make());
  }
}
