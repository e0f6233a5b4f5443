import { compileFilter, withoutCovered } from './filters.js';
import { aclAdvice } from './words.js';
/** Reason codes from here on are refusals (MQTT 3.1.1 §3.9.3, MQTT 5 §3.9.3). */
const REFUSAL = 0x80;
/** What a mirror wants from its broker and what the broker's session holds for it; brings the two together. */
export class Subscriptions {
    wanted;
    five;
    user;
    held = new Set();
    refusals = [];
    /** @param config of the mirror */
    constructor(config) {
        const filters = withoutCovered(config.topics.map(({ filter, qos }) => ({ filter: compileFilter(filter).filter, qos })));
        this.wanted = filters.map((one, i) => ({ ...one, id: filters.length > 1 ? i + 1 : undefined }));
        this.five = config.protocol === 5;
        this.user = config.user;
    }
    /** Filters that the session holds. */
    get filters() {
        return [...this.held];
    }
    /** Why filters are refused, and what would allow them; one sentence each. */
    get refused() {
        return this.refusals;
    }
    /** The session holds these, as far as is known: those of an earlier run, or none when it is new. */
    assume(filters) {
        this.held = new Set(filters);
    }
    /**
     * Asks for what is missing and gives back what an earlier configuration has left behind.
     * @throws Error when the connection ends first
     */
    async bring(client, { properties }) {
        const names = new Set(this.wanted.map(({ filter }) => filter));
        for (const filter of this.filters.filter((held) => !names.has(held))) {
            await client.unsubscribeAsync(filter);
            this.held.delete(filter);
        }
        const ids = this.five && properties?.subscriptionIdentifiersAvailable !== false;
        const refused = [];
        for (const one of this.wanted.filter(({ filter }) => !this.held.has(filter))) {
            const code = await this.subscribe(client, one, ids ? one.id : undefined);
            if (code < REFUSAL)
                this.held.add(one.filter);
            else
                refused.push(aclAdvice(one.filter, this.user));
        }
        this.refusals = refused;
    }
    /** @returns the broker's reason code */
    subscribe(client, { filter, qos }, id) {
        // No Local is an error for a shared subscription (MQTT 5 §3.8.3.1).
        const noLocal = !filter.startsWith('$share/');
        const wish = {
            [filter]: { qos, ...(this.five && { nl: noLocal, rap: true, rh: 1 }) },
        };
        const properties = id === undefined ? {} : { properties: { subscriptionIdentifier: id } };
        return new Promise((resolve, reject) => {
            client.subscribe(wish, { qos, ...properties }, (error, _granted, packet) => {
                const code = packet?.granted?.[0];
                if (code !== undefined)
                    resolve(Number(code));
                else
                    reject(error ?? new Error(`no answer to the subscription of ${filter}`));
            });
        });
    }
}
