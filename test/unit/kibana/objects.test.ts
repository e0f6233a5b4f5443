import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { CATALOGUE } from '../../../src/ecs/catalogue.ts';
import type { Field } from '../../../src/ecs/fields/field.ts';
import { moduleObjects, savedObjects } from '../../../src/kibana/content.ts';
import { GRID_COLUMNS } from '../../../src/kibana/dashboard.ts';
import { DASHBOARDS } from '../../../src/kibana/dashboards/index.ts';
import { DATA_VIEWS, datasetOf, type View } from '../../../src/kibana/data-views.ts';
import type { LensAttributes } from '../../../src/kibana/lens.ts';
import type { Reference, SavedObject } from '../../../src/kibana/saved-object.ts';
import { QUESTIONS } from '../../../src/questions/index.ts';
import { fieldsOf } from '../../../src/questions/query/query.ts';
import { assertField } from '../../support/kibana/fields.ts';
import { parseKql } from '../../support/kibana/kql.ts';

const objects = [...savedObjects('*'), ...moduleObjects('*')];
const dashboards = objects.filter(({ type }) => type === 'dashboard');

interface StoredPanel {
  readonly type: string;
  readonly panelIndex: string;
  readonly panelRefName?: string;
  readonly gridData: {
    readonly x: number;
    readonly y: number;
    readonly w: number;
    readonly h: number;
    readonly i: string;
  };
  readonly embeddableConfig: {
    readonly attributes?: LensAttributes;
    readonly enhancements: {
      readonly dynamicActions?: { readonly events: readonly { readonly eventId: string }[] };
    };
  };
}
interface StoredColumn {
  readonly operationType: string;
  readonly sourceField: string;
  readonly isBucketed: boolean;
  readonly filter?: { readonly query: string };
  readonly params?: { readonly orderBy?: { readonly columnId: string } };
  readonly references?: readonly string[];
}

const FIELDS: Readonly<Record<string, Field | undefined>> = CATALOGUE;

const panelsOf = (dashboard: SavedObject): StoredPanel[] =>
  JSON.parse(String(dashboard.attributes.panelsJSON));

/** Every text that holds JSON, wherever it stands. */
function embedded(value: unknown, key = ''): string[] {
  if (typeof value === 'string')
    return key.endsWith('JSON') || ['fields', 'fieldFormatMap'].includes(key) ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([name, inner]) => embedded(inner, name));
}

/** The names of references that an object uses. */
function used(object: SavedObject): Set<string> {
  const names = new Set(object.references.filter(({ type }) => type === 'tag').map(({ name }) => name));
  if (object.type === 'search') {
    const { searchSourceJSON } = object.attributes.kibanaSavedObjectMeta as { searchSourceJSON: string };
    names.add(JSON.parse(searchSourceJSON).indexRefName);
  }
  if (object.type !== 'dashboard') return names;
  for (const panel of panelsOf(object)) {
    if (panel.panelRefName) names.add(`${panel.panelIndex}:${panel.panelRefName}`);
    for (const { name } of panel.embeddableConfig.attributes?.references ?? [])
      names.add(`${panel.panelIndex}:${name}`);
    for (const { eventId } of panel.embeddableConfig.enhancements.dynamicActions?.events ?? [])
      names.add(`${panel.panelIndex}:drilldown:DASHBOARD_TO_DASHBOARD_DRILLDOWN:${eventId}:dashboardId`);
  }
  const { panelsJSON } = object.attributes.controlGroupInput as { panelsJSON: string };
  for (const [id, { type }] of Object.entries<{ type: string }>(JSON.parse(panelsJSON)))
    if (type === 'optionsListControl') names.add(`controlGroup_${id}:optionsListDataView`);
  return names;
}

