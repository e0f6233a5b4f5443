import { dashboardObject } from './dashboard.js';
import { DASHBOARDS } from './dashboards/index.js';
import { dataViewObjects } from './data-views.js';
import { JOBS } from './jobs/index.js';
import { moduleObject } from './jobs/job.js';
import { QUESTIONS } from './questions/index.js';
import { savedSearch } from './questions/saved-search.js';
import { tagObjects } from './saved-object.js';
/** What people see in Kibana, each after what it points to. @param namespace `*` for all */
export function savedObjects(namespace) {
    return [
        ...tagObjects(),
        ...dataViewObjects(namespace),
        ...QUESTIONS.map(savedSearch),
        ...DASHBOARDS.map((dashboard) => dashboardObject(dashboard, DASHBOARDS)),
    ];
}
/** The jobs as a module of machine learning. It belongs to no space. */
export function moduleObjects(namespace) {
    return [moduleObject(JOBS, namespace)];
}
