import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { mosquittoMarkdown } from '../brokers/mosquitto/format-docs.js';
import { configJsonSchema } from '../config/json-schema.js';
import { catalogueMarkdown } from '../ecs/catalogue-docs.js';
import { shownFiles } from '../kibana/committed.js';
import { registry } from '../registry.js';
import { COMMITTED_FOLDERS, committedFiles } from '../setup/committed.js';
/** Files that are made from the code and committed, by their path from the top level. */
export const GENERATED = {
    'docs/fields.md': catalogueMarkdown,
    'docs/mosquitto.md': mosquittoMarkdown,
    'brokertap.schema.json': () => configJsonSchema(registry),
    ...Object.fromEntries(Object.entries({ ...committedFiles(), ...shownFiles() }).map(([file, text]) => [file, () => text])),
};
/** Folders that hold generated files and nothing else. */
export const GENERATED_FOLDERS = [...COMMITTED_FOLDERS, 'grafana', 'docs/kibana'];
if (import.meta.main) {
    const place = (file) => new URL(`../../${file}`, import.meta.url);
    for (const folder of GENERATED_FOLDERS)
        rmSync(place(folder), { recursive: true, force: true });
    for (const [file, make] of Object.entries(GENERATED)) {
        mkdirSync(new URL('.', place(file)), { recursive: true });
        writeFileSync(place(file), make());
    }
}
