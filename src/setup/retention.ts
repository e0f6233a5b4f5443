import { UsageError } from '../core/errors.ts';
import { hint } from '../core/text/suggest.ts';
import { DATASETS } from '../ecs/actions.ts';

/** Days that are kept where nothing else is said. */
const DAYS: Readonly<Record<string, number>> = { message: 7, packet: 7, audit: 365 };
const OTHER_DAYS = 30;

const NAMES: readonly string[] = DATASETS.map((dataset) => dataset.replace(/^mqtt\./, ''));

/** How long the events of a dataset (without `mqtt.`) are kept, in days. */
export function retentionDays(dataset: string, chosen: Readonly<Record<string, number>>): number {
  return chosen[dataset] ?? DAYS[dataset] ?? OTHER_DAYS;
}

/** Reads `message=14d`. @throws UsageError with what to write */
export function readRetention(texts: readonly string[]): Readonly<Record<string, number>> {
  const chosen: Record<string, number> = {};
  for (const text of texts) {
    const [, dataset = '', days] = /^(?:mqtt\.)?([a-z]+)=([1-9]\d{0,4})d$/.exec(text) ?? [];
    if (days === undefined)
      throw new UsageError(`--retain ${text}: write DATASET=DAYSd, as in --retain message=14d`);
    if (!NAMES.includes(dataset))
      throw new UsageError(`--retain ${text}: no such dataset; ${hint(dataset, NAMES)}`);
    chosen[dataset] = Number(days);
  }
  return chosen;
}
