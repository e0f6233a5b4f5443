import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
/** The files of some assets: text by path. */
export function exportedFiles(assets) {
    const files = {};
    for (const { exported } of assets)
        files[exported.file] = (files[exported.file] ?? '') + exported.text;
    return files;
}
/** Writes them below a directory. @returns their paths */
export function writeFiles(directory, files) {
    return Object.entries(files).map(([name, text]) => {
        const file = path.join(directory, name);
        mkdirSync(path.dirname(file), { recursive: true });
        writeFileSync(file, text);
        return file;
    });
}
/** A request as Kibana's and OpenSearch's consoles take it. */
export function requestText({ method, path: target, body, file }) {
    const text = file?.text ?? (body === undefined ? '' : `${JSON.stringify(body, null, 2)}\n`);
    return `${method} ${target}\n${text}`;
}
