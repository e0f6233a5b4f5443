import { BlockedError } from '../../core/errors.js';
import { isRecord } from './answer.js';
/** First version of Elasticsearch whose bulk API knows `require_data_stream`. */
const REQUIRES_DATA_STREAM = [8, 13];
/** What the server is, and whether it makes data streams of our names. */
export class Server {
    /** Undefined: not known yet, or a server that does not tell. */
    flavor;
    /** Name and version for people. */
    words = '';
    /** The server itself refuses what is no data stream. */
    refusesIndices = false;
    cluster;
    expected;
    verified = new Set();
    /** @param expected what the configuration says that it is */
    constructor(cluster, expected) {
        this.cluster = cluster;
        this.expected = expected;
    }
    /** Asks the server what it is. @throws RetryableError when it does not answer, BlockedError when it is the wrong one */
    async identify(signal) {
        const answer = await this.cluster.request('GET', '/', {}, signal);
        const root = answer.status === 200 ? json(answer) : undefined;
        const version = isRecord(root?.version) ? root.version : {};
        const number = String(version.number ?? '');
        const found = flavorOf(root, version);
        if (found === undefined) {
            // Something may stand before it that hides the root; whoever has named the flavor is believed.
            const hidden = this.expected !== 'auto' && answer.isJson && [404, 405].includes(answer.status);
            if (!hidden)
                throw this.cluster.problem('the question what it is', answer);
        }
        else if (this.expected !== 'auto' && this.expected !== found) {
            throw new BlockedError(`${this.cluster.place} is ${found} ${number} and not ${this.expected}: set "flavor" to ${found} or auto`);
        }
        this.flavor = found ?? (this.expected === 'auto' ? undefined : this.expected);
        this.words = `${this.flavor} ${number}${typeof root?.cluster_name === 'string' ? `, cluster ${root.cluster_name}` : ''}`;
        this.refusesIndices = found === 'serverless' || (found === 'elasticsearch' && isAtLeast(number));
    }
    /**
     * Makes sure that each of the names is a data stream or will become one; asks once for each.
     * @throws BlockedError with what to do when a plain index is or would be there
     */
    async verify(streams, signal) {
        const unknown = [...streams].filter((stream) => !this.verified.has(stream));
        if (unknown.length === 0)
            return;
        let templates;
        const missing = [];
        for (const stream of unknown) {
            const there = await this.resolve(stream, signal);
            if (there === 'index') {
                throw new BlockedError(`${this.cluster.place}: ${stream} is an index and no data stream: move its documents away, delete it, and run ${this.setup()}`);
            }
            if (there === 'nothing') {
                templates ??= await this.templates(signal);
                if (templates !== undefined && !makesDataStream(templates, stream))
                    missing.push(stream);
            }
        }
        if (missing.length > 0) {
            throw new BlockedError(`${this.cluster.place}: no index template makes a data stream of ${missing.join(', ')}: run ${this.setup()}`);
        }
        for (const stream of unknown)
            this.verified.add(stream);
    }
    /** Forgets what was found out: an item was refused because its target is not what it was. */
    forget() {
        this.verified.clear();
    }
    /** The command that makes it ready. */
    setup() {
        return `"brokertap setup ${this.flavor === 'opensearch' ? 'opensearch' : 'elasticsearch'}"`;
    }
    /** `unknown`: we may not look. */
    async resolve(stream, signal) {
        const path = `/_resolve/index/${encodeURIComponent(stream)}`;
        const answer = await this.cluster.request('GET', path, {}, signal);
        this.refuseTrouble('a look at its data streams', answer);
        if (answer.status === 404)
            return 'nothing';
        const found = answer.status === 200 ? json(answer) : undefined;
        if (found === undefined)
            return 'unknown';
        const has = (list) => Array.isArray(list) && list.length > 0;
        if (has(found.data_streams))
            return 'stream';
        return has(found.indices) || has(found.aliases) ? 'index' : 'nothing';
    }
    /** Undefined: we may not look. */
    async templates(signal) {
        const keys = ['index_patterns', 'priority', 'data_stream'].map((key) => `index_templates.index_template.${key}`);
        const query = { filter_path: ['index_templates.name', ...keys].join() };
        const answer = await this.cluster.request('GET', '/_index_template', query, signal);
        this.refuseTrouble('a look at its index templates', answer);
        const found = answer.status === 200 ? json(answer) : undefined;
        return found === undefined ? undefined : templatesOf(found);
    }
    refuseTrouble(what, answer) {
        const { status, isJson } = answer;
        if (status === 401 || status === 429 || status >= 500 || !isJson)
            throw this.cluster.problem(what, answer);
    }
}
/** As the servers choose: of all templates whose pattern fits, the one with the highest priority. */
function makesDataStream(templates, name) {
    const fitting = templates.filter(({ patterns }) => patterns.some((pattern) => fits(pattern, name)));
    const best = fitting.sort((a, b) => b.priority - a.priority)[0];
    return best?.isDataStream === true;
}
function fits(pattern, name) {
    const [first = '', ...rest] = pattern.split('*');
    if (!name.startsWith(first))
        return false;
    if (rest.length === 0)
        return name === first;
    const last = rest.pop() ?? '';
    let at = first.length;
    for (const part of rest) {
        const found = name.indexOf(part, at);
        if (found === -1)
            return false;
        at = found + part.length;
    }
    return name.length - last.length >= at && name.endsWith(last);
}
function templatesOf(answer) {
    const list = Array.isArray(answer.index_templates) ? answer.index_templates : [];
    return list.map((entry) => {
        const template = isRecord(entry) && isRecord(entry.index_template) ? entry.index_template : {};
        const patterns = Array.isArray(template.index_patterns) ? template.index_patterns.map(String) : [];
        return {
            patterns,
            priority: typeof template.priority === 'number' ? template.priority : 0,
            isDataStream: template.data_stream !== undefined,
        };
    });
}
function flavorOf(root, version) {
    if (version.distribution === 'opensearch')
        return 'opensearch';
    if (root?.tagline !== 'You Know, for Search')
        return undefined;
    return version.build_flavor === 'serverless' ? 'serverless' : 'elasticsearch';
}
function isAtLeast(version) {
    const [major = 0, minor = 0] = version.split('.').map(Number);
    const [wanted = 0, wantedMinor = 0] = REQUIRES_DATA_STREAM;
    return major > wanted || (major === wanted && minor >= wantedMinor);
}
function json({ body }) {
    try {
        const value = JSON.parse(body);
        return isRecord(value) ? value : undefined;
    }
    catch {
        return undefined;
    }
}
