import { DASHBOARDS } from '../kibana/dashboards/index.ts';
import { indexPattern } from '../kibana/data-views.ts';
import { JOBS } from '../kibana/jobs/index.ts';
import type { Job } from '../kibana/jobs/job.ts';
import type { Dashboard } from '../kibana/panel.ts';
import { RULES } from '../kibana/rules/index.ts';
import type { Rule } from '../kibana/rules/rule.ts';
import { kql } from '../questions/query/kql.ts';
import { table } from './markdown.ts';

const MADE = 'Generated from the definitions by `npm run generate`.';

/** Pages about what is shipped for Kibana, by their path from the top level. */
export function kibanaPages(): Readonly<Record<string, string>> {
  return {
    ...Object.fromEntries(
      DASHBOARDS.map((dashboard) => [`docs/kibana/${dashboard.id}.md`, dashboardPage(dashboard)]),
    ),
    'docs/kibana/rules.md': rulesPage(),
    'docs/kibana/jobs.md': jobsPage(),
  };
}

function dashboardPage({ title, description, panels, controls }: Dashboard): string {
  const lists = controls.map((control) =>
    'time' in control ? 'time' : `${control.title} (\`${control.field}\`)`,
  );
  const rows = panels.map((panel) => {
    if ('search' in panel) return [panel.title, panel.question, `saved search \`${panel.search}\``];
    const { view, where } = panel;
    const events = where === undefined ? 'all' : `\`${kql(where)}\``;
    return [panel.title, panel.question, `\`${indexPattern(view, '*')}\`: ${events}`];
  });
  return `# ${title}\n\n${MADE}\n\n${description}\n\nControls: ${lists.join(', ')}.\n\n${table(['panel', 'what it answers', 'events'], rows)}`;
}

function rulesPage(): string {
  const rows = RULES.map((rule) => [
    `\`${rule.id}\``,
    rule.name,
    when(rule),
    rule.advice,
    rule.off ? 'off' : 'on',
  ]);
  return [
    `# Alert rules\n\n${MADE}\n`,
    'Rules named "twin-…" stand in for the jobs of machine learning where the licence has none. Rules that are off report what is normal on some brokers: switch on what fits yours.\n',
    table(['rule', 'finds', 'when', 'what it means, what to do', 'at first'], rows),
  ].join('\n');
}

function when({ trigger }: Rule): string {
  const by = 'by' in trigger && trigger.by !== undefined ? ` by \`${trigger.by}\`` : '';
  switch (trigger.kind) {
    case 'count':
      return `more than ${trigger.over} events in ${trigger.minutes} minutes${by}`;
    case 'quiet':
      return `nothing for ${trigger.minutes} minutes, but within ${trigger.hours} hours${by}`;
    case 'fresh':
      return `a \`${trigger.who}\` first seen within ${trigger.minutes} minutes, of ${trigger.days} days${trigger.within ? `, where others of the same \`${trigger.within}\` were before` : ''}`;
    case 'surge':
      return `${trigger.average ? `the average of \`${trigger.average}\`` : 'events'} of ${trigger.minutes} minutes at least ${trigger.atLeast}, and over ${trigger.factor} times the usual of ${trigger.hours} hours${by}`;
    case 'breadth':
      return `more than ${trigger.over} different \`${trigger.different}\` in ${trigger.minutes} minutes${by}`;
    case 'late':
      return `more than ${trigger.seconds} s from \`event.created\` to \`event.ingested\` in ${trigger.minutes} minutes${by}`;
  }
}

function jobsPage(): string {
  const rows = JOBS.map((job) => [
    `\`${job.id}\``,
    job.description,
    analysis(job),
    job.bucket,
    job.memory,
    `\`${job.twin}\``,
  ]);
  return [
    `# Machine-learning jobs\n\n${MADE}\n`,
    'Installed as one module, started with `--start`. Every find has a link to a dashboard. The calendar `mqtt-maintenance` holds what is planned: enter it before it happens.\n',
    table(['job', 'finds', 'analysis', 'bucket', 'memory', 'without machine learning'], rows),
  ].join('\n');
}

function analysis({ detector }: Job): string {
  const words: string[] = [detector.function];
  if ('field' in detector) words.push(`of \`${detector.field}\``);
  if ('by' in detector) words.push(`by \`${detector.by}\``);
  if ('over' in detector && detector.over) words.push(`over \`${detector.over}\``);
  if ('partition' in detector && detector.partition) words.push(`for each \`${detector.partition}\``);
  return words.join(' ');
}
