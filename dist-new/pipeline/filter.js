import { matchesFilter } from '../core/topic.js';
import { matchesWildcard } from '../core/wildcard.js';
import { ACTIONS } from '../ecs/actions.js';
/**
 * Decides which events go on. What depends on the kind alone is decided once per kind, so that a filter by action or
 * level costs nothing per event.
 */
export class Filter {
    lists;
    own;
    verdicts = new Map();
    /**
     * @param lists an event has to pass each of them
     * @param own client ids of the probe itself: events about them are left out
     */
    constructor(lists, own) {
        this.lists = lists.filter((l) => (l.include?.length ?? 0) + (l.exclude?.length ?? 0) > 0);
        this.own = own;
    }
    passes(kind, values) {
        let verdict = this.verdicts.get(kind);
        if (verdict === undefined) {
            verdict = this.decide(kind);
            this.verdicts.set(kind, verdict);
        }
        return typeof verdict === 'string' ? verdict === 'pass' : verdict(values);
    }
    decide(kind) {
        const tests = [];
        if (this.own.size > 0 && kind.action !== 'input-gap') {
            const slots = ['mqtt.client.id', 'mqtt.publisher.client.id'].map((name) => kind.slots.indexOf(name));
            for (const slot of slots.filter((s) => s >= 0)) {
                tests.push((values) => !this.own.has(String(values[slot])));
            }
        }
        for (const { include, exclude } of this.lists) {
            if (include !== undefined && include.length > 0) {
                const wanted = either(include.map((entry) => compile(entry, kind)));
                if (wanted === 'drop')
                    return 'drop';
                if (wanted !== 'pass')
                    tests.push(wanted);
            }
            const unwanted = either((exclude ?? []).map((entry) => compile(entry, kind)));
            if (unwanted === 'pass')
                return 'drop';
            if (unwanted !== 'drop')
                tests.push((values) => !unwanted(values));
        }
        return tests.length === 0 ? 'pass' : (values) => tests.every((test) => test(values));
    }
}
function either(verdicts) {
    if (verdicts.includes('pass'))
        return 'pass';
    const tests = verdicts.filter((v) => typeof v !== 'string');
    return tests.length === 0 ? 'drop' : (values) => tests.some((test) => test(values));
}
function compile(entry, kind) {
    const fixed = [
        [entry.action, kind.action],
        [entry.dataset, ACTIONS[kind.action].dataset],
    ];
    for (const [patterns, value] of fixed) {
        if (patterns !== undefined && !matchesAny(patterns, value))
            return 'drop';
    }
    const tests = [];
    const add = (patterns, field, match) => {
        if (patterns === undefined)
            return true;
        const slot = kind.slots.indexOf(field);
        const constant = kind.constants[field] ?? (field === 'log.level' ? kind.level : undefined);
        if (slot === -1)
            return constant !== undefined && match(patterns, String(constant));
        tests.push((values) => values[slot] !== undefined && match(patterns, String(values[slot])));
        return true;
    };
    const possible = add(entry.level, 'log.level', matchesAny) &&
        add(entry.client, 'mqtt.client.id', matchesAny) &&
        add(entry.topic, kind.slots.includes('mqtt.topic') ? 'mqtt.topic' : 'mqtt.subscription.filter', matchesTopic);
    if (!possible)
        return 'drop';
    return tests.length === 0 ? 'pass' : (values) => tests.every((test) => test(values));
}
function matchesAny(patterns, value) {
    return value !== undefined && patterns.some((pattern) => matchesWildcard(pattern, value));
}
function matchesTopic(filters, topic) {
    return topic !== undefined && filters.some((filter) => filter === topic || matchesFilter(filter, topic));
}
