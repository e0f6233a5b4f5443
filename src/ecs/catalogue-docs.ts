import { CATALOGUE } from './catalogue.ts';
import type { Field } from './fields/field.ts';

/** The field catalogue as the page `docs/fields.md`. */
export function catalogueMarkdown(): string {
  const rows = Object.entries<Field>(CATALOGUE).map(
    ([name, { type, unit, description, datasets, array }]) =>
      `| \`${name}\` | ${type}${array === true ? '[]' : ''} | ${unit ?? ''} | ${description} | ${datasets?.join(', ') ?? 'all'} |`,
  );
  return `# Fields\n\nGenerated from the field catalogue by \`npm run generate\`.\n\n| field | type | unit | meaning | datasets |\n|---|---|---|---|---|\n${rows.join('\n')}\n`;
}
