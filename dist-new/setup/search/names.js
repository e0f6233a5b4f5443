import { streamType } from '../../ecs/actions.js';
/** What the things of one installation are called. With a namespace they stand beside those for all namespaces. */
export class Names {
    suffix;
    namespace;
    /** @param namespace undefined: all */
    constructor(namespace) {
        this.namespace = namespace ?? '*';
        this.suffix = namespace === undefined ? '' : `-${namespace}`;
    }
    /** The data streams of a dataset (with `mqtt.`): `logs-mqtt.message-*`. */
    streams(dataset) {
        return `${streamType(dataset)}-${dataset}-${this.namespace}`;
    }
    /** A template for one namespace wins over one for all. */
    get priority() {
        return this.suffix === '' ? 500 : 550;
    }
    indexTemplate(dataset) {
        return `${streamType(dataset)}-${dataset}${this.suffix}`;
    }
    component(of, what) {
        return `${of}@${what}${this.suffix}`;
    }
    get pipeline() {
        return `mqtt@default-pipeline${this.suffix}`;
    }
    policy(dataset) {
        return `${dataset}${this.suffix}`;
    }
}
