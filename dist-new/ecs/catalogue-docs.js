import { CATALOGUE } from './catalogue.js';
/** The field catalogue as the page `docs/fields.md`. */
export function catalogueMarkdown() {
    const rows = Object.entries(CATALOGUE).map(([name, { type, unit, description, datasets, array }]) => `| \`${name}\` | ${type}${array === true ? '[]' : ''} | ${unit ?? ''} | ${description} | ${datasets?.join(', ') ?? 'all'} |`);
    return `# Fields\n\nGenerated from the field catalogue by \`npm run generate\`.\n\n| field | type | unit | meaning | datasets |\n|---|---|---|---|---|\n${rows.join('\n')}\n`;
}