describe('saved objects', () => {
  it('have ids of their own, and texts that are JSON where they should be', () => {
    const ids = objects.map(({ type, id }) => `${type} ${id}`);
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(objects.flatMap((object) => embedded(object)).length > 50);
    for (const text of objects.flatMap((object) => embedded(object))) JSON.parse(text);
  });

  it('every reference points to an object that is here, and is used', () => {
    const known = new Set(objects.map(({ type, id }) => `${type} ${id}`));
    for (const object of objects) {
      const names = object.references.map(({ name }) => name);
      assert.equal(new Set(names).size, names.length, object.id);
      for (const { type, id } of object.references)
        assert.ok(known.has(`${type} ${id}`), `${object.id}: ${type} ${id}`);
      assert.deepEqual(names.sort(), [...used(object)].sort(), object.id);
    }
  });

  it('come after what they point to, but for the links between dashboards', () => {
    const before = new Set<string>();
    for (const { type, id, references } of savedObjects('*')) {
      for (const reference of references)
        if (reference.type !== 'dashboard') assert.ok(before.has(reference.id), `${id}: ${reference.id}`);
      before.add(id);
      assert.ok(type.length > 0);
    }
  });

  it('are of a form that Kibana 8.15 knows', () => {
    const parts = (version: string): number =>
      version.split('.').reduce((sum, part) => sum * 1000 + Number(part), 0);
    for (const { typeMigrationVersion } of objects)
      assert.ok(parts(typeMigrationVersion ?? '0.0.0') <= parts('8.15.0'), typeMigrationVersion);
  });

  it('panels stand in the grid, side by side and not over each other', () => {
    for (const dashboard of dashboards) {
      const taken = new Set<string>();
      const indices = new Set<string>();
      for (const { panelIndex, gridData } of panelsOf(dashboard)) {
        const { x, y, w, h, i } = gridData;
        assert.equal(i, panelIndex);
        assert.ok(!indices.has(i), `${dashboard.id} ${i} stands twice`);
        indices.add(i);
        assert.ok(x >= 0 && x + w <= GRID_COLUMNS && w > 0 && h > 0, `${dashboard.id} ${i}`);
        for (let column = x; column < x + w; column++)
          for (let row = y; row < y + h; row++) {
            assert.ok(!taken.has(`${column},${row}`), `${dashboard.id} ${i} overlaps`);
            taken.add(`${column},${row}`);
          }
      }
    }
  });

  it('charts name columns that they have, of fields that are there and fit', () => {
    let charts = 0;
    for (const dashboard of dashboards)
      for (const { panelIndex, embeddableConfig } of panelsOf(dashboard)) {
        const { attributes } = embeddableConfig;
        if (attributes === undefined) continue;
        charts++;
        const where = `${dashboard.id} ${panelIndex}`;
        const { datasourceStates, visualization, query } = attributes.state as {
          datasourceStates: {
            formBased: {
              layers: Record<string, { columnOrder: string[]; columns: Record<string, StoredColumn> }>;
            };
          };
          visualization: object;
          query: { query: string };
        };
        const [[layerId, { columnOrder, columns }] = ['', { columnOrder: [], columns: {} }]] = Object.entries(
          datasourceStates.formBased.layers,
        );
        assert.deepEqual([...columnOrder].sort(), Object.keys(columns).sort(), where);
        const named = JSON.stringify([
          visualization,
          Object.values(columns).map(({ references }) => references),
        ]);
        for (const id of columnOrder) assert.ok(named.includes(`"${id}"`), `${where}: ${id} is not shown`);
        assert.ok(named.includes(`"layerId":"${layerId}"`), where);
        const [reference] = attributes.references as readonly [Reference];
        assert.equal(reference.name, `indexpattern-datasource-layer-${layerId}`);
        const dataset = datasetOf(reference.id as View);
        const filters = [query.query, ...Object.values(columns).flatMap(({ filter }) => filter?.query ?? [])];
        for (const text of filters.filter((one) => one !== ''))
          for (const field of fieldsOf(parseKql(text))) assertField(field, dataset, 'value');
        for (const { operationType, sourceField, isBucketed, params, references } of Object.values(columns)) {
          if (operationType === 'counter_rate') {
            const [of] = references ?? [];
            const counter = columns[of ?? '']?.sourceField ?? '';
            assert.equal(FIELDS[counter]?.metric, 'counter', where);
            assert.ok(columnOrder.includes('time'), `${where}: a rate is of moments`);
            continue;
          }
          if (params?.orderBy) assert.ok(columns[params.orderBy.columnId], where);
          if (operationType === 'count') continue;
          // Elasticsearch adds up no counters.
          if (operationType !== 'max') assert.notEqual(FIELDS[sourceField]?.metric, 'counter', where);
          const use = isBucketed || operationType === 'unique_count' ? 'term' : 'number';
          assertField(sourceField, dataset, use);
        }
      }
    assert.ok(charts > 60);
  });

  it('the dashboards have their controls; the audit trail has six', () => {
    for (const { controls, view } of DASHBOARDS)
      for (const control of controls)
        if ('field' in control) assertField(control.field, datasetOf(view), 'term');
    const security = DASHBOARDS.find(({ id }) => id === 'mqtt-security');
    assert.deepEqual(
      security?.controls.map((control) => ('time' in control ? 'time' : control.field)),
      ['time', 'mqtt.audit.interface', 'user.name', 'source.ip', 'mqtt.audit.operation', 'event.outcome'],
    );
  });

  it('saved searches show columns that their events have', () => {
    for (const { dataset, where, columns, by } of QUESTIONS) {
      for (const field of columns) assertField(field, dataset, 'any');
      for (const field of fieldsOf(where)) assertField(field, dataset, 'value');
      for (const field of by) assertField(field, dataset, 'term');
    }
  });

  it('data views are for one namespace where that is asked', () => {
    const titles = savedObjects('plant_a').flatMap(({ type, attributes }) =>
      type === 'index-pattern' ? String(attributes.title) : [],
    );
    assert.equal(titles.length, DATA_VIEWS.length);
    for (const title of titles) assert.match(title, /^(?:logs|metrics)-mqtt\.[a-z*]+-plant_a$/);
  });
});
