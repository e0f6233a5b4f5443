import { streamType } from '../../ecs/actions.ts';

/** What the things of one installation are called. With a namespace they stand beside those for all namespaces. */
export class Names {
  private readonly suffix: string;
  private readonly namespace: string;

  /** @param namespace undefined: all */
  constructor(namespace: string | undefined) {
    this.namespace = namespace ?? '*';
    this.suffix = namespace === undefined ? '' : `-${namespace}`;
  }

  /** The data streams of a dataset (with `mqtt.`): `logs-mqtt.message-*`. */
  streams(dataset: string): string {
    return `${streamType(dataset)}-${dataset}-${this.namespace}`;
  }

  /** A template for one namespace wins over one for all. */
  get priority(): number {
    return this.suffix === '' ? 500 : 550;
  }

  indexTemplate(dataset: string): string {
    return `${streamType(dataset)}-${dataset}${this.suffix}`;
  }

  component(of: string, what: 'mappings' | 'settings' | 'lifecycle'): string {
    return `${of}@${what}${this.suffix}`;
  }

  get pipeline(): string {
    return `mqtt@default-pipeline${this.suffix}`;
  }

  policy(dataset: string): string {
    return `${dataset}${this.suffix}`;
  }
}
