import { BlockedError, reasonOf, UsageError } from '../core/errors.js';
import { matchesWildcard } from '../core/wildcard.js';
/** How many assets are compared at a time. */
const AT_ONCE = 4;
/**
 * The assets that `--only` names: each word is a kind or a name, `*` stands for any text; no word: all.
 * @throws UsageError for a word that names nothing
 */
export function select(assets, only) {
    if (only.length === 0)
        return assets;
    const isNamed = ({ kind, name }, word) => kind === word || matchesWildcard(word, name);
    const useless = only.find((word) => !assets.some((asset) => isNamed(asset, word)));
    if (useless !== undefined) {
        const kinds = [...new Set(assets.map(({ kind }) => kind))].join(', ');
        throw new UsageError(`--only ${useless}: nothing is called that; write a name, or one of ${kinds}`);
    }
    return assets.filter((asset) => only.some((word) => isNamed(asset, word)));
}
/** Looks at what is on the server; changes nothing. */
export async function compare(assets, server, signal) {
    const steps = [];
    const waiting = [...assets.entries()];
    const work = async () => {
        for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
            const [i, asset] = next;
            steps[i] = { asset, found: await asset.find(server, signal) };
        }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    return steps;
}
/** Installs what is absent or different, in order. @throws BlockedError that says what was done and what was not */
export async function install(steps, server, tell, signal) {
    await inOrder(steps, 'install', async ({ asset, found }) => {
        if (found !== 'same')
            await asset.install(server, found, signal);
        tell(found === 'same' ? 'unchanged' : found === 'absent' ? 'created' : 'updated', asset);
        return found !== 'same';
    });
}
/** Removes what is there, in the opposite order. @throws BlockedError that says what was done and what was not */
export async function uninstall(steps, server, tell, signal) {
    await inOrder(steps.toReversed(), 'remove', async ({ asset, found }) => {
        if (found !== 'absent')
            await asset.remove(server, signal);
        tell(found === 'absent' ? 'absent' : 'removed', asset);
        return found !== 'absent';
    });
}
/** @param work returns whether it changed anything */
async function inOrder(steps, verb, work) {
    const done = [];
    for (const [i, step] of steps.entries()) {
        try {
            if (await work(step))
                done.push(label(step.asset));
        }
        catch (error) {
            const rest = steps.slice(i + 1).map(({ asset }) => label(asset));
            throw new BlockedError(`could not ${verb} ${label(step.asset)}: ${reasonOf(error)}\n` +
                `done before: ${done.join(', ') || 'nothing'}\nnot tried: ${rest.join(', ') || 'nothing'}\n` +
                'Run the same command again when that is mended: what is done already stays.', { cause: error });
        }
    }
}
/** `index-templates logs-mqtt.message`. */
export function label({ kind, name }) {
    return `${kind} ${name}`;
}
