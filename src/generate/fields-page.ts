import { CATALOGUE } from '../ecs/catalogue.ts';
import type { Field } from '../ecs/fields/field.ts';
import { table } from './markdown.ts';

/** The field catalogue as the page `docs/fields.md`. */
export function fieldsPage(): string {
  const rows = Object.entries<Field>(CATALOGUE).map(
    ([name, { type, unit, description, datasets, array }]) => [
      `\`${name}\``,
      `${type}${array === true ? '[]' : ''}`,
      unit ?? '',
      description,
      datasets?.join(', ') ?? 'all',
    ],
  );
  return [
    '# Fields\n\nGenerated from the field catalogue by `npm run generate`.\n',
    table(['field', 'type', 'unit', 'meaning', 'datasets'], rows),
  ].join('\n');
}
