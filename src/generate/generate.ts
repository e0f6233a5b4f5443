import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mosquittoMarkdown } from '../brokers/mosquitto/format-docs.ts';
import { configJsonSchema } from '../config/json-schema.ts';
import { registry } from '../registry.ts';
import { fieldsPage } from './fields-page.ts';
import { metricsPage } from './metrics-page.ts';
import { questionsPage } from './questions-page.ts';
import { settingsPage } from './settings-page.ts';
import { SETUP_FOLDERS, setupFiles } from './setup-files.ts';
import { shownFiles } from './shown-files.ts';

/** Files that are made from the code and committed, by their path from the top level. */
export const GENERATED: Readonly<Record<string, () => string>> = {
  'docs/fields.md': fieldsPage,
  'docs/metrics.md': metricsPage,
  'docs/mosquitto.md': mosquittoMarkdown,
  'docs/questions.md': questionsPage,
  'docs/settings.md': settingsPage,
  'brokertap.schema.json': () => configJsonSchema(registry),
  ...Object.fromEntries(
    Object.entries({ ...setupFiles(), ...shownFiles() }).map(([file, text]) => [file, () => text]),
  ),
};

/** Folders that hold generated files and nothing else. */
export const GENERATED_FOLDERS: readonly string[] = [...SETUP_FOLDERS, 'grafana', 'docs/kibana'];

if (import.meta.main) {
  const place = (file: string): URL => new URL(`../../${file}`, import.meta.url);
  for (const folder of GENERATED_FOLDERS) rmSync(place(folder), { recursive: true, force: true });
  for (const [file, make] of Object.entries(GENERATED)) {
    mkdirSync(new URL('.', place(file)), { recursive: true });
    writeFileSync(place(file), make());
  }
}
