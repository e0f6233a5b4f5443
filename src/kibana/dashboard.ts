import { lens, query } from './lens.ts';
import type { ChartPanel, Control, Dashboard, Panel, SearchPanel } from './panel.ts';
import { type Reference, type SavedObject, tagReferences } from './saved-object.ts';

/** Columns of Kibana's grid. */
export const GRID_COLUMNS = 48;
/** The dashboard that a click on a client opens. */
const CLIENT_DASHBOARD = 'mqtt-client';
const LINKS_HEIGHT = 3;

/** The saved object of a dashboard. @param all every dashboard, for the links between them */
export function dashboardObject(dashboard: Dashboard, all: readonly Dashboard[]): SavedObject {
  const panels = [linksPanel(dashboard, all), ...place(dashboard.panels).map(toPanel)];
  const controls = controlGroup(dashboard);
  return {
    id: dashboard.id,
    type: 'dashboard',
    attributes: {
      title: dashboard.title,
      description: dashboard.description,
      version: 1,
      timeRestore: true,
      timeFrom: 'now-24h',
      timeTo: 'now',
      refreshInterval: { pause: true, value: 60_000 },
      optionsJSON: JSON.stringify({
        useMargins: true,
        syncColors: true,
        syncCursor: true,
        syncTooltips: false,
        hidePanelTitles: false,
      }),
      panelsJSON: JSON.stringify(panels.map(({ panel }) => panel)),
      controlGroupInput: controls.input,
      kibanaSavedObjectMeta: { searchSourceJSON: JSON.stringify({ query: query(undefined), filter: [] }) },
    },
    references: [
      ...panels.flatMap(({ references }) => references),
      ...controls.references,
      ...tagReferences('mqtt', ...(dashboard.security ? (['security'] as const) : [])),
    ],
    typeMigrationVersion: '8.9.0',
  };
}

interface Placed<P extends Panel = Panel> {
  readonly panel: P;
  readonly x: number;
  readonly y: number;
}

/** Panels side by side in their order, in rows as high as their highest panel. */
export function place(panels: readonly Panel[]): Placed[] {
  const placed: Placed[] = [];
  let x = 0;
  let y = LINKS_HEIGHT;
  let height = 0;
  for (const panel of panels) {
    if (x + panel.width > GRID_COLUMNS) {
      x = 0;
      y += height;
      height = 0;
    }
    placed.push({ panel, x, y });
    x += panel.width;
    height = Math.max(height, panel.height);
  }
  return placed;
}

interface Built {
  readonly panel: object;
  readonly references: readonly Reference[];
}

function toPanel({ panel, x, y }: Placed): Built {
  const frame = {
    title: panel.title,
    panelIndex: panel.id,
    gridData: { x, y, w: panel.width, h: panel.height, i: panel.id },
  };
  return 'search' in panel ? searchPanel(panel, frame) : chartPanel(panel, frame);
}

function searchPanel({ id, search }: SearchPanel, frame: object): Built {
  return {
    panel: { ...frame, type: 'search', panelRefName: `panel_${id}`, embeddableConfig: { enhancements: {} } },
    references: [{ type: 'search', id: search, name: `${id}:panel_${id}` }],
  };
}

function chartPanel(panel: ChartPanel, frame: object): Built {
  const attributes = lens(panel);
  const drillDown = panel.chart.type === 'table' && panel.chart.toClient === true;
  const references = attributes.references.map((reference) => ({
    ...reference,
    name: `${panel.id}:${reference.name}`,
  }));
  if (drillDown)
    references.push({
      type: 'dashboard',
      id: CLIENT_DASHBOARD,
      name: `${panel.id}:drilldown:DASHBOARD_TO_DASHBOARD_DRILLDOWN:${panel.id}:dashboardId`,
    });
  return {
    panel: {
      ...frame,
      type: 'lens',
      embeddableConfig: { attributes, enhancements: drillDown ? toClient(panel.id) : {} },
    },
    references,
  };
}

/** A click on a cell opens the dashboard of one client, filtered by it. */
function toClient(eventId: string): object {
  const config = { useCurrentFilters: true, useCurrentDateRange: true, openInNewTab: false };
  const action = { factoryId: 'DASHBOARD_TO_DASHBOARD_DRILLDOWN', name: 'All about this client', config };
  return { dynamicActions: { events: [{ eventId, triggers: ['FILTER_TRIGGER'], action }] } };
}

/** The bar with the way to the other dashboards. */
function linksPanel(here: Dashboard, all: readonly Dashboard[]): Built {
  const link = ({ id, title }: Dashboard): string =>
    id === here.id ? `**${short(title)}**` : `[${short(title)}](#/view/${id})`;
  return {
    panel: {
      type: 'visualization',
      title: '',
      panelIndex: 'links',
      gridData: { x: 0, y: 0, w: GRID_COLUMNS, h: LINKS_HEIGHT, i: 'links' },
      embeddableConfig: {
        hidePanelTitles: true,
        enhancements: {},
        savedVis: {
          type: 'markdown',
          title: '',
          description: '',
          params: { markdown: all.map(link).join(' · '), fontSize: 12, openLinksInNewTab: false },
          uiState: {},
          data: { aggs: [], searchSource: { query: query(undefined), filter: [] } },
        },
      },
    },
    references: [],
  };
}

function short(title: string): string {
  return title.replace(/^MQTT: /, '');
}

function controlGroup({ controls, view }: Dashboard): { input: object; references: Reference[] } {
  const panels: Record<string, object> = {};
  const references: Reference[] = [];
  for (const [order, control] of controls.entries()) {
    const id = controlId(control);
    const common = { order, grow: true, width: 'medium' };
    if ('time' in control) {
      panels[id] = { ...common, type: 'timeSlider', explicitInput: { id, title: 'Time' } };
      continue;
    }
    const explicitInput = { id, fieldName: control.field, title: control.title, enhancements: {} };
    panels[id] = { ...common, type: 'optionsListControl', explicitInput };
    references.push({ type: 'index-pattern', id: view, name: `controlGroup_${id}:optionsListDataView` });
  }
  const follow = {
    ignoreFilters: false,
    ignoreQuery: false,
    ignoreTimerange: false,
    ignoreValidations: false,
  };
  return {
    input: {
      chainingSystem: 'HIERARCHICAL',
      controlStyle: 'oneLine',
      ignoreParentSettingsJSON: JSON.stringify(follow),
      panelsJSON: JSON.stringify(panels),
    },
    references,
  };
}

function controlId(control: Control): string {
  return 'time' in control ? 'time' : control.field;
}
