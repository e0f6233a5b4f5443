import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { moduleObjects } from '../../../src/kibana/content.ts';
import { DASHBOARDS } from '../../../src/kibana/dashboards/index.ts';
import { datasetOf } from '../../../src/kibana/data-views.ts';
import { JOBS } from '../../../src/kibana/jobs/index.ts';
import { calendarBody, datafeedConfig, jobConfig } from '../../../src/kibana/jobs/job.ts';
import { RULES } from '../../../src/kibana/rules/index.ts';
import { fieldsOf } from '../../../src/questions/query/query.ts';
import { assertField } from '../../support/kibana/fields.ts';

/** Arrays are joined to one text by the jobs. */
const ARRAYS = ['event.category', 'event.type', 'related.ip', 'related.user', 'tags'];

describe('machine-learning jobs', () => {
  it('are ten, with ids that Elasticsearch takes', () => {
    assert.equal(new Set(JOBS.map(({ id }) => id)).size, 10);
    for (const { id } of JOBS) assert.match(id, /^[a-z0-9](?:[a-z0-9_-]{0,62}[a-z0-9])?$/);
  });

  it('keep the rules of each function', () => {
    for (const job of JOBS) {
      const { analysis_config: analysis, data_description: data } = jobConfig(job);
      assert.equal(data.time_field, '@timestamp');
      const minutes = Number(/^(\d+)m$/.exec(String(analysis.bucket_span))?.[1]);
      assert.equal((24 * 60) % minutes, 0, job.id);
      for (const detector of analysis.detectors) {
        const {
          function: name = '',
          field_name,
          by_field_name,
          over_field_name,
          partition_field_name,
        } = detector;
        const counts = ['count', 'high_count', 'low_count', 'rare'].includes(name);
        assert.equal(field_name === undefined, counts, job.id);
        if (name === 'rare') assert.ok(by_field_name !== undefined && minutes < 60, job.id);
        if (name === 'high_mean') assertField(String(field_name), datasetOf(job.view), 'number');
        for (const field of [
          by_field_name,
          over_field_name,
          partition_field_name,
          ...(analysis.influencers ?? []),
        ]) {
          if (field === undefined) continue;
          assertField(String(field), datasetOf(job.view), 'term');
          assert.ok(
            !ARRAYS.includes(String(field)) && !['by', 'over', 'count'].includes(String(field)),
            job.id,
          );
        }
        const split = [by_field_name, over_field_name, partition_field_name].filter(
          (field) => field !== undefined,
        );
        assert.equal(new Set(split).size, split.length);
      }
    }
  });

  it('their datafeeds read events that are there', () => {
    for (const job of JOBS) {
      const { indices, query } = datafeedConfig(job, '*');
      assert.deepEqual(indices, [`logs-${datasetOf(job.view)}-*`]);
      assert.ok(query);
      for (const field of fieldsOf(job.where)) assertField(field, datasetOf(job.view), 'value');
    }
  });

  it('each leads back to a dashboard, with the fields that it tells apart', () => {
    for (const job of JOBS) {
      const { custom_urls: urls } = jobConfig(job).custom_settings as {
        custom_urls: { url_value: string }[];
      };
      const [, id, query = ''] =
        /^dashboards#\/view\/([a-z-]+)\?.*query:'(.*)'\)\)$/.exec(urls[0]?.url_value ?? '') ?? [];
      assert.ok(
        DASHBOARDS.some((dashboard) => dashboard.id === id),
        job.id,
      );
      const named = [...query.matchAll(/([\w.]+):"\$([\w.]+)\$"/g)];
      assert.ok(named.length > 0, job.id);
      for (const [, field, token] of named) assert.equal(field, token);
    }
  });

  it('each has a rule for where there is no machine learning', () => {
    for (const { id, twin } of JOBS)
      assert.ok(
        RULES.some((rule) => rule.id === twin),
        id,
      );
  });

  it('are one module, and in the groups that Elastic Security looks for', () => {
    const [module] = moduleObjects('*');
    assert.ok(module);
    const { jobs, datafeeds } = module.attributes as {
      jobs: { id: string; config: { groups: string[] } }[];
      datafeeds: { id: string; job_id: string; config: { job_id: string } }[];
    };
    assert.deepEqual(
      jobs.map(({ id }) => id),
      JOBS.map(({ id }) => id),
    );
    for (const { config } of jobs) assert.ok(config.groups.includes('security'));
    for (const [i, { id, job_id, config }] of datafeeds.entries()) {
      assert.equal(job_id, jobs[i]?.id);
      assert.equal(config.job_id, job_id);
      assert.equal(id, `datafeed-${job_id}`);
    }
    assert.deepEqual(
      calendarBody(JOBS).job_ids,
      JOBS.map(({ id }) => id),
    );
  });
});
