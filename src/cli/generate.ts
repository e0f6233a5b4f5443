import { writeFileSync } from 'node:fs';
import { mosquittoMarkdown } from '../brokers/mosquitto/format-docs.ts';
import { configJsonSchema } from '../config/json-schema.ts';
import { catalogueMarkdown } from '../ecs/catalogue-docs.ts';
import { registry } from '../registry.ts';

/** Files that are made from the code and committed, by their path from the top level. */
export const GENERATED: Readonly<Record<string, () => string>> = {
  'docs/fields.md': catalogueMarkdown,
  'docs/mosquitto.md': mosquittoMarkdown,
  'brokertap.schema.json': () => configJsonSchema(registry),
};

if (import.meta.main) {
  for (const [file, make] of Object.entries(GENERATED))
    writeFileSync(new URL(`../../${file}`, import.meta.url), make());
}
