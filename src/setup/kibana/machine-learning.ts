import { BlockedError } from '../../core/errors.ts';
import {
  CALENDAR_ID,
  calendarBody,
  datafeedConfig,
  datafeedId,
  type Job,
  jobConfig,
  MODULE_ID,
} from '../../kibana/jobs/job.ts';
import { at } from '../answer.ts';
import type { Asset, Request, Server, State } from '../asset.ts';
import { taken } from './server.ts';

const ML = '/internal/ml';

/**
 * The jobs with their datafeeds, made by Kibana from the module, so that they belong to the space. A job cannot be changed
 * in what it analyses: one that is there stays.
 * @param start also start the datafeeds
 */
export function jobsAsset(jobs: readonly Job[], pattern: string, namespace: string, start: boolean): Asset {
  const datafeedIds = jobs.map(datafeedId);
  const setup: Request = {
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
  const startRest = async (server: Server, signal: AbortSignal): Promise<void> => {
    const path = `${ML}/jobs/force_start_datafeeds`;
    const { status, body } = taken(
      await server.send({ method: 'POST', path, body: { datafeedIds } }, signal),
      path,
    );
    const failed = datafeedIds.filter((id) => at(body, id, 'started') !== true);
    if (status === 200 && failed.length > 0)
      throw new BlockedError(
        `Kibana could not start ${failed.join(', ')}: see Machine Learning, Anomaly Detection, Jobs`,
      );
  };
  return {
    kind: 'ml-jobs',
    name: MODULE_ID,
    exported: { file: 'ml-jobs.json', text: `${JSON.stringify(bodies, null, 2)}\n` },
    requests: [setup],
    async find(server, signal): Promise<State> {
      const { body } = await server.send(
        { method: 'GET', path: `${ML}/modules/jobs_exist/${MODULE_ID}` },
        signal,
      );
      if (at(body, 'jobsExist') !== true) return 'absent';
      return start && !(await areStarted(server, datafeedIds, signal)) ? 'different' : 'same';
    },
    async install(server, found, signal): Promise<void> {
      if (found === 'absent') {
        const reply = taken(await server.send(setup, signal), `POST ${setup.path}`);
        const failed = [...failures(at(reply.body, 'jobs')), ...failures(at(reply.body, 'datafeeds'))];
        if (failed.length > 0) throw new BlockedError(`Kibana could not make ${failed.join(', ')}`);
      }
      if (start && !(await areStarted(server, datafeedIds, signal))) await startRest(server, signal);
    },
    async remove(server, signal): Promise<void> {
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

async function areStarted(server: Server, ids: readonly string[], signal: AbortSignal): Promise<boolean> {
  const { body } = await server.send({ method: 'GET', path: `${ML}/datafeeds/_stats` }, signal);
  const stats = at(body, 'datafeeds');
  const running = (Array.isArray(stats) ? stats : [])
    .filter((one) => at(one, 'state') === 'started' || at(one, 'state') === 'starting')
    .map((one) => at(one, 'datafeed_id'));
  return ids.every((id) => running.includes(id));
}

/** What a module could not make, but for what was there before. */
function failures(results: unknown): string[] {
  return (Array.isArray(results) ? results : []).flatMap((result) => {
    const type = at(result, 'error', 'error', 'type') ?? at(result, 'error', 'type');
    if (at(result, 'success') === true || type === 'resource_already_exists_exception') return [];
    const reason =
      at(result, 'error', 'error', 'reason') ?? at(result, 'error', 'reason') ?? 'without a reason';
    return [`${at(result, 'id')} (${reason})`];
  });
}

/** The calendar; what is entered in it stays. */
export function calendarAsset(jobs: readonly Job[]): Asset {
  const body = calendarBody(jobs);
  const create: Request = { method: 'PUT', path: `${ML}/calendars`, body };
  const path = `${ML}/calendars/${CALENDAR_ID}`;
  return {
    kind: 'ml-calendars',
    name: CALENDAR_ID,
    exported: { file: 'ml-calendar.json', text: `${JSON.stringify(body, null, 2)}\n` },
    requests: [create],
    async find(server, signal): Promise<State> {
      const reply = await server.send({ method: 'GET', path }, signal);
      if (reply.status === 404) return 'absent';
      const jobIds = at(reply.body, 'job_ids');
      return Array.isArray(jobIds) && body.job_ids.every((id) => jobIds.includes(id)) ? 'same' : 'different';
    },
    async install(server, found, signal): Promise<void> {
      if (found === 'absent') {
        taken(await server.send(create, signal), `PUT ${create.path}`);
        return;
      }
      const { body: there } = await server.send({ method: 'GET', path }, signal);
      const events = at(there, 'events');
      const change = { ...body, calendar_id: CALENDAR_ID, events: Array.isArray(events) ? events : [] };
      taken(await server.send({ method: 'PUT', path, body: change }, signal), `PUT ${path}`);
    },
    async remove(server, signal): Promise<void> {
      const reply = await server.send({ method: 'DELETE', path }, signal);
      if (reply.status !== 404) taken(reply, `DELETE ${path}`);
    },
  };
}
