import { QUESTIONS } from '../questions/index.ts';
import { dashboardObject } from './dashboard.ts';
import { DASHBOARDS } from './dashboards/index.ts';
import { dataViewObjects } from './data-views.ts';
import { JOBS } from './jobs/index.ts';
import { moduleObject } from './jobs/job.ts';
import { savedSearch } from './questions/saved-search.ts';
import { type SavedObject, tagObjects } from './saved-object.ts';

/** What people see in Kibana, each after what it points to. @param namespace `*` for all */
export function savedObjects(namespace: string): SavedObject[] {
  return [
    ...tagObjects(),
    ...dataViewObjects(namespace),
    ...QUESTIONS.map(savedSearch),
    ...DASHBOARDS.map((dashboard) => dashboardObject(dashboard, DASHBOARDS)),
  ];
}

/** The jobs as a module of machine learning. It belongs to no space. */
export function moduleObjects(namespace: string): SavedObject[] {
  return [moduleObject(JOBS, namespace)];
}
