import type { PayloadPolicy } from '../core/mqtt/payload.ts';

/** The client of the broker that an input is: what those must know who read its messages, and the broker's log. */
export interface Subscriber {
  readonly clientId: string;
  /** What the broker's log tells of its own connection makes no events. */
  readonly isLeftOut: boolean;
  /** It gets lines of the broker's log because they were asked for. */
  readonly wantsLog: boolean;
  /** Topics whose messages are records of the broker, besides those that the dialect knows. */
  readonly events: readonly string[];
  /** Filters with levels that become labels. */
  readonly labelled: readonly LabelledFilter[];
  readonly payload: PayloadPolicy;
}

/** A topic filter as the broker gets it, and the labels that its named levels give. */
export interface LabelledFilter {
  readonly filter: string;
  readonly labels: readonly LevelLabel[];
}

/** A level of a topic that becomes a label. */
export interface LevelLabel {
  readonly level: number;
  readonly name: string;
}
