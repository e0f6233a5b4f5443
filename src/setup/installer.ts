import { BlockedError, reasonOf, UsageError } from '../core/errors.ts';
import { matchesWildcard } from '../core/text/wildcard.ts';
import { type Asset, Refused, type Server, type State } from './asset.ts';

/** An asset and how the server stands to it. */
export interface Step {
  readonly asset: Asset;
  readonly found: State;
}

/** What became of an asset. */
export type Outcome = 'created' | 'updated' | 'unchanged' | 'removed' | 'absent' | 'stays';

/** @param why of what stays */
export type Tell = (outcome: Outcome, asset: Asset, why?: string) => void;

/** How many assets are compared at a time. */
const AT_ONCE = 4;

/**
 * The assets that `--only` names: each word is a kind or a name, `*` stands for any text; no word: all.
 * @throws UsageError for a word that names nothing
 */
export function select(assets: readonly Asset[], only: readonly string[]): readonly Asset[] {
  if (only.length === 0) return assets;
  const isNamed = ({ kind, name }: Asset, word: string): boolean =>
    kind === word || matchesWildcard(word, name);
  const useless = only.find((word) => !assets.some((asset) => isNamed(asset, word)));
  if (useless !== undefined) {
    const kinds = [...new Set(assets.map(({ kind }) => kind))].join(', ');
    throw new UsageError(`--only ${useless}: nothing is called that; write a name, or one of ${kinds}`);
  }
  return assets.filter((asset) => only.some((word) => isNamed(asset, word)));
}

/** Looks at what is on the server; changes nothing. */
export async function compare(
  assets: readonly Asset[],
  server: Server,
  signal: AbortSignal,
): Promise<readonly Step[]> {
  const steps: Step[] = [];
  const waiting = [...assets.entries()];
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const [i, asset] = next;
      steps[i] = { asset, found: await asset.find(server, signal) };
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return steps;
}

/** Installs what is absent or different, in order. @throws BlockedError that says what was done and what was not */
export async function install(
  steps: readonly Step[],
  server: Server,
  tell: Tell,
  signal: AbortSignal,
): Promise<void> {
  await inOrder(steps, 'install', async ({ asset, found }) => {
    if (found !== 'same') await asset.install(server, found, signal);
    tell(found === 'same' ? 'unchanged' : found === 'absent' ? 'created' : 'updated', asset);
    return found !== 'same';
  });
}

/**
 * Removes what is there, in the opposite order. What the server does not let go stays, and the rest goes.
 * @throws BlockedError when something stays, or that says what was done and what was not
 */
export async function uninstall(
  steps: readonly Step[],
  server: Server,
  tell: Tell,
  signal: AbortSignal,
): Promise<void> {
  let staying = 0;
  await inOrder(steps.toReversed(), 'remove', async ({ asset, found }) => {
    try {
      if (found !== 'absent') await asset.remove(server, signal);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      staying++;
      tell('stays', asset, error.message);
      return false;
    }
    tell(found === 'absent' ? 'absent' : 'removed', asset);
    return found !== 'absent';
  });
  if (staying === 0) return;
  throw new BlockedError(
    `${staying} of ${steps.length} stay, and why is said above: mend that, and run the same command again`,
  );
}

/** @param work returns whether it changed anything */
async function inOrder(
  steps: readonly Step[],
  verb: string,
  work: (step: Step) => Promise<boolean>,
): Promise<void> {
  const done: string[] = [];
  for (const [i, step] of steps.entries()) {
    try {
      if (await work(step)) done.push(label(step.asset));
    } catch (error) {
      const rest = steps.slice(i + 1).map(({ asset }) => label(asset));
      throw new BlockedError(
        `could not ${verb} ${label(step.asset)}: ${reasonOf(error)}\n` +
          `done before: ${done.join(', ') || 'nothing'}\nnot tried: ${rest.join(', ') || 'nothing'}\n` +
          'Run the same command again when that is mended: what is done already stays.',
        { cause: error },
      );
    }
  }
}

/** `index-templates logs-mqtt.message`. */
export function label({ kind, name }: Asset): string {
  return `${kind} ${name}`;
}
