import type { estypes } from '@elastic/elasticsearch';
import { dsl } from '../../questions/query/dsl.ts';
import type { NumberField, Query, TermField, WordField } from '../../questions/query/query.ts';
import { indexPattern, type View } from '../data-views.ts';
import { type SavedObject, tagReferences } from '../saved-object.ts';

type Counting = {
  readonly function: 'count' | 'high_count' | 'low_count';
  readonly over?: TermField;
  readonly partition?: WordField;
};
type Rare = {
  readonly function: 'rare';
  readonly by: WordField;
  readonly partition?: TermField;
};
type Measuring = {
  readonly function: 'high_mean';
  readonly field: NumberField;
  readonly partition?: WordField;
};
type Distinct = {
  readonly function: 'high_distinct_count';
  readonly field: WordField;
  readonly over: WordField;
};

/** An anomaly detection job. The types hold what Elasticsearch asks of each function. */
export interface Job {
  readonly id: string;
  /** What it finds, and what to do then. */
  readonly description: string;
  readonly view: View;
  readonly where: Query;
  readonly detector: Counting | Rare | Measuring | Distinct;
  readonly bucket: '5m' | '15m';
  readonly influencers: readonly TermField[];
  readonly memory: '32mb' | '128mb' | '256mb';
  /** Finds of a client or an address lead to its events; others to a dashboard. */
  readonly dashboard: string;
  /** The rule that stands in for it where the licence has no machine learning. */
  readonly twin: string;
}

export const MODULE_ID = 'brokertap-mqtt';
export const CALENDAR_ID = 'mqtt-maintenance';
/** Groups of every job; in the second Elastic Security looks for jobs. */
const GROUPS = ['mqtt', 'security'];

type JobConfig = Omit<estypes.MlPutJobRequest, 'job_id'>;
type DatafeedConfig = Omit<estypes.MlPutDatafeedRequest, 'datafeed_id'>;

export function datafeedId(job: Job): string {
  return `datafeed-${job.id}`;
}

/** The job, as `PUT _ml/anomaly_detectors/<id>` takes it. */
export function jobConfig(job: Job): JobConfig {
  const { detector } = job;
  return {
    description: job.description,
    groups: GROUPS,
    analysis_config: {
      bucket_span: job.bucket,
      detectors: [
        {
          detector_description: job.description.split(/[.:;]/, 1)[0] ?? job.id,
          function: detector.function,
          ...('field' in detector && { field_name: detector.field }),
          ...('by' in detector && { by_field_name: detector.by }),
          ...('over' in detector && detector.over && { over_field_name: detector.over }),
          ...('partition' in detector && detector.partition && { partition_field_name: detector.partition }),
        },
      ],
      influencers: [...job.influencers],
    },
    analysis_limits: { model_memory_limit: job.memory },
    data_description: { time_field: '@timestamp', time_format: 'epoch_ms' },
    // The types of the client know only `custom_settings: any`.
    custom_settings: { created_by: `ml-module-${MODULE_ID}`, custom_urls: [dashboardUrl(job)] },
    allow_lazy_open: true,
  };
}

/** The datafeed, as `PUT _ml/datafeeds/<id>` takes it. */
export function datafeedConfig(job: Job, namespace: string): DatafeedConfig {
  return {
    job_id: job.id,
    indices: [indexPattern(job.view, namespace)],
    query: dsl(job.where),
    query_delay: '90s',
    indices_options: { allow_no_indices: true, ignore_unavailable: true },
  };
}

/** Opens the dashboard at the time of the anomaly, filtered by what it is about. */
function dashboardUrl(job: Job): object {
  const { detector } = job;
  const about = [
    'partition' in detector ? detector.partition : undefined,
    'over' in detector ? detector.over : undefined,
    'by' in detector ? detector.by : undefined,
  ].filter((field) => field !== undefined);
  const query = about.map((field) => `${field}:"$${field}$"`).join(' and ');
  const global =
    "(filters:!(),refreshInterval:(pause:!t,value:0),time:(from:'$earliest$',mode:absolute,to:'$latest$'))";
  return {
    url_name: 'Dashboard',
    time_range: 'auto',
    url_value: `dashboards#/view/${job.dashboard}?_g=${global}&_a=(filters:!(),query:(language:kuery,query:'${query}'))`,
  };
}

/** All jobs and datafeeds as one module, which Kibana offers and installs. */
export function moduleObject(jobs: readonly Job[], namespace: string): SavedObject {
  return {
    id: MODULE_ID,
    type: 'ml-module',
    attributes: {
      id: MODULE_ID,
      title: 'MQTT brokers',
      description: 'Ten jobs that learn what brokers and their clients usually do.',
      type: 'MQTT broker logs',
      logo: { icon: 'machineLearningApp' },
      defaultIndexPattern: indexPattern('mqtt-logs', namespace),
      query: { bool: { filter: [{ term: { 'event.module': 'mqtt' } }] } },
      jobs: jobs.map((job) => ({ id: job.id, config: jobConfig(job) })),
      datafeeds: jobs.map((job) => ({
        id: datafeedId(job),
        job_id: job.id,
        config: datafeedConfig(job, namespace),
      })),
    },
    references: tagReferences(),
  };
}

/** The calendar: what is entered there as maintenance teaches no job and raises no alarm. */
export function calendarBody(jobs: readonly Job[]): {
  calendarId: string;
  description: string;
  job_ids: string[];
  events: [];
} {
  return {
    calendarId: CALENDAR_ID,
    description:
      'Maintenance of brokers: enter its times, and the jobs neither learn from them nor report them.',
    job_ids: jobs.map(({ id }) => id),
    events: [],
  };
}
