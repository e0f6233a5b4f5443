import { BlockedError } from '../../core/errors.js';
import { CALENDAR_ID, calendarBody, datafeedConfig, datafeedId, jobConfig, MODULE_ID, } from '../../kibana/jobs/job.js';
import { at } from '../search/server.js';
import { taken } from './server.js';
const ML = '/internal/ml';
/**
 * The jobs with their datafeeds, made by Kibana from the module, so that they belong to the space. A job cannot be changed
 * in what it analyses: one that is there stays.
 * @param start also start the datafeeds
 */
export function jobsAsset(jobs, pattern, namespace, start) {
    const datafeedIds = jobs.map(datafeedId);
    const setup = {
        method: 'POST',
        path: `${ML}/modules/setup/${MODULE_ID}`,
        body: {
            indexPatternName: pattern,
            useDedicatedIndex: false,
            estimateModelMemory: false,
            startDatafeed: start,
        },
    };
    const bodies = jobs.map((job) => ({
        job_id: job.id,
        ...jobConfig(job),
        datafeed_config: { datafeed_id: datafeedId(job), ...datafeedConfig(job, namespace) },
    }));
    const startRest = async (server, signal) => {
        const path = `${ML}/jobs/force_start_datafeeds`;
        const { status, body } = taken(await server.send({ method: 'POST', path, body: { datafeedIds } }, signal), path);
        const failed = datafeedIds.filter((id) => at(body, id, 'started') !== true);
        if (status === 200 && failed.length > 0)
            throw new BlockedError(`Kibana could not start ${failed.join(', ')}: see Machine Learning, Anomaly Detection, Jobs`);
    };
    return {
        kind: 'ml-jobs',
        name: MODULE_ID,
        exported: { file: 'ml-jobs.json', text: `${JSON.stringify(bodies, null, 2)}\n` },
        requests: [setup],
        async find(server, signal) {
            const { body } = await server.send({ method: 'GET', path: `${ML}/modules/jobs_exist/${MODULE_ID}` }, signal);
            if (at(body, 'jobsExist') !== true)
                return 'absent';
            return start && !(await areStarted(server, datafeedIds, signal)) ? 'different' : 'same';
        },
        async install(server, found, signal) {
            if (found === 'absent') {
                const reply = taken(await server.send(setup, signal), `POST ${setup.path}`);
                const failed = [...failures(at(reply.body, 'jobs')), ...failures(at(reply.body, 'datafeeds'))];
                if (failed.length > 0)
                    throw new BlockedError(`Kibana could not make ${failed.join(', ')}`);
            }
            if (start && !(await areStarted(server, datafeedIds, signal)))
                await startRest(server, signal);
        },
        async remove(server, signal) {
            const stop = `${ML}/jobs/stop_datafeeds`;
            taken(await server.send({ method: 'POST', path: stop, body: { datafeedIds } }, signal), stop);
            const path = `${ML}/jobs/delete_jobs`;
            const body = {
                jobIds: jobs.map(({ id }) => id),
                deleteUserAnnotations: false,
                deleteAlertingRules: false,
            };
            taken(await server.send({ method: 'POST', path, body }, signal), path);
        },
    };
}
async function areStarted(server, ids, signal) {
    const { body } = await server.send({ method: 'GET', path: `${ML}/datafeeds/_stats` }, signal);
    const stats = at(body, 'datafeeds');
    const running = (Array.isArray(stats) ? stats : [])
        .filter((one) => at(one, 'state') === 'started' || at(one, 'state') === 'starting')
        .map((one) => at(one, 'datafeed_id'));
    return ids.every((id) => running.includes(id));
}
/** What a module could not make, but for what was there before. */
function failures(results) {
    return (Array.isArray(results) ? results : []).flatMap((result) => {
        const type = at(result, 'error', 'error', 'type') ?? at(result, 'error', 'type');
        if (at(result, 'success') === true || type === 'resource_already_exists_exception')
            return [];
        const reason = at(result, 'error', 'error', 'reason') ?? at(result, 'error', 'reason') ?? 'without a reason';
        return [`${at(result, 'id')} (${reason})`];
    });
}
/** The calendar; what is entered in it stays. */
export function calendarAsset(jobs) {
    const body = calendarBody(jobs);
    const create = { method: 'PUT', path: `${ML}/calendars`, body };
    const path = `${ML}/calendars/${CALENDAR_ID}`;
    return {
        kind: 'ml-calendars',
        name: CALENDAR_ID,
        exported: { file: 'ml-calendar.json', text: `${JSON.stringify(body, null, 2)}\n` },
        requests: [create],
        async find(server, signal) {
            const reply = await server.send({ method: 'GET', path }, signal);
            if (reply.status === 404)
                return 'absent';
            const jobIds = at(reply.body, 'job_ids');
            return Array.isArray(jobIds) && body.job_ids.every((id) => jobIds.includes(id)) ? 'same' : 'different';
        },
        async install(server, found, signal) {
            if (found === 'absent') {
                taken(await server.send(create, signal), `PUT ${create.path}`);
                return;
            }
            const { body: there } = await server.send({ method: 'GET', path }, signal);
            const events = at(there, 'events');
            const change = { ...body, calendar_id: CALENDAR_ID, events: Array.isArray(events) ? events : [] };
            taken(await server.send({ method: 'PUT', path, body: change }, signal), `PUT ${path}`);
        },
        async remove(server, signal) {
            const reply = await server.send({ method: 'DELETE', path }, signal);
            if (reply.status !== 404)
                taken(reply, `DELETE ${path}`);
        },
    };
}
